"""``disruptions rejected``: what intake rejected, and why."""

from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from queries.client import open_client
from queries.record_queries import RejectionQuery
from terminal.options import DEFAULT_STATE, Json, State
from terminal.tables import AnswerJson, AnswerRow, draw_facts, format_positions, open_console, print_json


def show_rejected(
    code: Annotated[str | None, typer.Option("--code", metavar="CODE", help="Rejections of this code alone.")] = None,
    limit: Annotated[
        str | None, typer.Option("--limit", metavar="N", help="How many to list, 10000 unless asked; all are counted.")
    ] = None,
    as_json: Json = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Show events that intake rejected: code, what to do, and position in soc.published.

    In the order of positions. When not all are listed, the answer says so.

    \b
    Example: disruptions rejected
             disruptions rejected --code MISROUTED --limit 100
             disruptions rejected --json | jq -r '.rows[].event_id'
    """
    answer = open_client(state).ask(RejectionQuery, code=code, limit=limit)
    if as_json:
        print_json(answer)
    else:
        open_console().print(draw_rejections(answer))


def draw_rejections(answer: AnswerJson) -> RenderableType:
    """Draw how many of each code, then those listed, each with its sentence; where some are not, say so."""
    rows: list[AnswerRow] = answer["rows"]
    total = sum(answer["codes"].values())
    heading = Text(f"OFFICIAL\nRejected events: {total:,}", style="bold")
    cut = Text(f"The first {len(rows):,} of {total:,} are listed: --limit N, --code CODE\n", style="bold yellow")
    told = [heading, draw_facts({"Position": format_positions(answer["position"])}), draw_codes(answer["codes"])]
    return Group(*told, *([cut] if answer["truncated"] else []), *map(draw_rejection, rows))


def draw_codes(codes: dict[str, int]) -> RenderableType:
    """Draw how many there are of each code, most first."""
    if not codes:
        return Text("")
    table = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False, padding=(0, 1))
    table.add_column("Code", footer="Total")
    table.add_column("Rejected", justify="right", footer=f"{sum(codes.values()):,}")
    for code, n in codes.items():
        table.add_row(code, f"{n:,}")
    return table


def draw_rejection(row: AnswerRow) -> RenderableType:
    """Draw one rejection: where it lies and whose it is, and below it what to do."""
    text = Text(f"{row['partition']}:{row['offset']}  {row['code']}", style="bold")
    text.append(f"  {row['event_id'] or 'no readable event id'}", style="not bold")
    told = f"{row['message']}{describe_original(row)}"
    return Group(text, Padding(Text(told), (0, 0, 0, 4), expand=False))


def describe_original(row: AnswerRow) -> str:
    """Describe an original that is not kept; nothing where it is."""
    size, digest = row.get("original_size"), row.get("original_digest")
    return "" if size is None else f"\nIts original is not kept: {size:,} bytes, SHA-256 {digest or 'unknown'}"
