"""What may be released: one public year, and cells whose sums are all known."""

from datetime import date

import pytest

from ledger.errors import Misuse
from methodology.publication import NATION, TOTAL, bind_crime_types, bind_places, hold_public_year
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
