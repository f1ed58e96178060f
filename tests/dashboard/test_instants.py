"""Dates and instants, as readers write them."""

from datetime import UTC, date, datetime

import pytest

from ledger.errors import Misuse
from queries.parsing import parse_date, parse_instant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2022-06-30", datetime(2022, 6, 30, 22, 59, 59, 999000, tzinfo=UTC)),  # summer: London is an hour ahead
        ("2022-01-01", datetime(2022, 1, 1, 23, 59, 59, 999000, tzinfo=UTC)),
        ("2022-03-27", datetime(2022, 3, 27, 22, 59, 59, 999000, tzinfo=UTC)),  # the day the clocks go forward
        ("2022-07-04T09:00:00+01:00", datetime(2022, 7, 4, 8, tzinfo=UTC)),
        ("2022-07-04T09:00:00Z", datetime(2022, 7, 4, 9, tzinfo=UTC)),
        ("2022-07-04 09:00:00Z", datetime(2022, 7, 4, 9, tzinfo=UTC)),
    ],
)
def test_a_date_is_the_end_of_its_london_day_and_an_instant_is_itself(written: str, meant: datetime) -> None:
    """The end of a day is its last millisecond, whichever side of a clock change it is."""
    assert parse_instant(written, "--as-at") == meant


@pytest.mark.parametrize("written", ["2022-07-04T09:00:00", "yesterday", "2022-13-01", "", "2022-7-4"])
def test_an_instant_without_a_zone_or_sense_is_misuse(written: str) -> None:
    """The message names the option, so that the caller can mend it."""
    with pytest.raises(Misuse, match="--as-at"):
        parse_instant(written, "--as-at")


@pytest.mark.parametrize("written", ["20220630", "2022-02-30", "2022-06-30T00:00:00Z", ""])
def test_a_date_is_written_one_way(written: str) -> None:
    """A period is of dates; neither instants nor other spellings pass."""
    with pytest.raises(Misuse, match="--from"):
        parse_date(written, "--from")


@pytest.mark.parametrize(
    "written",
    [
        "9999-12-31",
        "2300-01-01",
        "1899-12-31",
        "0001-01-01",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "1900-01-01T00:00:00+01:00",  # 1899 in UTC
        "2299-12-31T23:59:59-00:01",  # 2300 in UTC
        "2016-12-31T23:59:60Z",
        "2022-07-04T09:00:00+24:00",
        "10000-01-01",
        "\uff12022-07-04",
        "2022-07-04\x00",
        "2022-07-04\ud800",
        pytest.param("9" * 100_000, id="endless"),
    ],
)
def test_what_the_tables_cannot_hold_is_misuse(written: str) -> None:
    """A date of the tables goes from 1900 to 2299; a minute has sixty seconds, a year four ASCII digits."""
    with pytest.raises(Misuse, match="--as-at"):
        parse_instant(written, "--as-at")
    with pytest.raises(Misuse, match="--from"):
        parse_date(written, "--from")


def test_the_first_and_the_last_that_the_tables_hold_are_taken() -> None:
    """Both ends are included; London is at Greenwich's time in December of 2299."""
    assert parse_date("1900-01-01", "--from") == date(1900, 1, 1)
    assert parse_instant("2299-12-31", "--as-at") == datetime(2299, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    assert parse_instant("2022-07-04T09:00:00+23:59", "--as-at") == datetime(2022, 7, 3, 9, 1, tzinfo=UTC)
