"""``disruptions rejected``: what intake refused, and why."""

from collections import Counter

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.answers import answers
from cli.options import DEFAULT_STATE, Json, State
from cli.tables import Answer, Row, console, facts, position, print_json


def rejected(as_json: Json = False, state: State = DEFAULT_STATE) -> None:
    """Every event that intake refused: its code, what to do about it, and its position in soc.published.

    \b
    Example: disruptions rejected
             disruptions rejected --json | jq '.rows[] | select(.code=="MISROUTED")'
    """
    answer = answers(state).ask("rejected")
    if as_json:
        print_json(answer)
    else:
        console().print(refusals(answer))


def refusals(answer: Answer) -> RenderableType:
    """How many of each code, then each with its sentence."""
    rows: list[Row] = answer["rows"]
    heading = Text(f"OFFICIAL\nRejected events: {len(rows):,}", style="bold")
    return Group(heading, facts({"Position": position(answer["position"])}), by_code(rows), *map(one, rows))


def by_code(rows: list[Row]) -> RenderableType:
    """How many there are of each code, most first."""
    if not rows:
        return Text("")
    table = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False, padding=(0, 1))
    table.add_column("Code", footer="Total")
    table.add_column("Rejected", justify="right", footer=f"{len(rows):,}")
    for code, n in sorted(Counter(row["code"] for row in rows).items(), key=lambda found: (-found[1], found[0])):
        table.add_row(code, f"{n:,}")
    return table


def one(row: Row) -> RenderableType:
    """One refusal: where it lies and whose it is, and below it what to do."""
    text = Text(f"{row['partition']}:{row['offset']}  {row['code']}", style="bold")
    text.append(f"  {row['event_id'] or 'no readable event id'}", style="not bold")
    return Group(text, Padding(Text(row["message"]), (0, 0, 0, 4), expand=False))
