"""What may be released to the public, as data (rule 17), and how its cells are bound.

Two releases of overlapping periods, or of cells that others cut across, could be subtracted from each other. So a
release is of whole years that meet and never overlap, and of fixed cells: organisations and regions by pillar, and the
nation by crime type. They are bound together, whichever table is asked for: crime types give away the nation's total.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from ledger.errors import Misuse
from methodology.suppression import CellSum, ReleaseCell

YEAR_END = (6, 30)
"""Month and day on which a public year ends: that of the inspection reports (year ending 30 June)."""
BY_CELL = ("region", "org", "pillar", "crime_type")
NATION = "nation"
TOTAL = "total"


def hold_public_year(start: date, end: date) -> None:
    """Hold that a period is one public year. Raises Misuse."""
    follows = end + timedelta(days=1)
    if (end.month, end.day) != YEAR_END or (start.year, start.month, start.day) != (
        follows.year - 1,
        follows.month,
        follows.day,
    ):
        example = date(end.year, *YEAR_END)
        raise Misuse(
            "what is for public release is of one year that ends on 30 June, so that no two releases can be subtracted "
            f"from each other: --from {example.year - 1}-07-01 --to {example}"
        )


def bind_release(counts: Mapping[tuple[str, str, str, str], int]) -> tuple[dict[ReleaseCell, int], list[CellSum]]:
    """Bind counts by region, organisation, pillar and crime type: every cell of every table of a year, and their sums.

    Raises:
        Misuse: an organisation stands in two regions; its year cannot be released so.
    """
    places: Counter[tuple[str, str, str]] = Counter()
    crime_types: Counter[str] = Counter()
    for (*place, crime_type), n in counts.items():
        places[place[0], place[1], place[2]] += n
        crime_types[crime_type] += n
    (cells, sums), (others, more) = bind_places(places), bind_crime_types(crime_types)
    return cells | others, [*sums, *more]


def bind_places(counts: Mapping[tuple[str, str, str], int]) -> tuple[dict[ReleaseCell, int], list[CellSum]]:
    """Bind counts by region, organisation and pillar: with all their totals, and every sum that follows from no other.

    Raises:
        Misuse: an organisation stands in two regions; its year cannot be released so.
    """
    regions: dict[str, str] = {}
    for region, org, _ in counts:
        if regions.setdefault(org, region) != region:
            raise Misuse(f"{org} changed its region within the period: release the organisations without regions")
    pillars = sorted({pillar for _, _, pillar in counts})
    cells = _add_totals(counts)
    by_region = {region: sorted(org for org in regions if regions[org] == region) for region in set(regions.values())}
    across = [CellSum((org, TOTAL), tuple((org, pillar) for pillar in pillars)) for org in sorted(regions)]
    down = [
        one
        for column in (*pillars, TOTAL)
        for one in (
            CellSum((NATION, column), tuple((region, column) for region in sorted(by_region))),
            *(CellSum((region, column), tuple((org, column) for org in orgs)) for region, orgs in by_region.items()),
        )
    ]
    return cells | {part: 0 for one in (*across, *down) for part in one.parts if part not in cells}, [*across, *down]


def _add_totals(counts: Mapping[tuple[str, str, str], int]) -> dict[ReleaseCell, int]:
    """Add up what stands in each place and column."""
    found: dict[ReleaseCell, int] = {(NATION, TOTAL): 0}
    for (region, org, pillar), n in counts.items():
        for place in (org, region, NATION):
            for column in (pillar, TOTAL):
                found[place, column] = found.get((place, column), 0) + n
    return found


def bind_crime_types(counts: Mapping[str, int]) -> tuple[dict[ReleaseCell, int], list[CellSum]]:
    """Bind the nation's counts by crime type, with their total."""
    cells = {(NATION, name): n for name, n in counts.items()} | {(NATION, TOTAL): sum(counts.values())}
    return cells, [CellSum((NATION, TOTAL), tuple((NATION, name) for name in sorted(counts)))]
