"""``disruptions audit figures``: what was published, and what the store says beside it."""

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.settings import load_settings
from queries.client import open_client
from services.published_figures import ComparedFigure, list_published
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import open_console, print_json

UNREADABLE = "no figure: somebody else wrote this record"


def list_audited_figures(as_json: Json = False, state: State = DEFAULT_STATE) -> None:
    """List the figures that were published, with what the store says beside them.

    As at and as known at the instants of each, which must be the same; and of
    the same question now, which may be another: compare says why. Exit 1 where
    the store says another figure; audit replay proves them from the postings.

    \b
    Example: disruptions audit figures
    """
    found = list(list_published(load_settings(state), open_client(state)))
    if as_json:
        print_json({"rows": [one.make_row() for one in found]})
    else:
        open_console().print(draw_published(found))
    if not all(one.agrees for one in found):
        raise typer.Exit(NOT_FINE)


def draw_published(found: list[ComparedFigure]) -> RenderableType:
    """Draw one line a figure: the sums of its cells."""
    heading = Text(f"OFFICIAL\nPublished figures: {len(found):,}", style="bold")
    if not found:
        return heading
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Published", overflow="fold")
    for name in ("Said", "Store", "Now"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in found:
        row, mark = one.make_row(), Text("same", style="green") if one.agrees else Text("DIFFERS", style="bold red")
        numbers = ("" if row.get(field) is None else f"{row[field]:,}" for field in ("published", "then", "now"))
        table.add_row(describe_published(one), *numbers, mark)
    return Group(heading, table)


def describe_published(one: ComparedFigure) -> str:
    """Describe what was published, by whom, and what it counts."""
    row = one.make_row()
    if row["figure_id"] is None:
        return f"soc.figures {row['partition']}:{row['offset']}, {UNREADABLE}"
    period = f", event dates {row['from']} to {row['to']}" if row["from"] else ""
    by = f", by {', '.join(row['by'])}" if row["by"] else ""
    counted = f"{row['type'] or ''} {row['subject']}".strip().lower()
    head = f"{row['published_by']}: {row['note']} ({row['figure_id'][:12]})"
    return f"{head}\n{counted}{period}{by}, known at {row['known_at']}"
