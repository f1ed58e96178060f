"""``disruptions acknowledge-loss``: somebody answers for what was deleted before it was judged."""

import sys
from typing import Annotated, Any

import typer

from access.reader import find_reader
from infra.settings import Settings, load_settings
from infra.topic_admin import hold_partition
from infra.topics import PUBLISHED
from ledger.errors import Misuse, Unavailable
from schemas.acknowledged import ACKNOWLEDGED_AT, ACKNOWLEDGED_BY, REASON
from streams.acknowledgement import LostRange, acknowledge_losses, find_losses, say_when
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import draw_facts, open_console, print_json

REASON_CHARACTERS = 1_000


def acknowledge_loss(
    partition: Annotated[int, typer.Option("--partition", min=0, metavar="P", help="Partition of soc.published.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they are gone; kept for ever.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Write into the ledger, for ever, that published records were deleted before they were judged.

    A partition of which records are lost stands: nothing of it is judged, and
    health says so. Restore the topic if you can. If not, this writes one
    refusal with code LOST for the offsets that are gone, with your name, the
    time and the reason, and the partition goes on after them. What it covers
    stands in no figure; ask the forces to send it again.

    \b
    Example: disruptions acknowledge-loss --partition 3 --reason "retention was set to a week"
    """
    settings = _hold_asked(load_settings(state), reason)
    hold_partition(settings, PUBLISHED, partition)
    losses = find_losses(settings, partition)
    if not losses:
        raise Misuse(f"nothing is lost in partition {partition}: every deleted record has its output")
    said = {ACKNOWLEDGED_BY: find_reader(), ACKNOWLEDGED_AT: say_when(), REASON: reason}
    body = describe_losses(partition, losses, said)
    if not yes:
        _ask_consent(body)
    acknowledge_losses(settings, partition, losses, said)
    if as_json:
        print_json(body)
    else:
        open_console().print(draw_facts(_describe_loss(body)))


def _hold_asked(settings: Settings, reason: str) -> Settings:
    if not reason.strip() or len(reason) > REASON_CHARACTERS:
        raise Misuse(f"--reason: say why the records are gone, in at most {REASON_CHARACTERS:,} characters")
    if settings.kafka_bootstrap_servers is None:
        raise Unavailable(
            f"no broker is known under {settings.state}: start `disruptions up`, or set KAFKA_BOOTSTRAP_SERVERS"
        )
    return settings


def describe_losses(partition: int, losses: list[LostRange], said: dict[str, str]) -> dict[str, Any]:
    """Say what is acknowledged, as JSON has it."""
    ranges = [{"first": one.first, "last": one.last} for one in losses]
    who = {"by": said[ACKNOWLEDGED_BY], "at": said[ACKNOWLEDGED_AT], "reason": said[REASON]}
    return {"partition": partition, "lost": ranges} | who


def _describe_loss(body: dict[str, Any]) -> dict[str, Any]:
    lost = ", ".join(f"{one['first']} to {one['last']}" for one in body["lost"])
    names = {"Acknowledged as lost": f"partition {body['partition']}, offsets {lost}"}
    return names | {"By": body["by"], "At": body["at"], "Reason": body["reason"]}


def _ask_consent(body: dict[str, Any]) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misuse("nobody can be asked here: say --yes to acknowledge the loss, after a look without it")
    open_console(error=True).print(draw_facts(_describe_loss(body)))
    typer.confirm("Written for ever. These records stand in no figure. Acknowledge?", abort=True, err=True)
