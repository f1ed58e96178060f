"""Weeks of event dates: Monday to Sunday, as ISO 8601 has them, numbered from the week of 1 January 1970."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ledger.facts import Day

WEEK_DAYS: Final = 7
FIRST_MONDAY: Day = -3  # 1969-12-29, of the week that holds 1970-01-01
Week = int


class DaySpan(NamedTuple):
    """Days, both included."""

    first: Day
    last: Day


def find_week(day: Day) -> Week:
    """Find the week that a day lies in."""
    return (day - FIRST_MONDAY) // WEEK_DAYS


def span_week(week: Week) -> DaySpan:
    """Find the Monday and the Sunday of a week."""
    monday = FIRST_MONDAY + week * WEEK_DAYS
    return DaySpan(monday, monday + WEEK_DAYS - 1)


def list_whole_weeks(period: DaySpan) -> range:
    """List the weeks of which every day lies in the period."""
    first, last = find_week(period.first + WEEK_DAYS - 1), find_week(period.last + 1) - 1
    return range(first, max(first, last + 1))


def list_left_out(period: DaySpan, weeks: Sequence[Week]) -> list[DaySpan]:
    """List the days of the period that lie in none of these weeks, which follow each other."""
    if not weeks:
        return [period]
    before = DaySpan(period.first, span_week(weeks[0]).first - 1)
    after = DaySpan(span_week(weeks[-1]).last + 1, period.last)
    return [one for one in (before, after) if one.first <= one.last]
