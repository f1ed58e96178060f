"""Days and instants: numbers, the calendar of the United Kingdom, and how both are written."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from ledger.errors import Misuse
from ledger.instants import (
    count_days,
    count_millis,
    find_end_of_day,
    find_period_before,
    find_uk_day,
    find_year_start,
    format_for_people,
    format_instant,
    format_millis,
    make_date,
    make_instant,
)


def count_instant(*when: Any) -> int:
    return int(datetime(*when).replace(tzinfo=UTC).timestamp() * 1000)  # noqa: DTZ001  (it gets its zone at once)


def count_day(*when):
    return (date(*when) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (count_instant(2022, 1, 15, 23, 59, 59), count_day(2022, 1, 15)),
        (count_instant(2022, 7, 1, 22, 59, 59), count_day(2022, 7, 1)),
        (count_instant(2022, 7, 1, 23, 0, 0), count_day(2022, 7, 2)),
        (count_instant(2022, 3, 27, 0, 59, 59), count_day(2022, 3, 27)),
        (count_instant(2022, 10, 29, 23, 0, 0), count_day(2022, 10, 30)),
        (count_instant(2022, 10, 30, 23, 30, 0), count_day(2022, 10, 30)),
        (count_instant(2022, 7, 1, 22, 59, 59) + 999, count_day(2022, 7, 1)),
        (0, 0),
    ],
)
def test_the_day_in_london_begins_an_hour_before_that_of_utc_in_summer(instant, expected):
    """British Summer Time ran from 27 March to 30 October 2022."""
    assert find_uk_day(instant) == expected


def test_answers_carry_utc_and_people_read_london() -> None:
    """One instant, both spellings."""
    instant = datetime(2022, 6, 30, 22, 59, 59, 999000, tzinfo=UTC)
    assert format_instant(instant) == "2022-06-30T22:59:59.999Z"
    assert format_millis(19_173 * 86_400_000 + 82_799_999) == "2022-06-30T22:59:59.999Z"
    assert format_for_people(format_instant(instant)) == "30 June 2022 23:59:59 Europe/London"
    with pytest.raises(Misuse, match="without a time zone"):
        format_instant(instant.replace(tzinfo=None))  # it would be this machine's time


def test_a_date_and_its_number_are_the_same_day() -> None:
    """1 July 2022 is 19,174 days after 1 January 1970; the day before that is -1."""
    assert count_days(date(2022, 7, 1)) == 19_174
    assert make_date(19_174) == date(2022, 7, 1)
    assert (count_days(date(1969, 12, 31)), make_date(-1)) == (-1, date(1969, 12, 31))


def test_an_instant_and_its_number_are_the_same_millisecond() -> None:
    """What is under a millisecond is left out, downwards; half past nine in summer London is half past eight."""
    summer = datetime(2022, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    assert count_millis(summer) == 1_656_664_200_000
    assert make_instant(1_656_664_200_000) == datetime(2022, 7, 1, 8, 30, tzinfo=UTC)
    assert count_millis(datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC)) == 1
    assert count_millis(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_an_instant_without_a_zone_is_misuse() -> None:
    """It would be a guess."""
    with pytest.raises(Misuse, match="time zone"):
        count_millis(datetime(2022, 7, 1, 9, 30))  # noqa: DTZ001 - what is refused here


def test_a_day_ends_a_millisecond_before_midnight_in_london() -> None:
    """In summer that is an hour before midnight in UTC."""
    assert find_end_of_day(date(2022, 6, 30)) == datetime(2022, 6, 30, 22, 59, 59, 999_000, tzinfo=UTC)
    assert find_end_of_day(date(2022, 1, 1)) == datetime(2022, 1, 1, 23, 59, 59, 999_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        (date(2021, 7, 1), date(2022, 6, 30), (date(2020, 7, 1), date(2021, 6, 30))),
        (date(2020, 2, 29), date(2020, 2, 29), (date(2019, 2, 28), date(2019, 2, 28))),
        (date(2021, 2, 1), date(2021, 2, 28), (date(2020, 2, 1), date(2020, 2, 29))),
        (date(2024, 2, 28), date(2024, 2, 28), (date(2023, 2, 28), date(2023, 2, 28))),
        (date(2023, 3, 1), date(2024, 2, 28), (date(2022, 3, 1), date(2023, 2, 28))),
    ],
)
def test_a_period_a_year_before_ends_as_it_does(start, end, before):
    """Of 29 February the 28th; and February ends with its last day."""
    assert find_period_before(start, end) == before


@pytest.mark.parametrize(
    ("end", "start"),
    [
        (date(2022, 6, 30), date(2021, 7, 1)),
        (date(2024, 2, 28), date(2023, 3, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 3, 1)),
    ],
)
def test_a_year_begins_the_day_after_the_one_before_ends(end: date, start: date) -> None:
    """At every end of February too: no day lies in both years, and none in neither."""
    assert find_year_start(end) == start
    assert find_period_before(start, end)[1] == start - timedelta(days=1)
