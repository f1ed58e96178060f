"""``disruptions heartbeat``: say for a recorder that it is alive, and how far its sequence has come."""

import math
import time
from typing import Annotated

import typer

from infra.settings import Settings, load_settings
from ledger.heartbeats import SEQUENCE_MAX
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
    with stop_on_signals():
        while True:
            last = find_last_number(settings, recorder) if sequence is None else sequence
            position = sender.send_heartbeat(recorder, last, None if promised is None else math.ceil(promised))
            tell_heartbeat(recorder, last, position, as_json)
            if promised is None:
                return
            time.sleep(promised)


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
