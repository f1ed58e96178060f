"""Where a list goes on: the place of its last row, ``2022-06-30:0:12:1``, in the list's own order. Pure.

It names the event date, and the partition, offset and leg of the posting that put the record there, so that no row is
listed twice or passed over, however many come while somebody turns pages. ``none`` is before the first.
"""

import re
from datetime import date
from typing import Final, NamedTuple

from ledger.choices import quote_briefly
from queries.errors import WrongField

LIST_BEGINS: Final = "none"
_PLACE: Final = re.compile(r"(\d{4}-\d{2}-\d{2}):(0|[1-9]\d{0,8}):(0|[1-9]\d{0,17}):(0|[1-9]\d{0,8})", re.ASCII)

_POSITION: Final = re.compile(r"(0|[1-9]\d{0,8}):(0|[1-9]\d{0,17})", re.ASCII)


def parse_position(text: str, field: str) -> tuple[int, int]:
    """Read a position of ``soc.published``, ``0:12``: partition and offset. Raises WrongField."""
    found = _POSITION.fullmatch(text)
    if found is None:
        raise WrongField(field, f"{quote_briefly(text)} is not a position; write partition:offset, such as 0:12")
    return int(found[1]), int(found[2])


class ListPlace(NamedTuple):
    """The place of one record: later event dates come first, then later postings."""

    event_date: date
    partition: int
    offset: int
    leg: int


def format_place(place: ListPlace) -> str:
    """Write a place as a list's ``next`` and ``after`` have it."""
    return ":".join(map(str, place))


def parse_place(text: str, field: str) -> ListPlace | None:
    """Read a place; None for the beginning.

    Raises:
        WrongField: no list has given it; pages have no numbers.
    """
    if text == LIST_BEGINS:
        return None
    found = _PLACE.fullmatch(text)
    try:
        if found is not None:
            return ListPlace(date.fromisoformat(found[1]), *map(int, found.groups()[1:]))
    except ValueError:
        pass
    remedy = "take `next` of the answer before, such as 2022-06-30:0:12:1; pages have no numbers"
    raise WrongField(field, f"{quote_briefly(text)} is no place in this list; {remedy}")
