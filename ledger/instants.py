"""Days and instants: as numbers of the ledger, as dates of the calendar, and as people in London read them.

A ``Day`` counts days, and ``Millis`` milliseconds, since 1970-01-01T00:00Z. Event dates are the United Kingdom's
calendar dates, and a date where an instant is wanted is the end of that day in London.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from ledger.errors import Misuse
from ledger.facts import Day, Millis

MILLIS_PER_DAY: Final = 86_400_000
NANOS_PER_MILLI: Final = 1_000_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONDON: Final = "Europe/London"
EARLIEST: Final = date(1900, 1, 1)  # with the last one: what the tables' dates and instants can hold
LATEST: Final = date(2299, 12, 31)
_EPOCH_DAY: Final = EPOCH.toordinal()
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)


def count_days(day: date) -> Day:
    """Return the days from 1970-01-01 to a date."""
    return day.toordinal() - _EPOCH_DAY


def make_date(day: Day) -> date:
    """Return the date of a day of the ledger."""
    return date.fromordinal(day + _EPOCH_DAY)


def count_millis(instant: datetime) -> Millis:
    """Return the milliseconds from 1970-01-01T00:00Z to an instant, rounded down.

    Raises:
        Misuse: the instant names no time zone.
    """
    _hold_zone(instant)
    return (instant - EPOCH) // _MILLISECOND


def make_instant(millis: Millis) -> datetime:
    """Return an instant of the ledger in UTC. Raises OverflowError where no calendar holds it."""
    return EPOCH + timedelta(milliseconds=millis)


def format_instant(instant: datetime) -> str:
    """Write an instant as answers and outputs carry it: UTC, milliseconds, ``Z``. Raises as ``count_millis`` does."""
    _hold_zone(instant)
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_millis(millis: Millis) -> str:
    """Write an instant of the ledger as ``format_instant`` does. Raises as ``make_instant`` does."""
    return format_instant(make_instant(millis))


@cache
def load_london() -> ZoneInfo:
    """Return the zone of event dates."""
    return ZoneInfo(LONDON)


def find_uk_day(instant: Millis) -> Day:
    """Return the calendar day in the United Kingdom at an instant."""
    return datetime.fromtimestamp(instant / 1000, load_london()).toordinal() - _EPOCH_DAY


def find_year_before(day: date) -> date:
    """Find the same calendar day a year before; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def find_period_before(start: date, end: date) -> tuple[date, date]:
    """Find the same period a year before, both its days included: what ends with February does so then too."""
    return find_year_before(start), _find_end_before(end)


def find_year_start(end: date) -> date:
    """Find the first day of the year that ends on a day: the one before it ends the day before."""
    return _find_end_before(end) + _DAY


def _find_end_before(end: date) -> date:
    """Find the end a year before: of the last day of February the last one then, of 28 February the 28th."""
    march = date(end.year, 3, 1)
    return march.replace(year=end.year - 1) - _DAY if end == march - _DAY else find_year_before(end)


def find_end_of_day(day: date) -> datetime:
    """Return the last millisecond of a day in the United Kingdom. Raises OverflowError after the calendar's last."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=load_london())
    return midnight.astimezone(UTC) - _MILLISECOND


def read_in_london(text: str) -> datetime:
    """Read an instant as ``format_instant`` writes it, in London's time."""
    return datetime.fromisoformat(text).astimezone(load_london())


def format_for_people(text: str) -> str:
    """Write such an instant in London's time and labelled so: ``30 June 2022 23:59:59 Europe/London``."""
    local = read_in_london(text)
    return f"{local.day} {local:%B %Y %H:%M:%S} {LONDON}"


def _hold_zone(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise Misuse("an instant without a time zone: add its offset, such as Z or +01:00")
