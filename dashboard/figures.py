"""The figures of a place (the nation, a region, an organisation) in a period, beside those of the same a year before.

One answer of the store holds all of a period: by type and standing too, so that lead and support, counted and not, are
rows apart. Every number carries the link to what it is made of.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from dashboard.cube import Cube
from dashboard.links import link_organisation, link_records, link_region
from dashboard.regions import list_members
from dashboard.site import PageRequest
from dashboard.view import View
from dashboard.words import STANDING_SENTENCES, SYMBOLS, name_symbol
from ledger.organisations import list_regions
from ledger.vocabulary import DisruptionType, Pillar, Standing
from queries.balance_queries import ExtractQuery

DIMENSIONS: Final = ("type", "standing", "region", "org", "pillar", "kind", "crime_type")
LARGEST_FIRST: Final = frozenset({"crime_type"})
LEAD: Final = DisruptionType.LEAD.value
SUPPORT: Final = DisruptionType.SUPPORT.value
COUNTED: Final = Standing.COUNTED.value


class Compared(NamedTuple):
    """One line of a table: a number of the period and that of the year before, each with the records behind it.

    Attributes:
        symbol: the value of the dimension; empty for a total.
        link: the page of what the line is about, where it has one.
    """

    symbol: str
    name: str
    link: str | None
    now: int
    before: int
    records: str
    records_before: str


class NotCounted(NamedTuple):
    """What stands in one standing that is not counted, and why it is not."""

    reason: str
    line: Compared


class Figures:
    """The figures of one place in one view."""

    def __init__(self, page: PageRequest, place: Mapping[str, str]) -> None:
        self._views = (page.view, page.view.find_year_earlier())
        self._place = dict(place)
        self._cubes = tuple(_ask_cube(page, view, self._place) for view in self._views)
        self._counted = {
            one: tuple(cube.hold_rows(type=one, standing=COUNTED) for cube in self._cubes) for one in (LEAD, SUPPORT)
        }

    def compare_total(self, type_: str = LEAD) -> Compared:
        """Compare what counts altogether, of one type."""
        now, before = (cube.sum_total() for cube in self._counted[type_])
        return self._compose_line("", "Total", None, (now, before), _name_type(type_))

    def compare_by(self, dimension: str, type_: str = LEAD, **held: str) -> list[Compared]:
        """Compare what counts, of one type, by the values of a dimension; only where others have the values held."""
        now, before = (cube.sum_by(dimension, **held) for cube in self._counted[type_])
        return [
            self._compose_line(
                symbol,
                name_symbol(dimension, symbol),
                _link_page(self._views[0], dimension, symbol),
                (now.get(symbol, 0), before.get(symbol, 0)),
                held | {dimension: symbol} | _name_type(type_),
            )
            for symbol in self._order_symbols(dimension, now, before)
        ]

    def list_uncounted(self, type_: str = LEAD) -> list[NotCounted]:
        """List what was recorded and is not counted, of one type, by standing; in the order in which it is judged."""
        now, before = (cube.sum_by("standing", type=type_) for cube in self._cubes)
        return [
            NotCounted(
                STANDING_SENTENCES[one],
                self._compose_line(
                    one,
                    name_symbol("standing", one),
                    None,
                    (now.get(one, 0), before.get(one, 0)),
                    {"standing": one} | _name_type(type_),
                ),
            )
            for one in Standing
            if one != COUNTED
        ]

    def _order_symbols(self, dimension: str, now: Mapping[str, int], before: Mapping[str, int]) -> list[str]:
        """Order them as they are listed, never by how many they have: that would rank organisations (rule 15)."""
        found = now.keys() | before.keys()
        shown = _list_always(dimension, self._place.get("region"))
        ordered = dict.fromkeys([*shown, *(one for one in SYMBOLS[dimension] if one in found), *sorted(found)])
        return sorted(ordered, key=lambda one: -now.get(one, 0)) if dimension in LARGEST_FIRST else list(ordered)

    def _compose_line(
        self, symbol: str, name: str, link: str | None, counts: tuple[int, int], filters: dict[str, str]
    ) -> Compared:
        records, records_before = (link_records(view, **self._place | filters) for view in self._views)
        return Compared(symbol, name, link, *counts, records, records_before)


def _list_always(dimension: str, region: str | None) -> Sequence[str]:
    """List the values that a table shows even where nothing counts: that there is none is what it says of them."""
    if dimension == "org":
        return list_members(region)
    if dimension == "region":
        return list_regions()
    return list(Pillar) if dimension == "pillar" else ()


def _name_type(type_: str) -> dict[str, str]:
    """Name a type as a filter; lead is what is meant where none is."""
    return {} if type_ == LEAD else {"type": type_.lower()}


def _ask_cube(page: PageRequest, view: View, place: Mapping[str, str]) -> Cube:
    query = ExtractQuery(
        start=view.start,
        end=view.end,
        as_at=view.as_at,
        known_at=view.known_at,
        by=DIMENSIONS,
        standing="all",
        org=place.get("org"),
    )
    return Cube(page.ask(query)["rows"]).hold_rows(**place)


def _link_page(view: View, dimension: str, symbol: str) -> str | None:
    if dimension == "region":
        return link_region(view, symbol)
    return link_organisation(view, symbol) if dimension == "org" else None
