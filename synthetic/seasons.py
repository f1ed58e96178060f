"""Reporting years and the days in them. A year ends on 30 June, as the published one does."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from ledger.errors import Misuse

DELAYS_DAYS = ((0, 3), (4, 14), (15, 45), (46, 205))  # how long a force takes to enter an event, in four bands
DELAY_WEIGHTS = (55, 25, 12, 8)
LATEST_CORRECTION_DAYS = 150


@dataclass(frozen=True, slots=True)
class Season:
    """The year ending on 30 June of ``year``."""

    year: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year - 1, 7, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, 6, 30)

    @property
    def closing(self) -> datetime:
        """When the last late entry or correction of the year has come in: 31 January, seven months on."""
        return datetime(self.year + 1, 1, 31, 18, tzinfo=UTC)

    def find_year_before(self) -> "Season":
        """Return the year before."""
        return Season(self.year - 1)


def refuse_unfinished(year: int, today: date) -> None:
    """Refuse a year whose last late entry is not past yet.

    Raises:
        Misuse: events of ``year`` would be entered after ``today``, and intake refuses events entered in the future.
    """
    closing = Season(year).closing.date()
    if closing >= today:
        raise Misuse(
            f"the year ending 30 June {year} has late entries up to {closing}, which is not past yet;"
            f" choose --year {today.year - 1 if today > date(today.year, 1, 31) else today.year - 2} or earlier"
        )


def draw_day(rng: Random, first: date, last: date) -> date:
    """Draw a day of [first, last]."""
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def draw_working_time(rng: Random, day: date) -> datetime:
    """Draw an instant of ``day`` between 07:00 and 18:00 UTC, which is the same date in London in every season."""
    millis = rng.randrange(7 * 3600 * 1000, 18 * 3600 * 1000)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(milliseconds=millis)


def draw_entry_time(rng: Random, day: date) -> datetime:
    """Draw when an event of ``day`` is entered: mostly within days, sometimes months late."""
    shortest, longest = rng.choices(DELAYS_DAYS, DELAY_WEIGHTS)[0]
    return draw_working_time(rng, day + timedelta(days=rng.randint(shortest, longest)))


def draw_correction_time(rng: Random, previous: datetime, closing: datetime) -> datetime:
    """Draw an instant after ``previous``, up to five months on and never after ``closing``."""
    room = min((closing.date() - previous.date()).days - 1, LATEST_CORRECTION_DAYS)
    if room < 1:
        return previous + timedelta(minutes=rng.randint(5, 50))
    return draw_working_time(rng, previous.date() + timedelta(days=rng.randint(1, room)))
