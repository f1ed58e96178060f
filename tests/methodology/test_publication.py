"""What may be released: one public year, and cells whose sums are all known."""

from datetime import date

import pytest

from ledger.errors import Misuse
from methodology.publication import NATION, TOTAL, bind_crime_types, bind_places, bind_release, hold_public_year
from methodology.suppression import CellSum, ReleaseTable

COUNTS = {
    ("Eastern", "kent", "PURSUE"): 50,
    ("Eastern", "kent", "PREVENT"): 2,
    ("Eastern", "essex", "PURSUE"): 40,
    ("Eastern", "essex", "PREVENT"): 9,
    ("London", "metropolitan", "PURSUE"): 700,
    ("London", "metropolitan", "PREVENT"): 60,
}


@pytest.mark.parametrize(("start", "end"), [((2021, 7, 1), (2022, 6, 30)), ((2023, 7, 1), (2024, 6, 30))])
def test_a_release_is_of_one_public_year(start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    """It ends on 30 June; leap years too."""
    hold_public_year(date(*start), date(*end))


@pytest.mark.parametrize(
    ("start", "end"),
    [((2021, 7, 2), (2022, 6, 30)), ((2021, 4, 1), (2022, 3, 31)), ((2020, 7, 1), (2022, 6, 30))],
    ids=["a day less", "another year's end", "two years"],
)
def test_any_other_period_is_refused(start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    """The remedy is a period that may be released."""
    with pytest.raises(Misuse, match="--from 2021-07-01 --to 2022-06-30"):
        hold_public_year(date(*start), date(*end))


def test_places_are_bound_by_all_their_sums() -> None:
    """Every total is there and every sum holds."""
    cells, sums = bind_places(COUNTS)
    assert (cells[NATION, TOTAL], cells["Eastern", TOTAL], cells["kent", TOTAL]) == (861, 101, 52)
    assert (cells["Eastern", "PREVENT"], cells["London", "PURSUE"]) == (11, 700)
    assert all(cells[one.whole] == sum(cells[part] for part in one.parts) for one in sums)
    assert CellSum(("Eastern", TOTAL), (("essex", TOTAL), ("kent", TOTAL))) in sums


def test_a_force_s_small_cell_is_hidden_with_its_region_s_other_force() -> None:
    """2 of Kent's prevent is told by Kent's total and by the region's: Essex's and the pursue cells go too."""
    cells, sums = bind_places(COUNTS)
    hidden = ReleaseTable(cells, sums).suppress_cells()
    assert hidden == {("kent", "PREVENT"), ("kent", "PURSUE"), ("essex", "PREVENT"), ("essex", "PURSUE")}


def test_a_missing_cell_is_nothing_and_is_shown() -> None:
    """Kent has no prepare: 0, where others have some."""
    cells, _ = bind_places(COUNTS | {("London", "metropolitan", "PREPARE"): 8})
    assert cells["kent", "PREPARE"] == 0


def test_an_organisation_of_two_regions_is_refused() -> None:
    """Its cells would be bound in a way that is not proved safe."""
    with pytest.raises(Misuse, match="kent changed its region"):
        bind_places(COUNTS | {("South East", "kent", "PURSUE"): 1})


def test_crime_types_are_bound_by_the_nation_s_total() -> None:
    """One small cell takes the next smallest with it."""
    cells, sums = bind_crime_types({"DRUGS": 500, "CYBER": 30, "FIREARMS": 3})
    assert cells[NATION, TOTAL] == 533
    assert ReleaseTable(cells, sums).suppress_cells() == {(NATION, "FIREARMS"), (NATION, "CYBER")}


def test_crime_types_that_give_a_hidden_total_away_are_hidden_with_it() -> None:
    """The nation's total, 29, is hidden by place alone; the crime types add up to it, and told a region's prepare."""
    places = {
        ("North East", "durham", "PURSUE"): 6,
        ("North East", "durham", "PREPARE"): 2,
        ("North East", "cleveland", "PURSUE"): 3,
        ("North East", "cleveland", "PREPARE"): 2,
        ("Eastern", "kent", "PURSUE"): 4,
        ("Eastern", "kent", "PREVENT"): 4,
        ("Eastern", "kent", "PREPARE"): 3,
        ("Eastern", "essex", "PURSUE"): 1,
        ("Eastern", "essex", "PREVENT"): 1,
        ("Eastern", "essex", "PREPARE"): 3,
    }
    apart = ReleaseTable(*bind_places(places))
    hidden = apart.suppress_cells()
    assert (NATION, TOTAL) in hidden
    assert ("North East", "PREPARE") in apart.find_exposed(hidden - {(NATION, TOTAL)})
    cells, sums = bind_release({(*place, "DRUGS"): n for place, n in places.items()})
    together = ReleaseTable(cells, sums)
    hidden = together.suppress_cells()
    assert (cells[NATION, TOTAL], cells[NATION, "DRUGS"], cells["kent", TOTAL]) == (29, 29, 11)
    assert ((NATION, TOTAL) in hidden) == ((NATION, "DRUGS") in hidden)
    assert together.find_exposed(hidden) == set()


def test_a_release_has_every_sum_of_places_and_of_crime_types() -> None:
    """A cell of two crime types stands in its place once."""
    both = {("London", "btp", "PURSUE", "DRUGS"): 7, ("London", "btp", "PURSUE", "CYBER"): 9}
    cells, sums = bind_release(both)
    assert (cells["btp", "PURSUE"], cells[NATION, "CYBER"], cells[NATION, TOTAL]) == (16, 9, 16)
    assert all(cells[one.whole] == sum(cells[part] for part in one.parts) for one in sums)
    assert CellSum((NATION, TOTAL), ((NATION, "CYBER"), (NATION, "DRUGS"))) in sums
