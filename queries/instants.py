"""Dates and instants as readers write them, judged in their fields' words (``ledger.instants`` has the calendar).

A date where an instant is wanted is the end of that day in London; an instant without a zone is misuse, never a guess.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from ledger.choices import quote_briefly
from ledger.errors import Misuse
from ledger.instants import EARLIEST, LATEST, find_end_of_day

REMEDY: Final = "write 2022-07-04T09:00:00Z, or a date"
MEANT: Final = "the end of that day in London"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_date(text: str, name: str) -> date:
    """A calendar date, ``2022-06-30``.

    Raises:
        Misuse: anything else, or a date that the tables cannot hold; the message names the option.
    """
    try:
        if _DATE.fullmatch(text):
            return _hold_day(date.fromisoformat(text), name)
    except ValueError:
        pass
    raise Misuse(f"{name}: {quote_briefly(text)} is not a date; write it as 2022-06-30")


def parse_instant(text: str, name: str) -> datetime:
    """An instant in UTC, from an ISO instant with a zone or from a date.

    Raises:
        Misuse: not an instant, one without a zone, or one that the tables cannot hold.
    """
    if _DATE.fullmatch(text):
        return find_end_of_day(parse_date(text, name))
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
    except ValueError:
        raise Misuse(f"{name}: {quote_briefly(text)} is not an instant; {REMEDY}") from None
    if instant.tzinfo is None:
        raise Misuse(f"{name}: {quote_briefly(text)} has no zone; add Z or +01:00, or give a date ({MEANT})")
    _hold_day(instant.date(), name)
    found = instant.astimezone(UTC)
    _hold_day(found.date(), name)
    return found


def _hold_day(day: date, name: str) -> date:
    if not EARLIEST <= day <= LATEST:
        raise Misuse(f"{name}: {day} is not from {EARLIEST} to {LATEST}")
    return day
