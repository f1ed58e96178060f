"""The chart of weeks: filling weeks are in no limit and no signal."""

import pytest

from methodology import baselines, control_chart
from methodology.baselines import RecordedBaseline
from methodology.control_chart import Recorders, build_chart, find_recorders
from methodology.weeks import DaySpan, span_week

NEWEST = 300
SHOWN = range(NEWEST - 51, NEWEST + 1)
YEAR_BEFORE = range(SHOWN.start - 52, SHOWN.start)
KENT = Recorders(then={"kent": YEAR_BEFORE.start}, now={"kent"})


def count_alternately(weeks, low=16, high=24, late=0):
    """Low and high in turn, with so many more of each a week late."""
    found = {(week, 0): high if week % 2 else low for week in weeks}
    return found | {(week, 1): late for week in weeks if late and week < NEWEST}


def test_who_recorded_then_and_now_is_by_the_weeks_in_which_something_stands():
    """Essex since the third week of the year before; Kent now alone; Surrey before that year, and after now."""
    first = YEAR_BEFORE.start
    recorded = [("essex", first + 9), ("essex", first + 2), ("essex", NEWEST), ("kent", SHOWN.start)]
    recorded += [("surrey", first - 1), ("surrey", NEWEST + 1)]
    assert find_recorders(recorded, SHOWN) == Recorders(then={"essex": first + 2}, now={"essex", "kent"})


def test_limits_are_those_of_the_year_before():
    """Mean 20, moving range 8: 20 + 3 * 8 / 1.128 = 41.28, and the lower one is 0, not -1.28."""
    chart = build_chart(count_alternately(range(YEAR_BEFORE.start, NEWEST + 1)), SHOWN, NEWEST, KENT, "kent")
    (segment,) = chart.segments
    assert segment.baseline.weeks == YEAR_BEFORE
    assert (segment.limits.centre, segment.limits.lower) == (20.0, 0.0)
    assert segment.limits.upper == pytest.approx(41.277, abs=1e-3)
    assert chart.signals == []


def test_a_week_outside_is_a_signal_and_a_filling_one_is_not():
    """Fifty in both; the newest is a third of the way in."""
    counts = count_alternately(range(YEAR_BEFORE.start, NEWEST + 1), 8, 12, late=20)
    counts |= {(NEWEST - 10, 0): 60, (NEWEST, 0): 60}
    chart = build_chart(counts, SHOWN, NEWEST, KENT, "kent")
    assert [(one.rule.name, one.side, one.first, one.last) for one in chart.signals] == [
        ("outside", "above", NEWEST - 10, NEWEST - 10)
    ]
    assert chart.fillings[NEWEST].value is None


def test_no_limits_no_signals():
    """The year before has nobody's records, or has some, and all weeks are alike: there, it is still the one named."""
    alike = build_chart({(week, 0): 5 for week in (*YEAR_BEFORE, *SHOWN)}, SHOWN, NEWEST, KENT, "kent")
    assert [(one.baseline.weeks, one.limits) for one in alike.segments] == [(YEAR_BEFORE, None)]
    chart = build_chart({(week, 0): 5 for week in SHOWN}, SHOWN, NEWEST, Recorders({}, {"kent"}), "kent")
    (segment,) = chart.segments
    assert (segment.baseline.weeks, segment.limits, chart.signals) == (SHOWN[:26], None, [])


def test_a_year_before_of_too_few_gives_its_place_to_the_first_weeks_shown():
    """Two a month then, twenty a week now."""
    counts = {(week, 0): 1 for week in YEAR_BEFORE[::2]} | count_alternately(SHOWN)
    (segment,) = build_chart(counts, SHOWN, NEWEST, KENT, "kent").segments
    assert (segment.baseline.weeks, segment.limits.centre) == (SHOWN[:26], 20.0)


def test_no_week_no_chart():
    """A period without a whole week that is over."""
    chart = build_chart({}, range(400, 400), NEWEST, Recorders({}, set()), "kent")
    assert (chart.fillings, chart.segments, chart.signals, chart.triangle.horizon) == ({}, (), (), None)


def test_runs_do_not_go_on_across_a_recorded_baseline(monkeypatch):
    """Forty-one weeks at half: twenty-five below the limits of the year before, sixteen judged by their own."""
    moved = RecordedBaseline(
        of="kent",
        since=span_week(NEWEST - 15).first,
        period=DaySpan(span_week(NEWEST - 40).first, span_week(NEWEST - 17).last),
        recorded_on=span_week(NEWEST).last,
        reason="two teams became one",
    )
    counts = count_alternately(range(YEAR_BEFORE.start, NEWEST + 1), 100, 104)
    counts |= count_alternately(range(NEWEST - 40, NEWEST + 1), 50, 54)
    divide, needed = baselines.divide_weeks, baselines.find_first_needed
    monkeypatch.setattr(control_chart, "divide_weeks", lambda weeks, of, usual: divide(weeks, of, usual, [moved]))
    monkeypatch.setattr(control_chart, "find_first_needed", lambda weeks, of: needed(weeks, of, [moved]))
    chart = build_chart(counts, SHOWN, NEWEST, KENT, "kent")
    assert [one.weeks for one in chart.segments] == [range(NEWEST - 51, NEWEST - 15), range(NEWEST - 15, NEWEST + 1)]
    outside = [(one.side, one.first, one.last) for one in chart.signals if one.rule.window == 1]
    assert outside == [("below", NEWEST - 40, NEWEST - 16)]
    assert {one.last for one in chart.signals} == {NEWEST - 16}
