"""Figures for public release: counted lead disruptions of a public year, without small cells or what betrays them."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

from ledger.errors import Misuse
from ledger.instants import find_end_of_day
from methodology.publication import (
    BY_CELL,
    NATION,
    TOTAL,
    bind_release,
    hold_public_year,
)
from methodology.suppression import ReleaseCell, ReleaseTable
from queries import balances
from queries.answer import read_clock
from queries.answers import BalanceRow, PublicAnswer
from queries.balance_queries import ExtractQuery
from queries.errors import WrongField
from queries.period_query import PeriodQuery, hold_period, take_period
from queries.plain import format_balance
from queries.query import WrittenFields
from queries.snapshot import Snapshot

HIDDEN_MEANS: Final = "1 to 4, or hidden so that no such figure can be worked out"
RELEASED: Final = ((), ("org",), ("region",), ("pillar",), ("org", "pillar"), ("region", "pillar"), ("crime_type",))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicQuery(PeriodQuery[PublicAnswer]):
    """The lead disruptions of a public year that count, by place and pillar, or by crime type."""

    PATH: ClassVar[str] = "public"

    by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a period or dimensions of which two releases could be subtracted from each other."""
        hold_period(self.start, self.end)
        try:
            hold_public_year(self.start, self.end)
        except Misuse as error:
            raise WrongField("to", str(error)) from None
        if self.by not in RELEASED:
            known = "; ".join(",".join(one) or "none" for one in RELEASED)
            raise WrongField("by", f"this is not released; there are: {known}")

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(**take_period(fields), by=tuple(sorted(fields.take_names("by"), key=_find_rank)))


def _find_rank(name: str) -> tuple[bool, str]:
    """Put the pillar last, as releases have it."""
    return name == "pillar", name


def hold_year_over(query: PublicQuery) -> None:
    """Refuse a year that is not over, or was not then. Raises WrongField: names the field."""
    instants = {"to": read_clock(), "as_at": query.as_at, "known_at": query.known_at}
    for field, instant in instants.items():
        if instant is not None and instant < find_end_of_day(query.end):
            sentence = "is released once it is over: an earlier release could be subtracted from the one of all of it"
            raise WrongField(field, f"the year that ends on {query.end} {sentence}")


def answer_public(snapshot: Snapshot, query: PublicQuery) -> PublicAnswer:
    """Answer with every cell of the release that was asked for, ``n`` null where it is hidden.

    Raises:
        WrongField: the year was not over.
    """
    hold_year_over(query)
    asked = ExtractQuery(start=query.start, end=query.end, as_at=query.as_at, known_at=query.known_at, by=BY_CELL)
    answer = balances.answer_extract(snapshot, asked)
    counts, hidden = _suppress_rows(answer.rows)
    places, columns = _list_asked(query.by, answer.rows)
    rows = [
        _make_row(query.by, (place, column), None if (place, column) in hidden else n)
        for (place, column), n in sorted(counts.items())
        if place in places and column in columns
    ]
    body = format_balance(answer)
    return {
        "rows": rows,
        "hidden": sum(row["n"] is None for row in rows),
        "hidden_means": HIDDEN_MEANS,
        "as_at": body["as_at"],
        "known_at": body["known_at"],
        "complete": body["complete"],
        "filters": {name: value for name, value in body["filters"].items() if name != "literal"},
        "measure": body["measure"],
    }


def _suppress_rows(rows: list[BalanceRow]) -> tuple[dict[ReleaseCell, int], frozenset[ReleaseCell]]:
    """Bind the rows of an answer into a release, and choose what is hidden of all its cells together."""
    counts, sums = bind_release(
        {
            (str(row["region"]), str(row["org"]), str(row["pillar"]), str(row["crime_type"])): int(row["n"])
            for row in rows
        }
    )
    return counts, ReleaseTable(counts, sums).suppress_cells()


def _list_asked(by: tuple[str, ...], rows: list[BalanceRow]) -> tuple[set[str], set[str]]:
    """List the places and the columns of the table that was asked for."""
    values = {name: {str(row[name]) for row in rows} for name in by}
    places = next((values[name] for name in ("org", "region") if name in by), {NATION})
    return places, next((values[name] for name in ("pillar", "crime_type") if name in by), {TOTAL})


def _make_row(by: tuple[str, ...], cell: ReleaseCell, n: int | None) -> dict[str, Any]:
    place, column = cell
    names = {"org": place, "region": place, "pillar": column, "crime_type": column}
    return {name: names[name] for name in by} | {"n": n}
