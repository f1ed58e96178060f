"""A cursor: the position vector of an answer as one string, ``0:12,1:9``, from which a later question resumes. Pure.

Per partition it says the first offset that the answer did not cover. It is opaque to whoever hands it back, and can be
read by whoever looks. ``none`` is the beginning, of which every ledger is a continuation.
"""

import re
from collections.abc import Mapping
from typing import Final

from ledger.choices import quote_briefly
from queries.errors import WrongField

PositionVector = Mapping[int, int]
BEGINNING: Final = "none"
OFFSET_MAX: Final = 2**63 - 1
_PLACE: Final = re.compile(r"(0|[1-9]\d{0,9}):(0|[1-9]\d{0,18})", re.ASCII)


def format_cursor(position: PositionVector) -> str:
    """Write a position as a cursor: partitions in their order, so that one position is one string."""
    return ",".join(f"{number}:{offset}" for number, offset in sorted(position.items())) or BEGINNING


def parse_cursor(text: str, field: str) -> dict[int, int]:
    """Read a cursor.

    Raises:
        WrongField: no answer has given it: it is of another form.
    """
    places = [] if text == BEGINNING else [_PLACE.fullmatch(one) for one in text.split(",")]
    found = {int(one[1]): int(one[2]) for one in places if one}
    if len(found) < len(places) or format_cursor(found) != text or max(found.values(), default=0) > OFFSET_MAX:
        raise WrongField(field, f"{quote_briefly(text)} is not a cursor; take one from an answer, such as 0:12,1:9")
    return found


def hold_cursor(since: PositionVector, reached: PositionVector, field: str) -> None:
    """Make sure that a cursor may be resumed from, where the ledger is stored up to ``reached``.

    Raises:
        WrongField: it is ahead of the store in a partition: it is another ledger's, or the store was begun anew.
    """
    for number, offset in sorted(since.items()):
        if number not in reached or offset > reached[number]:
            raise WrongField(
                field,
                f"partition {number} is stored up to {reached.get(number, 0)} and the cursor says {offset}: it is "
                f"another ledger's, or the store is being filled again; begin again from {BEGINNING}",
            )
