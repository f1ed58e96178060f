"""``disruptions publish``: files of events to Kafka."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.answers import nothing_runs
from cli.options import DEFAULT_STATE, Json, State
from cli.registry import REFUSED
from cli.tables import console, print_json
from infra.settings import load
from ledger.errors import Misuse
from producers import Publisher
from producers.files import RefusedRow, Summary, publish_files

STDIN: Final = Path("-")
STDIN_DEVICE: Final = Path("/dev/stdin")
WAIT_SECONDS: Final = 60.0  # without any acknowledgement
COUNT_BYTES: Final = 1 << 20


def publish(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="NDJSON, or CSV by name; - is NDJSON from standard input."),
    ],
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Send every row to Kafka: acknowledged by the broker, or refused here with its row number and the reason.

    \b
    Refused here is only what cannot be encoded; whatever is sent is judged by
    intake: see `disruptions rejected`. Exit 1 when any row was refused.

    \b
    Example: disruptions publish week-14.csv corrections.ndjson
             disruptions synth --seed 7 --year 2022 | disruptions publish -
    """
    settings = load(state)
    paths = [_readable(path) for path in files]
    if settings.kafka_bootstrap_servers is None:
        raise nothing_runs(settings, "KAFKA_BOOTSTRAP_SERVERS")
    with Publisher(settings, wait_seconds=WAIT_SECONDS) as publisher, progress_bar(paths) as bar:

        def refused(row: RefusedRow) -> None:
            bar.console.print(f"refused {spelled(row)}", soft_wrap=True)

        summary = publish_files(paths, publisher, lambda so_far: _advance(bar, so_far), refused)
    if as_json:
        print_json(body(summary))
    else:
        console().print(f"{summary.acknowledged:,} acknowledged, {summary.refused_count:,} refused")
    if summary.refused_count:
        raise typer.Exit(REFUSED)


def body(summary: Summary) -> dict[str, object]:
    """The summary as JSON; ``rows`` are the refused ones."""
    rows = [{"file": _name(row), "row": row.number, "reason": row.reason} for row in summary.refused]
    return {
        "sent": summary.sent,
        "acknowledged": summary.acknowledged,
        "refused": summary.refused_count,
        "rows": rows,
    }


def spelled(row: RefusedRow) -> str:
    """A refused row in one line."""
    return f"{_name(row)} row {row.number}: {row.reason}"


def _name(row: RefusedRow) -> str:
    return str(STDIN) if row.file == str(STDIN_DEVICE) else row.file


@contextmanager
def progress_bar(paths: list[Path]) -> Iterator[Progress]:
    """A bar on stderr where that is a terminal; refused rows are printed above it, wherever it is."""
    columns = (TextColumn("publish"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    terminal = console(error=True)
    with Progress(*columns, console=terminal, transient=True, disable=not sys.stderr.isatty()) as bar:
        bar.add_task("publish", total=_rows(paths) if sys.stderr.isatty() else None)
        yield bar


def _advance(bar: Progress, summary: Summary) -> None:
    bar.update(bar.task_ids[0], completed=summary.acknowledged + summary.refused_count)


def _rows(paths: list[Path]) -> int | None:
    """About how many rows there are; unknown for a pipe."""
    if not all(path.is_file() for path in paths):
        return None
    return sum(_lines(path) for path in paths)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(COUNT_BYTES), b""))


def _readable(path: Path) -> Path:
    """The path to read; a missing file is told before anything is sent."""
    if path == STDIN:
        return STDIN_DEVICE
    if not path.exists() or path.is_dir():
        raise Misuse(f"{path}: no such file; give the path of an NDJSON or CSV file, or - for standard input")
    return path
