"""Weeks that are still filling, from a triangle made by hand."""

from collections import Counter
from math import ceil, floor, log2
from random import Random
from typing import Any

import pytest

from methodology.chain_ladder import Estimate
from methodology.entry_delay import (
    HORIZON_WEEKS,
    Filling,
    build_triangle,
    estimate_weeks,
    find_filling,
)

about: Any = pytest.approx  # in the place of a number

NEWEST = 200
WEEKS = range(NEWEST - 51, NEWEST + 1)


def fill_weeks(*coming, weeks=WEEKS):
    """Of each week, so many come at delay 0, 1, 2, ..., as far as its age lets them."""
    return {(week, delay): n for week in weeks for delay, n in enumerate(coming) if delay <= NEWEST - week and n != 0}


def test_a_row_has_what_was_in_at_each_delay_up_to_its_age():
    """Six at once, three a week later, one of them taken back two weeks later."""
    triangle = build_triangle(fill_weeks(6, 3, -1), WEEKS, NEWEST)
    assert triangle.rows[NEWEST] == [6]
    assert triangle.rows[NEWEST - 1] == [6, 9]
    assert triangle.rows[NEWEST - 3] == [6, 9, 8, 8]
    assert len(triangle.rows[NEWEST - 51]) == 52


def test_a_week_is_expected_to_fill_as_the_weeks_before_it_did():
    """Six of eight are in after no week, nine of eight after one; the same every week, so without error."""
    triangle = build_triangle(fill_weeks(6, 3, -1), WEEKS, NEWEST)
    assert triangle.horizon == 44  # of 52 weeks, eight are at least 44 weeks old
    newest = find_filling(triangle, NEWEST)
    assert (newest.recorded, newest.delay, newest.share) == (6, 0, pytest.approx(0.75))
    assert newest.expected == (pytest.approx(8.0), pytest.approx(0.0))
    assert newest.interval.lower == pytest.approx(8.0)
    assert find_filling(triangle, NEWEST - 1).share == pytest.approx(9 / 8)


def test_a_week_enters_a_signal_only_when_most_of_it_is_expected_to_be_in_and_then_as_it_will_be():
    """Eight of ten at once, nine and a half after a week: the newest week enters nothing, the one before it enters as
    twenty.
    """
    triangle = build_triangle(fill_weeks(16, 3, 1), WEEKS, NEWEST)
    assert find_filling(triangle, NEWEST).value is None
    assert find_filling(triangle, NEWEST - 1).recorded == 19
    assert find_filling(triangle, NEWEST - 1).value == pytest.approx(20)
    assert find_filling(triangle, NEWEST - 51).value == 20


def test_a_week_of_which_nothing_is_in_has_no_estimate():
    """Three of four are in at once on average, of this one none: it may be none, or late."""
    counts = {key: n for key, n in fill_weeks(6, 2).items() if key[0] != NEWEST}
    newest = find_filling(build_triangle(counts, WEEKS, NEWEST), NEWEST)
    assert newest == Filling(0, 0, about(0.75), None, None, False)
    late = {key: n for key, n in fill_weeks(6, 2).items() if key[0] != NEWEST - 1}
    assert find_filling(build_triangle(late, WEEKS, NEWEST), NEWEST - 1).value == 0


@pytest.mark.parametrize("counts", [{}, fill_weeks(6, 2, weeks=WEEKS[-13:]), fill_weeks(6, 2, weeks=WEEKS[:7])])
def test_a_past_too_short_says_nothing(counts):
    """Nothing; thirteen weeks, of which eight are five weeks old; seven weeks, however old."""
    triangle = build_triangle(counts, WEEKS, NEWEST)
    assert triangle.horizon is None
    assert find_filling(triangle, NEWEST) == Filling(triangle.rows[NEWEST][-1], 0, None, None, None, False)
    assert find_filling(triangle, NEWEST).value is None
    assert estimate_weeks(triangle, [NEWEST]) is None


def test_a_week_older_than_the_horizon_is_whole_whatever_the_past_says():
    """A year after its end nothing more is foreseen."""
    weeks = range(NEWEST - HORIZON_WEEKS, NEWEST + 1)
    whole = find_filling(build_triangle({(weeks[0], 0): 3}, weeks, NEWEST), weeks[0])
    assert (whole.value, whole.is_whole, whole.delay) == (3, True, HORIZON_WEEKS)
    beyond = find_filling(build_triangle(fill_weeks(6, 2), WEEKS, NEWEST), WEEKS[3])
    assert (beyond.expected, beyond.delay) == (Estimate(8, 0.0), 44)


def test_weeks_that_ended_long_ago_are_whole_and_teach_nothing():
    """Two hundred weeks later nothing is recorded any more: a row goes to 52 weeks after the end, and no further."""
    triangle = build_triangle(fill_weeks(6, 2), WEEKS, NEWEST + 200)
    assert (triangle.horizon, len(triangle.rows[NEWEST])) == (None, HORIZON_WEEKS + 1)
    assert find_filling(triangle, NEWEST - 1).value == 8


def test_a_week_is_expected_to_become_the_same_whatever_weeks_are_asked_for():
    """All that came a week late comes at once since half a year ago: of the 51 weeks that are a week old or older, 25
    had their eight in at once and 26 had none.
    """
    change = NEWEST - 25
    counts = fill_weeks(0, 8, weeks=WEEKS[:26]) | fill_weeks(8, weeks=range(change, NEWEST + 1))
    asked = [build_triangle(counts, weeks, NEWEST) for weeks in (WEEKS, WEEKS[:4], WEEKS[-4:], ())]
    assert {triangle.horizon for triangle in asked} == {44}
    assert [triangle.find_share(0) for triangle in asked] == [pytest.approx(25 / 51)] * 4


def test_the_latest_year_alone_is_learnt_from():
    """All that came a week late comes at once since a year ago."""
    old = range(NEWEST - 103, NEWEST - 51)
    counts = fill_weeks(0, 8, weeks=old) | fill_weeks(8)
    triangle = build_triangle(counts, range(old.start, NEWEST + 1), NEWEST)
    assert find_filling(triangle, NEWEST).share == 1.0
    assert triangle.horizon == 44


def test_weeks_are_estimated_together():
    """Eight, nine of eight expected, and six expected to be eight: twenty-four."""
    triangle = build_triangle(fill_weeks(6, 3, -1), WEEKS, NEWEST)
    estimate, interval = estimate_weeks(triangle, [NEWEST - 50, NEWEST - 1, NEWEST])
    assert estimate.value == pytest.approx(24)
    assert interval.lower <= 24.001


def test_weeks_together_have_no_estimate_where_one_has_none():
    """Of the newest nothing is in."""
    counts = {key: n for key, n in fill_weeks(6, 2).items() if key[0] != NEWEST}
    assert estimate_weeks(build_triangle(counts, WEEKS, NEWEST), WEEKS) is None


@pytest.mark.parametrize("usual", [4, 20, 150])
def test_nine_of_ten_weeks_come_to_lie_in_their_interval(usual):
    """Sixty made-up recorders of so many a week, half of them entered at once and half of the rest each week after:
    of their newest six weeks, 86 to 98% became what lies in the interval, whose ends are taken out to whole numbers.
    """
    chance = Random(usual)
    held = total = 0
    for _ in range(60):
        counts, became = Counter(), Counter()
        for week in WEEKS:
            for _ in range(sum(chance.random() < 0.5 for _ in range(2 * usual))):
                delay = int(-log2(1 - chance.random()))
                became[week] += 1
                counts[week, delay] += delay <= NEWEST - week
        triangle = build_triangle(counts, WEEKS, NEWEST)
        for week in WEEKS[-6:]:
            interval = find_filling(triangle, week).interval
            if interval is not None:
                total += 1
                held += floor(interval.lower) <= became[week] <= ceil(interval.upper)
    assert total > 330
    assert 0.86 <= held / total <= 0.98
