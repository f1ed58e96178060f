"""An attacker of a whole release, who shares nothing with what hides: all its tables together, and every sum of them.

Of a place's pillars, of a region's forces, of the nation's regions, forces and crime types: also the sums that follow
from others. It works out how hidden cells may move together (the null space of those sums, in fractions), and how far
(each is at least 1).
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest

from methodology.publication import bind_release
from methodology.suppression import CellSum, ReleaseCell, ReleaseTable

REGIONS = {"Eastern": ("essex", "kent", "suffolk"), "London": ("btp", "metropolitan"), "Wales": ("gwent", "tarian")}
PILLARS = ("PURSUE", "PREVENT", "PROTECT", "PREPARE")
CRIME_TYPES = ("CYBER", "DRUGS", "FRAUD")
NATION, TOTAL = "nation", "total"
Sum = tuple[ReleaseCell, list[ReleaseCell]]


def make_counts(chance: Random) -> dict[tuple[str, str, str, str], int]:
    """A made-up year: few of most, many of some."""
    largest = chance.choice([3, 8, 20])
    return {
        (region, org, pillar, crime_type): n
        for region, orgs in REGIONS.items()
        for org in orgs
        for pillar in PILLARS
        for crime_type in CRIME_TYPES
        if (n := chance.choice([0, 0, 0, 1, chance.randrange(largest)]))
    }


def list_sums(cells: Iterable[ReleaseCell]) -> list[Sum]:
    """Every sum that a reader knows of: whole and parts."""
    forces = [org for orgs in REGIONS.values() for org in orgs]
    sums: list[Sum] = [((NATION, TOTAL), [(NATION, name) for name in CRIME_TYPES])]
    for place in (NATION, *REGIONS, *forces):
        sums.append(((place, TOTAL), [(place, pillar) for pillar in PILLARS]))
    for column in (*PILLARS, TOTAL):
        sums += [((NATION, column), [(place, column) for place in places]) for places in (tuple(REGIONS), forces)]
        sums += [((region, column), [(org, column) for org in orgs]) for region, orgs in REGIONS.items()]
    there = set(cells)
    return [(whole, [part for part in parts if part in there]) for whole, parts in sums if whole in there]


def find_directions(sums: list[Sum], hidden: list[ReleaseCell]) -> dict[ReleaseCell, tuple[Fraction, ...]]:
    """How much each hidden cell moves in each of the ways in which all of them may: nothing where it is fixed."""
    rows = [[Fraction((cell in parts) - (cell == whole)) for cell in hidden] for whole, parts in sums]
    pivots: list[int] = []
    for column in range(len(hidden)):
        found = next((row for row in rows[len(pivots) :] if row[column]), None)
        if found is None:
            continue
        rows.remove(found)
        scaled = [value / found[column] for value in found]
        rows = [[a - row[column] * b for a, b in zip(row, scaled, strict=True)] if row[column] else row for row in rows]
        rows.insert(len(pivots), scaled)
        pivots.append(column)
    free = [column for column in range(len(hidden)) if column not in pivots]
    moves = {hidden[column]: tuple(Fraction(column == one) for one in free) for column in free}
    return moves | {hidden[column]: tuple(-rows[n][one] for one in free) for n, column in enumerate(pivots)}


def find_bounds(
    sums: list[Sum], counts: dict[ReleaseCell, int], hidden: list[ReleaseCell]
) -> dict[ReleaseCell, tuple[int, int]]:
    """The least and the most that each hidden cell can be, sum by sum until nothing more is learnt."""
    most = sum(counts.values())
    bounds = {cell: (n, n) for cell, n in counts.items()} | dict.fromkeys(hidden, (1, most))
    signed = [{whole: -1} | dict.fromkeys(parts, 1) for whole, parts in sums]
    while True:
        before = dict(bounds)
        for one in signed:
            for cell, sign in one.items():
                others = [(-sign * s, bounds[other]) for other, s in one.items() if other != cell]
                least = sum(s * (low if s > 0 else high) for s, (low, high) in others)
                greatest = sum(s * (high if s > 0 else low) for s, (low, high) in others)
                bounds[cell] = (max(bounds[cell][0], least), min(bounds[cell][1], greatest))
        if bounds == before:
            return bounds


def find_given_away(
    sums: list[Sum], counts: dict[ReleaseCell, int], hidden: list[ReleaseCell]
) -> list[tuple[ReleaseCell, ...]]:
    """The hidden cells, and the twos and threes of them that a reader can add up, that are 1 to 4."""
    moves = find_directions(sums, hidden)
    small = [cell for cell in hidden if counts[cell] < 5]
    groups = [
        group for size in (1, 2, 3) for group in combinations(small, size) if sum(counts[cell] for cell in group) < 5
    ]
    return [group for group in groups if not any(map(sum, zip(*(moves[cell] for cell in group), strict=True)))]


@pytest.mark.parametrize("seed", range(40))
def test_an_attacker_of_all_tables_together_learns_no_small_figure(seed: int) -> None:
    """No hidden cell can be worked out, and none that add up to 1 to 4 can be added up, whatever is combined."""
    counts, given = bind_release(make_counts(Random(seed)))
    hidden = sorted(ReleaseTable(counts, given).suppress_cells())
    sums = list_sums(counts)
    assert all(counts[whole] == sum(counts[part] for part in parts) for whole, parts in sums)
    assert hidden or all(n == 0 or n > 4 for n in counts.values())
    bounds = find_bounds(sums, counts, hidden)
    assert [cell for cell in hidden if bounds[cell][0] == bounds[cell][1]] == []
    moves = find_directions(sums, hidden)
    assert [cell for cell in hidden if not any(moves[cell])] == []
    assert find_given_away(sums, counts, hidden) == []


def test_the_attacker_finds_what_is_given_away() -> None:
    """20 in all, 17 of them pursue: prevent and protect, 1 and 2, are 3 together."""
    whole, parts = ("gwent", TOTAL), [("gwent", pillar) for pillar in PILLARS[:3]]
    counts = {whole: 20, parts[0]: 17, parts[1]: 1, parts[2]: 2}
    assert find_given_away([(whole, parts)], counts, parts[1:]) == [(parts[1], parts[2])]
    assert find_given_away([(whole, parts)], counts, parts[1:2]) == [(parts[1],)]
    assert find_given_away([(whole, parts)], counts, parts) == []
    assert find_bounds([(whole, parts)], counts, parts[1:])[parts[1]] == (1, 2)
    assert find_bounds([(whole, parts)], counts, parts[2:])[parts[2]] == (2, 2)


def test_what_several_sums_add_up_to_is_no_small_figure() -> None:
    """Of 21, 17 stand in z, so 4 in x and y, which no single sum that is given says: nor what 1, 2 and 1 are.

    The sums are those of rows and of columns. All that is not 0 is hidden of x and y, and both z, for the rows' totals.
    """
    rows = {"a": (1, 2, 9), "b": (0, 1, 8), TOTAL: (1, 3, 17)}
    counts = {(row, column): n for row, held in rows.items() for column, n in zip("xyz", held, strict=True)}
    counts |= {(row, TOTAL): sum(held) for row, held in rows.items()}
    across = [CellSum((row, TOTAL), tuple((row, column) for column in "xyz")) for row in "ab"]
    down = [CellSum((TOTAL, column), (("a", column), ("b", column))) for column in ("x", "y", "z", TOTAL)]
    table = ReleaseTable(counts, [*across, *down])
    small = {("a", "x"), ("a", "y"), ("b", "y"), (TOTAL, "x"), (TOTAL, "y")}
    assert table.find_exposed(small | {("a", "z"), ("b", "z")}) == small
    assert table.suppress_cells() > small
    assert table.find_exposed(table.suppress_cells()) == set()
