"""Weeks run from Monday to Sunday; those cut by a period's ends are left out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.instants import count_days, make_date
from methodology.weeks import DaySpan, find_week, list_left_out, list_whole_weeks, span_week


def make_span(first, last):
    """The days from one date to another."""
    return DaySpan(count_days(date.fromisoformat(first)), count_days(date.fromisoformat(last)))


def test_the_first_week_holds_the_first_day():
    """1 January 1970 was a Thursday."""
    assert [make_date(day) for day in span_week(find_week(0))] == [date(1969, 12, 29), date(1970, 1, 4)]


@given(st.integers(-40_000, 120_000))
def test_a_week_is_that_of_the_calendar(day):
    """As ISO 8601 has it: it begins on a Monday, and its number is the same for all seven days."""
    span = span_week(find_week(day))
    assert make_date(span.first).isoweekday() == 1
    assert span.first <= day <= span.last == span.first + 6
    assert {make_date(one).isocalendar()[:2] for one in range(span.first, span.last + 1)} == {
        make_date(day).isocalendar()[:2]
    }


@pytest.mark.parametrize(
    ("period", "mondays", "left_out"),
    [
        (make_span("2022-05-02", "2022-05-15"), ["2022-05-02", "2022-05-09"], []),
        (
            make_span("2022-05-01", "2022-05-16"),
            ["2022-05-02", "2022-05-09"],
            [make_span("2022-05-01", "2022-05-01"), make_span("2022-05-16", "2022-05-16")],
        ),
        (make_span("2022-05-03", "2022-05-14"), [], [make_span("2022-05-03", "2022-05-14")]),
        (make_span("2022-05-04", "2022-05-05"), [], [make_span("2022-05-04", "2022-05-05")]),
    ],
)
def test_weeks_cut_by_the_ends_of_a_period_are_left_out(period, mondays, left_out):
    """2 May 2022 was a Monday; of twelve days from a Tuesday on, none makes a whole week."""
    weeks = list_whole_weeks(period)
    assert [make_date(span_week(week).first).isoformat() for week in weeks] == mondays
    assert list_left_out(period, weeks) == left_out
