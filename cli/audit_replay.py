"""``disruptions audit replay``: fold the ledger again, and compare."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from audit.findings import Finding, ReplayReport
from audit.replay import replay_ledger
from infra.settings import load_settings
from queries.audited import AuditedStore
from queries.client import open_client
from terminal.exit_codes import REFUSED
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json


def replay_audit(
    partition: Annotated[
        int | None, typer.Option("--partition", min=0, metavar="P", help="One partition; then no balances.")
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
    any difference.

    \b
    Example: disruptions audit replay
             disruptions audit replay --partition 3 --limit 100 --json
    """
    settings = load_settings(state)
    with show_progress(open_console(error=True)) as progress:
        verdict = replay_ledger(
            settings, AuditedStore(open_client(settings.state)), partition=partition, limit=limit, progress=progress
        )
    if as_json:
        print_json(verdict.make_body())
    else:
        open_console().print(draw_verdict(verdict))
    if not verdict.agrees:
        raise typer.Exit(REFUSED)


@contextmanager
def show_progress(terminal: Console) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; nothing elsewhere."""
    columns = (TextColumn("replay"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("replay", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


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
    text.append(f"\n{entries:,} entries, {rejections:,} refusals, {rows:,} stored rows, ", style="not bold")
    text.append(f"{verdict.balances:,} balances known at {verdict.known_at}", style="not bold")
    text.append(f"\n{verdict.figures:,} published figures proved again", style="not bold")
    return text


def say_agreement(verdict: ReplayReport) -> str:
    """Say what an agreement is worth: never more than what is still there to be compared."""
    less = " What was acknowledged as lost is gone for ever." if verdict.acknowledged else ""
    return f"The ledger agrees with its replay.{less}"


def draw_reaches(verdict: ReplayReport) -> Table:
    """Draw one line a partition: the fixed last positions."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Partition", "Published", "Covered", "Entries", "Refusals", "Repeats", "On its way"):
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
