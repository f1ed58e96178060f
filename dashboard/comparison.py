"""Then beside now as a table: each cell of a comparison with where its numbers lead. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from dashboard.links import link_records
from dashboard.view import View
from ledger.instants import find_end_of_day, format_instant
from methodology.causes import Cause
from queries.answers import CompareAnswer
from queries.compare_queries import CompareQuery
from queries.differences import sum_cells

USUALLY_BACK: Final = timedelta(days=30)
MOVES_PATH: Final = "/compare/moves"


class LinkedNumber(NamedTuple):
    """A number and where it leads; None where there is nothing behind it."""

    n: int
    link: str | None


class CellLine(NamedTuple):
    """One line of the table; ``symbol`` is None for the total."""

    symbol: str | None
    then: LinkedNumber
    now: LinkedNumber
    difference: LinkedNumber
    causes: Mapping[str, LinkedNumber]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonTable:
    """Draws the lines of one comparison, by one dimension.

    Attributes:
        view: the period, and the instants of now.
        by: the dimension.
    """

    view: View
    query: CompareQuery
    by: str

    def list_lines(self, answer: CompareAnswer) -> list[CellLine]:
        """List the lines."""
        return [self._draw_line(str(row[self.by]), row) for row in answer["rows"]]

    def draw_total(self, answer: CompareAnswer) -> CellLine:
        """Draw the line below them: what all of them sum to."""
        return self._draw_line(None, sum_cells(answer["rows"]))

    def link_moves(self, symbol: str | None = None, cause: str | None = None) -> str:
        """Link to the disruptions behind a difference, or behind one cause of it."""
        then = {name: format_instant(one) for name, one in self.query.then.list_fields("then").items()}
        return self.view.link_to(MOVES_PATH, {**then, **self._hold_cell(symbol), "cause": cause})

    def _draw_line(self, symbol: str | None, row: Mapping[str, Any]) -> CellLine:
        then = replace(self.view, as_at=self.query.then.as_at, known_at=self.query.then.known_at)
        held, causes = self._hold_cell(symbol), row["causes"]
        return CellLine(
            symbol,
            LinkedNumber(row["then"], link_records(then, **held) if row["then"] else None),
            LinkedNumber(row["now"], link_records(self.view, **held) if row["now"] else None),
            LinkedNumber(row["difference"], self.link_moves(symbol) if causes else None),
            {name: LinkedNumber(n, self.link_moves(symbol, name)) for name, n in causes.items()},
        )

    def _hold_cell(self, symbol: str | None) -> dict[str, str]:
        asked = {"org": self.query.org, "region": self.query.region, "type": self.query.type}
        held = asked if symbol is None else asked | {self.by: symbol}
        return {name: value for name, value in held.items() if value is not None}


def list_met(total: CellLine, lines: list[CellLine]) -> list[str]:
    """List the causes that any line has, in their order: the columns of the table."""
    met = {cause for line in [*lines, total] for cause in line.causes}
    return [one.value for one in Cause if one in met]


def choose_then(view: View, clock: datetime) -> datetime:
    """Choose a then where none was asked for: the end of the period, or a month before now."""
    now = view.as_at or clock
    end = find_end_of_day(view.end)
    return end if end < now else now - USUALLY_BACK
