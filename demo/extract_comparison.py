"""The same year extracted as at two instants, and why the second differs: the ledger's own comparison, for London.

First extraction plus causes is the second, or the demo fails.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table

from methodology.causes import Cause, name_cause
from queries.client import Client
from queries.compare_queries import CompareQuery, MoveQuery

LONDON = ("metropolitan", "btp", "city-of-london")
YEAR = ("2021-07-01", "2022-06-30")
FIRST, SECOND = "2022-07-04", "2023-01-31"
NOTHING: Mapping[str, Any] = {"then": 0, "now": 0, "causes": {}}


class ExtractDifference(NamedTuple):
    """Two extractions by organisation and what lies between them.

    Attributes:
        cells: by organisation, its cell of the comparison.
        example: a disruption that was reassessed in between, if any was.
    """

    cells: Mapping[str, Mapping[str, Any]]
    example: str | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the causes explain the difference to the last disruption."""
        return all(one["then"] + sum(one["causes"].values()) == one["now"] for one in self.cells.values())


def compare_extracts(asked: Client) -> ExtractDifference:
    """Ask for both extractions and the causes between them, and for one disruption that shows how."""
    asked_for = {"from_": YEAR[0], "to": YEAR[1], "then_as_at": FIRST, "now_as_at": SECOND}
    cells = {str(row["org"]): row for row in asked.ask(CompareQuery, by="org", **asked_for)["rows"]}
    moved = asked.ask(MoveQuery, org=LONDON[0], cause=Cause.REASSESSED.value, **asked_for)["rows"]
    return ExtractDifference(
        {organisation: cells.get(organisation, NOTHING) for organisation in LONDON},
        str(moved[0]["disruption_id"]) if moved else None,
    )


def draw_difference(found: ExtractDifference) -> Table:
    """Draw both extractions, and the causes between them."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Lead disruptions, counted", no_wrap=True)
    for organisation in LONDON:
        table.add_column(organisation, justify="right", no_wrap=True)
    table.add_row("as at 4 July 2022", *(f"{found.cells[org]['then']:,}" for org in LONDON), style="bold")
    for cause in Cause:
        moved = [found.cells[org]["causes"].get(cause.value, 0) for org in LONDON]
        if any(moved):
            table.add_row(f"  {name_cause(cause)}", *(f"{n:+,}" if n else "" for n in moved))
    table.add_row("as at 31 January 2023", *(f"{found.cells[org]['now']:,}" for org in LONDON), style="bold")
    return table
