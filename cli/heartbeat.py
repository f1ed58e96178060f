"""``disruptions heartbeat``: say for a recorder that it is alive, and how far its sequence has come."""

import math
from collections.abc import Callable
from threading import Event
from typing import Annotated, Final

import typer

from infra.exhaustion import watch_exhaustion
from infra.settings import Settings, load_settings
from infra.status import WORKING, end_trouble, report_trouble, take_part, wait_alive
from ledger.errors import Unavailable
from ledger.heartbeats import SEQUENCE_MAX
from local.process_list import HEARTBEAT, name_apart
from local.signals import stop_on_signals
from producers.delivery import Position
from producers.heartbeats import HeartbeatSender, hold_interval
from producers.last_numbers import read_last_numbers
from producers.publisher import OUTBOX
from queries.choices import choose_organisation
from queries.client import report_nothing_runs
from schemas.codec import Codec
from schemas.registry import resolve_ids
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

AWAY: Final = "away"


def send_heartbeats(
    org: Annotated[str, typer.Option("--org", metavar="ORG", help="The recorder, by its slug.")],
    sequence: Annotated[
        int | None,
        typer.Option(
            "--sequence",
            min=0,
            max=SEQUENCE_MAX,
            metavar="N",
            help="The last number given in its sequence; that of the outbox unless given.",
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option("--every", metavar="SECONDS", help="Go on, and promise the next one within so long."),
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Say that a recorder is alive, and the last number of its sequence: silence then means that nothing happened.

    One heartbeat, or with --every one after another until Ctrl-C. Without
    --sequence the number is read from the outbox of the state directory, each
    time anew; where there is none the heartbeat says that it does not know.

    \b
    Example: disruptions heartbeat --org kent --sequence 5120
             disruptions heartbeat --org kent --every 60
    """
    settings = load_settings(state)
    recorder, promised = choose_organisation(org), None if every is None else hold_interval(every)
    if settings.kafka_bootstrap_servers is None:
        raise report_nothing_runs(settings, "KAFKA_BOOTSTRAP_SERVERS")
    sender = HeartbeatSender(settings, Codec(resolve_ids(settings)))

    def send_one() -> None:
        last = find_last_number(settings, recorder) if sequence is None else sequence
        position = sender.send_heartbeat(recorder, last, None if promised is None else math.ceil(promised))
        tell_heartbeat(recorder, last, position, as_json)

    send_one()
    if promised is not None:
        watch_exhaustion()
        with stop_on_signals() as stop, take_part(settings.state, name_apart(HEARTBEAT, recorder)):
            keep_beating(send_one, stop, promised)


def keep_beating(send_one: Callable[[], None], stop: Event, every: float) -> None:
    """Send one after another; one that the broker does not take is said to health, and the next says more."""
    while not wait_alive(stop, every, WORKING):
        try:
            send_one()
            end_trouble(AWAY)
        except Unavailable as error:
            report_trouble(AWAY, f"heartbeats are not sent: {error}", remedy="mend the way to the broker")
            open_console(error=True).print(f"not sent: {error}", soft_wrap=True)


def find_last_number(settings: Settings, recorder: str) -> int | None:
    """Find the last number that the outbox under the state directory gave; None where it never gave one."""
    return read_last_numbers(settings.state / OUTBOX).get(recorder)


def tell_heartbeat(recorder: str, last: int | None, position: Position, as_json: bool) -> None:
    """Tell what was said, and where it lies."""
    if as_json:
        print_json({"org": recorder, "last_sequence": last, "position": f"{position.partition}:{position.offset}"})
        return
    said = "does not know its last number" if last is None else f"last number {last:,}"
    open_console().print(f"{recorder}: alive, {said}; soc.heartbeats {position.partition}:{position.offset}")
