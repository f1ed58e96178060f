"""Fields of questions as readers write them: dates, instants, whole numbers, references, judged in the fields' names.

A date where an instant is wanted is the end of that day in London; an instant without a zone is misuse, never a guess.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from ledger.bounds import REFERENCE_CHARACTERS_MAX, describe_bound
from ledger.choices import quote_briefly
from ledger.errors import Misuse
from ledger.instants import EARLIEST, LATEST, find_end_of_day
from ledger.references import make_canonical
from queries.errors import WrongField

REMEDY: Final = "write 2022-07-04T09:00:00Z, or a date"
MEANT: Final = "the end of that day in London"
REFERENCE: Final = "disruption_id"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_date(text: str, field: str) -> date:
    """Read a calendar date, ``2022-06-30``.

    Raises:
        WrongField: anything else, or a date that the tables cannot hold; the message names the field.
    """
    try:
        if _DATE.fullmatch(text):
            return _hold_day(date.fromisoformat(text), field)
    except ValueError:
        pass
    raise WrongField(field, f"{quote_briefly(text)} is not a date; write it as 2022-06-30")


def parse_instant(text: str, field: str) -> datetime:
    """Read an instant in UTC, from an ISO instant with a zone or from a date.

    Raises:
        WrongField: not an instant, one without a zone, or one that the tables cannot hold.
    """
    if _DATE.fullmatch(text):
        return find_end_of_day(parse_date(text, field))
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
    except ValueError:
        raise WrongField(field, f"{quote_briefly(text)} is not an instant; {REMEDY}") from None
    if instant.tzinfo is None:
        raise WrongField(field, f"{quote_briefly(text)} has no zone; add Z or +01:00, or give a date ({MEANT})")
    _hold_day(instant.date(), field)
    found = instant.astimezone(UTC)
    _hold_day(found.date(), field)
    return found


def _hold_day(day: date, field: str) -> date:
    if not EARLIEST <= day <= LATEST:
        raise WrongField(field, f"{day} is not from {EARLIEST} to {LATEST}")
    return day


def parse_whole(text: str, field: str, most: int) -> int:
    """Read a whole number from one to ``most``."""
    if len(text) > len(str(most)) or not text.isdecimal() or not 1 <= int(text) <= most:
        raise WrongField(field, f"{quote_briefly(text)} is not a whole number from 1 to {most:,}")
    return int(text)


def parse_offset(text: str, field: str, most: int) -> int:
    """Read a whole number from nought to ``most``."""
    if len(text) > len(str(most)) or not (text.isascii() and text.isdecimal()) or int(text) > most:
        raise WrongField(field, f"{quote_briefly(text)} is not a whole number from 0 to {most:,}")
    return int(text)


def parse_reference(text: str) -> str:
    """Read a disruption's reference as the ledger keeps it (the rule of references).

    Raises:
        WrongField: nothing can be stored under it: it is empty, too long, or has characters that cannot be seen.
    """
    if not text.strip():
        raise WrongField(REFERENCE, "the reference of a disruption is empty: say which")
    if len(text) > REFERENCE_CHARACTERS_MAX:
        bound = f"the reference of a disruption has {describe_bound(REFERENCE)}; this one has {len(text):,}"
        raise WrongField(REFERENCE, bound)
    try:
        return make_canonical(text)
    except Misuse as error:
        raise WrongField(REFERENCE, f"the reference of a disruption: {error}") from None
