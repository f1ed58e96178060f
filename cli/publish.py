"""``disruptions publish``: files of events to Kafka."""

from pathlib import Path
from typing import Annotated, Final

import typer

from cli.publish_progress import PublishScreen, spell_counts
from infra.settings import Settings, load_settings
from ledger.errors import LedgerError, Misuse
from producers import Publisher
from producers.files import REFUSED_ROWS_KEPT, PublishSummary, RefusedRow, publish_files
from producers.outbox import Outbox, RefusedEvent
from producers.publisher import OUTBOX
from producers.reading import FORMS, ReadOptions
from producers.sources import STDIN, open_stdin
from queries.client import report_nothing_runs
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

WAIT_SECONDS: Final = 60.0  # without any acknowledgement


def publish_from_files(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="NDJSON, CSV (commas, semicolons, tabs) or .xlsx, packed by gzip or not; - is standard input.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMS)}; found by content and name unless given."),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook that has several.")
    ] = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="List the events of the outbox that the broker refused for good.")
    ] = False,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Send every row to Kafka: acknowledged by the broker, or refused here with its row number and the reason.

    \b
    Refused here is only what cannot be encoded; whatever is sent is judged by
    intake: see `disruptions rejected`. Exit 1 when any row was refused.
    What was taken otherwise than it stands in a file is said at the end.

    \b
    Example: disruptions publish week-14.csv corrections.ndjson
             disruptions synth --seed 7 --year 2022 | disruptions publish -
    """
    settings = load_settings(state)
    if refused:
        if files or form or sheet:
            raise Misuse("--refused: it sends nothing; leave the files away")
        _list_refused(settings, as_json)
        return
    wanted, paths = ReadOptions(_hold_form(form), sheet), [_hold_readable(path) for path in files or []]
    if not paths:
        raise Misuse("no file: give the path of an NDJSON, CSV or .xlsx file, or - for standard input")
    if settings.kafka_bootstrap_servers is None:
        raise report_nothing_runs(settings, "KAFKA_BOOTSTRAP_SERVERS")
    summary, screen = PublishSummary(), PublishScreen()
    try:
        _send_files(settings, paths, wanted, summary, screen)
    except LedgerError as error:
        sentence = f"{error}; {_spell_end(summary)}"
        if as_json:
            screen.print_or_say(lambda: print_json(build_body(summary)), sentence)
        raise type(error)(sentence) from None
    screen.print_or_say(
        lambda: print_json(build_body(summary)) if as_json else screen.print_summary(summary), spell_counts(summary)
    )
    if summary.refused_count:
        raise typer.Exit(NOT_FINE)


def _send_files(
    settings: Settings, paths: list[Path], wanted: ReadOptions, summary: PublishSummary, screen: PublishScreen
) -> None:
    with Publisher(settings, wait_seconds=WAIT_SECONDS) as publisher:
        with screen.show_progress(paths) as advance:
            publish_files(paths, publisher, advance, screen.print_refused, wanted=wanted, summary=summary)
        publisher.flush(WAIT_SECONDS)
        for each in publisher.list_refused(left_over=True):
            _count_left_over(settings, each, summary, screen)


def _count_left_over(settings: Settings, each: RefusedEvent, summary: PublishSummary, screen: PublishScreen) -> None:
    """Count an event of an earlier run, spooled or not acknowledged then, that the broker has refused now."""
    row = RefusedRow(str(settings.state / OUTBOX), each.number, each.reason)
    summary.refused_count += 1
    summary.refused.append(row)
    screen.print_refused(row)


def _list_refused(settings: Settings, as_json: bool) -> None:
    path = settings.state / OUTBOX
    kept: list[RefusedEvent] = []
    if path.exists():
        outbox = Outbox(path)
        kept = outbox.list_refused()
        outbox.close()
    if as_json:
        print_json([each._asdict() for each in kept])
        return
    for each in kept:
        line = f"{path} row {each.number}: event {each.event_id} of {each.recorder}: {each.reason}"
        open_console().print(line, soft_wrap=True)
    open_console().print(f"{len(kept):,} refused by the broker and kept")


def build_body(summary: PublishSummary) -> dict[str, object]:
    """Return the summary as JSON; ``rows`` are the refused ones, one by one."""
    rows = [
        {"file": row.file, "row": number, "reason": row.reason}
        for row in summary.refused
        for number in range(row.number, row.number + row.rows)
    ]
    return {
        "sent": summary.sent,
        "acknowledged": summary.acknowledged,
        "refused": summary.refused_count,
        "unknown": summary.unknown_count,
        "rows": rows[:REFUSED_ROWS_KEPT],
        "unknown_rows": [each._asdict() for each in summary.unknown],
        "taken": summary.taken,
    }


def _spell_end(summary: PublishSummary) -> str:
    """Spell how far it came, for whoever has to go on from there."""
    unknown = "".join(f"; not known whether sent: rows {each.rows} of {each.file}" for each in summary.unknown)
    return f"{spell_counts(summary)}{unknown}; publish again what is not acknowledged: a resend is harmless"


def _hold_form(form: str | None) -> str | None:
    if form is not None and form not in FORMS:
        raise Misuse(f"--format: not one of {', '.join(FORMS)}")
    return form


def _hold_readable(path: Path) -> Path:
    """Return the path; what is not there is told before anything is sent."""
    if path == STDIN:
        open_stdin()
    elif not path.exists() or path.is_dir():
        raise Misuse(f"{path}: no such file; give the path of an NDJSON, CSV or .xlsx file, or - for standard input")
    return path
