"""``disruptions audit replay``: fold the ledger again, and compare."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from audit.certificate import keep_last_certificate, make_certificate, write_certificate
from audit.covered_seal import find_seal
from audit.findings import Finding, ReplayReport
from audit.replay import ReplayOptions, replay_ledger
from audit.resume import ReplayFile
from audit.until import OPEN_END, ReplayEnd
from infra.file_replacement import hold_replaceable
from infra.settings import load_settings
from ledger.errors import Unavailable
from ledger.instants import count_millis
from queries.audited import AuditedStore, open_audited
from queries.client import open_client
from queries.errors import WrongField
from queries.parsing import parse_instant
from terminal.exit_codes import NOT_FINE, print_error
from terminal.options import DEFAULT_STATE, Json, State
from terminal.progress_bar import show_progress
from terminal.tables import open_console, print_json

SEED_BITS: Final = 32
POSITIONS: Final = re.compile(r"\d{1,9}:\d{1,18}(,\d{1,9}:\d{1,18})*", re.ASCII)


def replay_audit(
    partition: Annotated[
        int | None, typer.Option("--partition", min=0, metavar="P", help="One partition; then no balances.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="WHEN", help="Only up to an instant, or before positions: 0:120,3:77."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="N", help="Processes; one a core unless said.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="FILE", help="Keep what is done here, and go on from it.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Write what was compared, with digests.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, metavar="N", help="Of the instants drawn; else a new one.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="Differences to show; all are counted.")
    ] = 20,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Fold the ledger again and compare every entry, row and balance.

    Reads soc.published, soc.entries and soc.rejected from the first record to
    their ends as they are now, and what is stored; changes nothing. Exit 1 on
    any difference. A whole replay's certificate is kept in the state
    directory, where the page Audit reads it.

    \b
    Example: disruptions audit replay
             disruptions audit replay --partition 3 --limit 100 --json
             disruptions audit replay --until 2026-03-31 --certificate q1.json
             disruptions audit replay --resume replay.kept
    """
    if certificate is not None:
        hold_replaceable(certificate)  # before anything is replayed
    settings = load_settings(state)
    client = open_client(settings.state)
    kept = None if resume is None else ReplayFile(resume)
    with show_progress("replay") as progress, tell_kept(resume):
        options = ReplayOptions(
            partition=partition,
            limit=limit,
            until=parse_end(until),
            seed=secrets.randbits(SEED_BITS) if seed is None else seed,
            jobs=jobs,
            open_store=partial(open_audited, settings.state),
            kept=kept,
            progress=progress,
            loader_group=client.find_loader_group(),
        )
        verdict = replay_ledger(settings, AuditedStore(client), options)
    is_whole = partition is None and options.until.is_open
    if certificate is not None or is_whole:
        document = make_certificate(verdict, find_seal(settings, verdict))
        if is_whole:
            keep_for_pages(document, settings.state)
        if certificate is not None:
            write_certificate(document, certificate)
    if kept is not None:
        kept.drop_file()
    if as_json:
        print_json(verdict.make_body())
    else:
        open_console().print(draw_verdict(verdict))
    if not verdict.agrees:
        raise typer.Exit(NOT_FINE)


def keep_for_pages(document: dict[str, Any], state: Path) -> None:
    """Keep the certificate of a whole replay for the pages; a disk that does not take it changes no verdict."""
    try:
        keep_last_certificate(document, state)
    except Unavailable as error:
        print_error(f"the pages will not tell of this replay: {error}")


def parse_end(written: str | None) -> ReplayEnd:
    """Read where a replay is to end: an instant, or positions.

    Raises:
        WrongField: it is neither.
    """
    if written is None:
        return OPEN_END
    if not POSITIONS.fullmatch(written):
        return ReplayEnd(instant=count_millis(parse_instant(written, "until")))
    pairs = [one.split(":") for one in written.split(",")]
    positions = {int(partition): int(offset) for partition, offset in pairs}
    if len(positions) < len(pairs):
        raise WrongField("until", "a partition is named twice; name each once, as in 0:120,3:77")
    return ReplayEnd(positions=positions)


@contextmanager
def tell_kept(path: Path | None) -> Iterator[None]:
    """Tell, where a replay is interrupted that keeps what is done, how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        if path is not None:
            open_console(error=True).print(f"What is done is kept; go on with --resume {path}", highlight=False)
        raise


def draw_verdict(verdict: ReplayReport) -> RenderableType:
    """Draw the verdict for people: what was compared, up to where, and what differs."""
    parts: list[RenderableType] = [draw_summary(verdict), draw_reaches(verdict)]
    parts += [Text(f"note: {note}") for note in (*verdict.notes, *verdict.acknowledged)]
    if verdict.shown:
        parts.append(draw_differences(verdict.shown))
    hidden = sum(verdict.differences.values()) - len(verdict.shown)
    if hidden:
        parts.append(Text(f"and {hidden:,} more; show them with --limit"))
    return Group(*parts)


def draw_summary(verdict: ReplayReport) -> Text:
    """Draw the first lines: agreed or not, and how much was looked at."""
    found = sum(verdict.differences.values())
    kinds = ", ".join(f"{n:,} {kind.value}" for kind, n in sorted(verdict.differences.items()))
    text = Text(say_agreement(verdict) if verdict.agrees else f"{found:,} differences: {kinds}", style="bold")
    entries, rejections, rows = (verdict.sum_reaches(name) for name in ("entries", "rejections", "rows"))
    text.append(f"\n{entries:,} entries, {rejections:,} rejections, {rows:,} stored rows, ", style="not bold")
    text.append(f"{verdict.balances:,} balances known at {verdict.known_at}", style="not bold")
    asked = sum(one["balances"] for one in verdict.instants)
    text.append(
        f"\n{verdict.closings:,} closings; {asked:,} balances at {len(verdict.instants)} other instants", "not bold"
    )
    text.append(f"\n{verdict.figures:,} published figures proved again", style="not bold")
    text.append(f", {verdict.sealed_figures:,} of them sealed", style="not bold")
    return text


def say_agreement(verdict: ReplayReport) -> str:
    """Say what an agreement is worth: never more than what is still there to be compared."""
    less = " What was acknowledged as lost is gone for ever." if verdict.acknowledged else ""
    return f"The ledger agrees with its replay.{less}"


def draw_reaches(verdict: ReplayReport) -> Table:
    """Draw one line a partition: the fixed last positions."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Partition", "Published", "Covered", "Entries", "Rejections", "Repeats", "On its way"):
        table.add_column(heading, justify="right")
    for reach in verdict.reaches:
        figures = (reach.published_end, reach.covered_end, reach.entries, reach.rejections, reach.repeats)
        table.add_row(str(reach.partition), *(f"{n:,}" for n in (*figures, reach.not_judged + reach.not_stored)))
    return table


def draw_differences(differences: list[Finding]) -> Table:
    """Draw each difference with its position and ids."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Kind and place", "Position", "What, and of which event"):
        table.add_column(heading, overflow="fold")
    for one in differences:
        position = "" if one.partition is None else f"{one.partition}:{'?' if one.offset is None else one.offset}"
        ids = (
            f"{name} {value}" for name in ("event_id", "threat_id", "disruption_id") if (value := getattr(one, name))
        )
        table.add_row(f"{one.kind.value}\n{one.place}", position, "\n".join((one.sentence, *ids)))
    return table
