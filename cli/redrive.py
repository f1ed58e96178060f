"""``disruptions redrive``: mended events to Kafka, once it was said what that changes."""

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.redrive_forecast import Forecast, MovedCell, foresee_rows
from infra.settings import Settings, load_settings
from ledger.errors import Misuse
from ledger.instants import count_millis
from ledger.vocabulary import Standing
from methodology.standards import RULES_VERSION
from producers import Publisher
from producers.files import RefusedRow
from producers.mended import MendedRow, read_mended
from queries.answer import read_clock
from queries.client import open_client, report_nothing_runs
from schemas.codec import Codec
from schemas.registry import resolve_ids
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

WAIT_SECONDS: Final = 60.0  # without any acknowledgement


def resend_events(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The mended NDJSON of the rejections desk.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what sending it would change, and send nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Send mended events in the place of rejected ones, after saying what that changes.

    Every line is judged first by the ledger's own rules over copies of the
    books. What would still be rejected, or was sent before, is named with its
    row and is not sent. What is sent names the rejection that it answers.
    Exit 1 when any row would be rejected, or was refused.

    \b
    Example: disruptions redrive mended.ndjson --dry-run
             disruptions redrive mended.ndjson --yes
    """
    settings = load_settings(state)
    if not dry_run and settings.kafka_bootstrap_servers is None:
        raise report_nothing_runs(settings, "KAFKA_BOOTSTRAP_SERVERS")
    rows = list(read_mended(file))
    mended = [row for row in rows if isinstance(row, MendedRow)]
    unread = [row for row in rows if isinstance(row, RefusedRow)]
    forecast = foresee_rows(mended, open_client(state), Codec(resolve_ids(settings)), count_millis(read_clock()))
    body = build_body(forecast, unread)
    if not as_json:
        _print_forecast(forecast, unread)
    if not dry_run:
        if not yes:
            _ask_consent(len(forecast.admitted))
        body |= _send_rows(settings, forecast.admitted)
        if not as_json:
            open_console().print(f"{body['acknowledged']:,} acknowledged, {len(body['broker_refused']):,} refused")
    if as_json:
        print_json(body)
    if unread or forecast.rejected or body.get("broker_refused"):
        raise typer.Exit(NOT_FINE)


def build_body(forecast: Forecast, unread: list[RefusedRow]) -> dict[str, Any]:
    """Build the forecast as JSON has it."""
    return {
        "changes": [{**cell._asdict(), "n": by} for cell, by in forecast.list_moves()],
        "admitted": len(forecast.admitted),
        "refused": [one._asdict() for one in forecast.rejected],
        "duplicates": forecast.duplicates,
        "unread": [{"row": one.number, "reason": one.reason} for one in unread],
        "rules_version": RULES_VERSION,
    }


def spell_move(cell: MovedCell, by: int) -> str:
    """Spell one change: ``metropolitan, pursue, drugs, lead +3``."""
    words = (cell.org, *(word.lower().replace("_", " ") for word in (cell.pillar, cell.crime_type, cell.type)))
    counted = "" if cell.standing == Standing.COUNTED else f" (not counted: {cell.standing})"
    return f"{', '.join(words)} {by:+d}{counted}"


def _print_forecast(forecast: Forecast, unread: list[RefusedRow]) -> None:
    console = open_console()
    console.print(f"OFFICIAL-SENSITIVE\nSending {len(forecast.admitted):,} events changes, by the rules of now:")
    for cell, by in forecast.list_moves():
        console.print(f"  {spell_move(cell, by)}", soft_wrap=True)
    if not forecast.list_moves():
        console.print("  no balance")
    for number in forecast.duplicates:
        console.print(f"not sent: row {number}: the ledger has this event already")
    for one in forecast.rejected:
        console.print(f"not sent: row {one.row}: it would be rejected: {one.code}: {one.message}", soft_wrap=True)
    for each in unread:
        console.print(f"not sent: row {each.number}: {each.reason}", soft_wrap=True)


def _ask_consent(count: int) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misuse("nobody can be asked here: say --yes to send them, after a look with --dry-run")
    typer.confirm(f"Send {count:,} events?", abort=True, err=True)


def _send_rows(settings: Settings, rows: list[MendedRow]) -> dict[str, Any]:
    refused: list[dict[str, Any]] = []

    def keep_refusal(event: Any, reason: str) -> None:
        refused.append({"row": event.number, "reason": reason})

    with Publisher(settings, wait_seconds=WAIT_SECONDS) as publisher:
        receipt = publisher.publish_many(rows, on_refused=keep_refusal)
    return {"acknowledged": receipt.acknowledged, "broker_refused": refused}
