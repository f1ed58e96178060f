"""The chain ladder against the published results of Mack 1993 for the triangle of Taylor and Ashe, and at its edges."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methodology.chain_ladder import (
    Estimate,
    Step,
    estimate_row,
    estimate_steps,
    estimate_total,
    find_interval,
    find_share,
)

about: Any = pytest.approx  # in the place of a number

TAYLOR_ASHE = [  # incremental claims, by accident year
    [357848, 766940, 610542, 482940, 527326, 574398, 146342, 139950, 227229, 67948],
    [352118, 884021, 933894, 1183289, 445745, 320996, 527804, 266172, 425046],
    [290507, 1001799, 926219, 1016654, 750816, 146923, 495992, 280405],
    [310608, 1108250, 776189, 1562400, 272482, 352053, 206286],
    [443160, 693190, 991983, 769488, 504851, 470639],
    [396132, 937085, 847498, 805037, 705960],
    [440832, 847631, 1131398, 1063269],
    [359480, 1061648, 1443370],
    [376686, 986608],
    [344014],
]
RESERVES = [94_634, 469_511, 709_638, 984_889, 1_419_459, 2_177_641, 3_920_301, 4_278_972, 4_625_811]
ERRORS = [75_535, 121_699, 133_549, 261_406, 411_010, 558_317, 875_328, 971_258, 1_363_155]


def accumulate_rows(triangle):
    """The same, cumulative."""
    return [[sum(row[: number + 1]) for number in range(len(row))] for row in triangle]


def test_the_chain_ladder_reproduces_the_reserves_and_errors_of_mack_1993():
    """Table 1 of the paper: the total reserve is 18,680,856, its standard error 2,447,095."""
    rows = accumulate_rows(TAYLOR_ASHE)
    steps = estimate_steps(rows)
    found = [estimate_row(row, steps) for row in rows]
    assert found[0] == Estimate(3_901_463.0, 0.0)
    assert [round(one.value - row[-1]) for one, row in zip(found[1:], rows[1:], strict=True)] == RESERVES
    assert [round(one.error) for one in found[1:]] == ERRORS
    total = estimate_total(rows, steps)
    assert round(total.value - sum(row[-1] for row in rows)) == 18_680_856
    assert round(total.error) == 2_447_095


def test_a_total_asks_for_no_order_of_its_rows():
    """The youngest first gives the same."""
    rows = accumulate_rows(TAYLOR_ASHE)
    steps = estimate_steps(rows)
    assert estimate_total(rows[::-1], steps).error == pytest.approx(estimate_total(rows, steps).error)


def test_factors_by_hand():
    """(30 + 30) / (10 + 20) = 2; Mack's variance is (10 (3 - 2)^2 + 20 (1.5 - 2)^2) / 1 = 15."""
    assert estimate_steps([[10, 30], [20, 30], [5]]) == [Step(2.0, 15.0, 30)]


def test_a_row_that_grew_from_nothing_has_a_variance_by_moments():
    """Factor 40 / 30; squared residuals (20 - 40)^2 and 20^2, over 30, by 2 / 1."""
    (step,) = estimate_steps([[30, 20], [0, 20]])
    assert step == Step(about(4 / 3), about(800 / 30 * 2), 30)


@pytest.mark.parametrize("triangle", [[], [[]], [[5]], [[5], [6], [7]]])
def test_a_triangle_without_a_second_delay_has_no_steps(triangle):
    """Nothing, one cell, one column."""
    assert estimate_steps(triangle) == []


@pytest.mark.parametrize(
    ("triangle", "row"),
    [
        ([[0, 0], [0, 0], [0]], [0]),
        ([[0, 3], [0, 4], [2]], [2]),
        ([[2, 4], [3]], [3]),
        ([[4, 4, 4], [0, 0], [3]], [3]),
        ([[4, 8], [2, 4], [0]], [0]),
        ([[4, 0], [2, 0], [3]], [3]),
        ([[4, 8], [2, 4]], []),
    ],
)
def test_what_a_triangle_cannot_say_is_no_estimate(triangle, row):
    """All zero; a factor from nothing; one pair alone; one row alone; nothing is in; all is taken back; no row."""
    steps = estimate_steps(triangle)
    assert estimate_row(row, steps) is None
    assert estimate_total([[4] * (len(steps) + 1), row], steps) is None


def test_the_last_variance_of_one_pair_is_extrapolated_as_mack_does():
    """The smallest of the two before it and of the later, squared, over the earlier; of a still triangle it is zero."""
    rows = accumulate_rows(TAYLOR_ASHE)
    *_, earlier, later, last = [one.variance for one in estimate_steps(rows)]
    assert last == pytest.approx(min(later**2 / earlier, earlier, later))
    still = estimate_steps([[4, 4, 4, 4], [2, 2, 2], [5, 5, 5], [3, 3]])
    assert [one.variance for one in still] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("delay", "share"), [(0, 0.25), (1, 0.5), (2, 1.0), (3, 1.0)])
def test_the_share_that_is_in_is_one_over_the_factors_to_come(delay, share):
    """It doubles twice."""
    assert find_share([Step(2.0, 0.0, 1), Step(2.0, 0.0, 1)], delay) == share


@pytest.mark.parametrize("factor", [None, 0.0])
def test_a_share_after_a_step_that_is_not_known_is_not_known(factor):
    """Nor after one by which all was taken back."""
    assert find_share([Step(2.0, 0.0, 1), Step(factor, None, 0)], 0) is None


def test_an_interval_is_log_normal_in_what_is_to_come():
    """Median 20 / sqrt(2), spread sqrt(ln 2): with 1.6449 deviations of it, 10 + 3.595 and 10 + 55.63."""
    found = find_interval(10, Estimate(30.0, 20.0), 0.9)
    assert (found.lower, found.upper) == (pytest.approx(13.595, abs=2e-3), pytest.approx(65.63, abs=1e-2))


def test_an_interval_is_normal_where_more_is_taken_back_than_comes():
    """9 less and plus 1.6449 * 2; and it does not fall below nothing."""
    found = find_interval(10, Estimate(9.0, 2.0), 0.9)
    assert (found.lower, found.upper) == (pytest.approx(5.710, abs=1e-3), pytest.approx(12.290, abs=1e-3))
    assert find_interval(2, Estimate(1.0, 5.0), 0.9).lower == 0.0


GROWING = st.lists(st.lists(st.integers(1, 50), min_size=6, max_size=6), min_size=6, max_size=6).map(
    lambda square: [row[: 6 - number] for number, row in enumerate(accumulate_rows(square))]
)


@given(GROWING, st.integers(2, 9))
def test_estimates_and_errors_keep_their_measure(rows, scale):
    """A triangle counted by so many times as much has so many times the estimates and errors (Mack's variances too)."""
    steps, larger = estimate_steps(rows), estimate_steps([[value * scale for value in row] for row in rows])
    for row in rows:
        found, scaled = estimate_row(row, steps), estimate_row([value * scale for value in row], larger)
        assert scaled.value == pytest.approx(found.value * scale)
        assert scaled.error == pytest.approx(found.error * scale, abs=1e-6)


@given(GROWING)
def test_what_only_grows_is_expected_to_grow_and_lies_in_its_interval(rows):
    """The estimate is at least what is in; the median lies between the interval's ends."""
    steps = estimate_steps(rows)
    for row in rows:
        found = estimate_row(row, steps)
        assert found.value >= row[-1]
        interval = find_interval(row[-1], found, 0.9)
        assert row[-1] <= interval.lower <= interval.upper
    assert estimate_total(rows, steps).error >= max(estimate_row(row, steps).error for row in rows)
