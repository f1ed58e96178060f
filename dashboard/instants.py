"""Dates and instants as readers write them, and as answers show them.

A date where an instant is wanted is the end of that day in London; an instant without a zone is misuse, never a guess.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ledger.errors import Misuse

LONDON = "Europe/London"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_date(text: str, name: str) -> date:
    """A calendar date, ``2022-06-30``.

    Raises:
        Misuse: anything else; the message names the option.
    """
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Misuse(f"{name}: {text!r} is not a date; write it as 2022-06-30")


def parse_instant(text: str, name: str) -> datetime:
    """An instant in UTC, from an ISO instant with a zone or from a date.

    Raises:
        Misuse: not an instant, or one without a zone.
    """
    if _DATE.fullmatch(text):
        return end_of_day(parse_date(text, name))
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
    except ValueError:
        raise Misuse(f"{name}: {text!r} is not an instant; write 2022-07-04T09:00:00Z or a date") from None
    if instant.tzinfo is None:
        raise Misuse(f"{name}: {text!r} has no zone; add Z, +01:00, or give a date (the end of that day in London)")
    return instant.astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The last millisecond of a UK calendar day."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(LONDON))
    return midnight.astimezone(UTC) - timedelta(milliseconds=1)


def iso(instant: datetime) -> str:
    """An instant as answers carry it: UTC, milliseconds, ``Z``."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def london(text: str) -> datetime:
    """An answer's instant in London's time."""
    return datetime.fromisoformat(text).astimezone(ZoneInfo(LONDON))


def spoken(text: str) -> str:
    """An answer's instant for people, in London's time and labelled so: ``30 June 2022 23:59:59 Europe/London``."""
    local = london(text)
    return f"{local.day} {local:%B %Y %H:%M:%S} {LONDON}"
