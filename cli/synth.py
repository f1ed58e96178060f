"""``disruptions synth``: a made-up national year, to try the ledger with."""

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from ledger.errors import Misuse
from synthetic import make_national_year, refuse_unfinished, write_year
from terminal.options import DEFAULT_STATE, State

LATEST_YEAR = 9999 - 100  # one mistake is entered a century late
EARLIEST_YEAR = 1980  # the ledger's days begin in 1970, and threats are some years older than the year


def synthesise_year(
    seed: Annotated[int, typer.Option(help="Every seed is another year; the same seed is the same bytes.")] = 1,
    year: Annotated[
        int, typer.Option(help="The year that ends on 30 June of it.", min=EARLIEST_YEAR, max=LATEST_YEAR)
    ] = 2022,
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where to write; - is standard output.")] = Path("-"),
    state: State = DEFAULT_STATE,  # noqa: ARG001  (every command takes it; this one touches no state)
) -> None:
    """Write a seeded, plausible national year as NDJSON, whose London totals are the published ones.

    \b
    All forces, regional units and agencies; London with the year before. Late
    entries, corrections, withdrawals, resends and a few bad events are in it.

    \b
    Example: disruptions synth --seed 7 --year 2022 --output year.ndjson
    """
    refuse_unfinished(year, datetime.now(UTC).date())
    try:
        with nullcontext(sys.stdout.buffer) if str(output) == "-" else _open_output(output) as out:
            written = write_year(make_national_year(seed, year), out)
            out.flush()
    except BrokenPipeError:
        raise typer.Exit(1) from None  # whoever read standard output has had enough
    except OSError as error:
        error.filename = error.filename or str(output)  # a write has no name
        raise
    typer.echo(f"{written:,} events of the year ending 30 June {year}, seed {seed}", err=True)


def _open_output(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise Misuse(f"--output {path}: {error.strerror}") from None
