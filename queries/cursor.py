"""A cursor: a ledger's name and the position of an answer, ``7f3a90c1@0:12,1:9``, from which a question resumes. Pure.

Per partition it says the first offset that the answer did not cover. The name is that of the ledger's topics, so that a
cursor of another ledger is told from an own one, whatever its numbers. It is opaque to whoever hands it back, and can
be read by whoever looks. ``none`` is the beginning, of which every ledger is a continuation.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.choices import quote_briefly
from queries.errors import WrongField

PositionVector = Mapping[int, int]
BEGINNING: Final = "none"
OFFSET_MAX: Final = 2**63 - 1
NAME_DIGITS: Final = 8
_PLACE: Final = re.compile(r"(0|[1-9]\d{0,9}):(0|[1-9]\d{0,18})", re.ASCII)
_NAME: Final = re.compile(rf"[0-9a-f]{{{NAME_DIGITS}}}", re.ASCII)
_NAMED: Final = "@"


class Cursor(NamedTuple):
    """Where a question resumes.

    Attributes:
        ledger: its name; empty at the beginning.
        position: nothing at the beginning.
    """

    ledger: str
    position: PositionVector


def name_ledger(topic_id: str) -> str:
    """Name a ledger by the identity of ``soc.published``: a topic that is made again is another ledger."""
    return sha256(topic_id.encode()).hexdigest()[:NAME_DIGITS]


def format_position(position: PositionVector) -> str:
    """Write a position: partitions in their order, so that one position is one string."""
    return ",".join(f"{number}:{offset}" for number, offset in sorted(position.items())) or BEGINNING


def format_cursor(cursor: Cursor) -> str:
    """Write a cursor; one cursor is one string."""
    return f"{cursor.ledger}{_NAMED}{format_position(cursor.position)}" if cursor.position else BEGINNING


def parse_cursor(text: str, field: str) -> Cursor:
    """Read a cursor.

    Raises:
        WrongField: no answer of this version has given it: it is of another form.
    """
    name, named, written = text.rpartition(_NAMED)
    places = [] if text == BEGINNING else [_PLACE.fullmatch(one) for one in written.split(",")]
    found = Cursor(name, {int(one[1]): int(one[2]) for one in places if one})
    is_position = len(found.position) == len(places) and max(found.position.values(), default=0) <= OFFSET_MAX
    if is_position and places and not named and format_position(found.position) == text:
        said = "is a cursor of an earlier version, which does not say of which ledger it is"
        raise WrongField(field, f"{quote_briefly(text)} {said}; begin again from {BEGINNING}")
    if not is_position or (places and not _NAME.fullmatch(name)) or format_cursor(found) != text:
        said = f"is not a cursor; take one from an answer, such as 7f3a90c1{_NAMED}0:12,1:9"
        raise WrongField(field, f"{quote_briefly(text)} {said}")
    return found


def hold_cursor(since: Cursor, ledger: str, reached: PositionVector, field: str) -> None:
    """Make sure that a cursor may be resumed from, where a ledger is stored up to ``reached``.

    Raises:
        WrongField: it is another ledger's; or it is ahead of the store in a partition: that is being filled again.
    """
    if since.position and since.ledger != ledger:
        raise WrongField(
            field, f"the cursor is of ledger {since.ledger}, and this is {ledger}; begin again from {BEGINNING}"
        )
    for number, offset in sorted(since.position.items()):
        if number not in reached or offset > reached[number]:
            raise WrongField(
                field,
                f"partition {number} is stored up to {reached.get(number, 0)} and the cursor says {offset}: the "
                f"store is being filled again; begin again from {BEGINNING}",
            )
