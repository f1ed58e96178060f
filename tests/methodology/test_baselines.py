"""Baselines: a recorder's own year before, where it is like; moved by a recorded entry alone."""

from methodology.baselines import (
    NATION,
    RECORDED_BASELINES,
    Baseline,
    Judged,
    RecordedBaseline,
    choose_usual,
    divide_weeks,
    find_first_needed,
)
from methodology.weeks import DaySpan, span_week

SHOWN = range(100, 152)
USUAL = Baseline(range(48, 100), "the year before the weeks shown")
MOVED = RecordedBaseline(
    of="kent",
    since=span_week(120).first,
    period=DaySpan(span_week(20).first, span_week(45).last),
    recorded_on=span_week(121).last,
    reason="recording moved to the regional desk",
)


def test_the_year_before_serves_where_the_same_recorded():
    """Nine of ten, from the first week that holds any."""
    ten = [str(number) for number in range(10)]
    assert choose_usual(SHOWN, 48, ten[1:], ten) == USUAL
    assert choose_usual(SHOWN, 60, ten, ten).weeks == range(60, 100)


def test_the_first_half_year_serves_where_the_year_before_is_not_like():
    """Eight of ten recorded; nobody does now; nothing before; a record in the last nineteen weeks alone."""
    ten = [str(number) for number in range(10)]
    for first, then, now in ((48, ten[2:], ten), (48, ten, []), (None, ten, ten), (81, ten, ten)):
        found = choose_usual(SHOWN, first, then, now)
        assert (found.weeks, found.recorded_on) == (range(100, 126), None)


def test_without_an_entry_all_weeks_are_judged_by_the_usual_baseline():
    """And there is no entry yet; another recorder's moves nothing."""
    assert RECORDED_BASELINES == ()
    assert divide_weeks(SHOWN, "kent", USUAL) == [Judged(SHOWN, USUAL)]
    assert divide_weeks(SHOWN, NATION, USUAL, [MOVED]) == [Judged(SHOWN, USUAL)]


def test_a_recorded_baseline_judges_from_its_day_on_and_says_why():
    """Twenty weeks by the usual one, and the rest by its own."""
    usual, moved = divide_weeks(SHOWN, "kent", USUAL, [MOVED])
    assert usual == Judged(range(100, 120), USUAL)
    assert moved == Judged(range(120, 152), Baseline(range(20, 46), MOVED.reason, MOVED.recorded_on))


def test_a_week_that_a_new_baseline_begins_within_is_judged_by_the_old_one():
    """From a Tuesday on: the next Monday."""
    _, moved = divide_weeks(SHOWN, "kent", USUAL, [MOVED._replace(since=MOVED.since + 1)])
    assert moved.weeks == range(121, 152)


def test_entries_before_and_after_the_weeks_shown_judge_all_of_them_or_none():
    """One day's later entry holds before the earlier."""
    early, late = MOVED._replace(since=span_week(10).first), MOVED._replace(since=span_week(200).first)
    assert [one.weeks for one in divide_weeks(SHOWN, "kent", USUAL, [early, late])] == [SHOWN]
    (found,) = divide_weeks(SHOWN, "kent", USUAL, [early, early._replace(reason="corrected")])
    assert found.baseline.reason == "corrected"


def test_the_weeks_that_are_needed_reach_back_a_year_or_to_a_recorded_baseline():
    """From week 100: 48, or 20."""
    assert find_first_needed(SHOWN, "kent") == 48
    assert find_first_needed(SHOWN, "kent", [MOVED]) == 20
    assert find_first_needed(SHOWN, "essex", [MOVED]) == 48
