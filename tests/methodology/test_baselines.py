"""Baselines: a recorder's own year before, where it is like; moved by a recorded entry alone."""

from methodology.baselines import (
    NATION,
    RECORDED_BASELINES,
    Baseline,
    Judged,
    RecordedBaseline,
    divide_weeks,
    find_first_needed,
    list_usual,
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


TEN = [str(number) for number in range(10)]


def test_the_year_before_serves_from_when_most_had_begun_to_record():
    """Of ten, nine; the last of these from week 60 on, after which the tenth does not matter."""
    usual, first_weeks = list_usual(SHOWN, dict.fromkeys(TEN[1:], 48), TEN)
    assert (usual, first_weeks.weeks) == (USUAL, range(100, 126))
    late = dict.fromkeys(TEN, 48) | {"1": 60, "0": 99}
    assert list_usual(SHOWN, late, TEN)[0].weeks == range(60, 100)


def test_the_first_half_year_alone_serves_where_the_year_before_is_not_like():
    """Eight of ten recorded; nobody does now; nobody did then; two began in the last nineteen weeks."""
    most = dict.fromkeys(TEN, 48)
    for then, now in ((dict.fromkeys(TEN[2:], 48), TEN), (most, []), ({}, TEN), (most | {"0": 81, "1": 81}, TEN)):
        (found,) = list_usual(SHOWN, then, now)
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
