"""Through which instant an answer can change no more, by what is stored and what is published (docs/decisions/0010).

An instant K is complete in a partition

- when a later record is stored: the frontier's ledger time is greater than K, and ledger time never goes back; or
- when nothing between the frontier and the high watermark is, or can become, a record, and K lies at least the margin
  before the instant at which the broker was asked: whatever is appended later is learnt later.

The frontiers must have been read before. This machine's clock is read before the broker is asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from ledger.errors import Unavailable
from ledger.facts import Millis
from ledger.instants import count_millis, make_instant
from queries.answer import read_clock
from queries.published import Tail
from sinks.frontier import Frontier

CLOCK_TOLERANCE: Final = timedelta(seconds=60)


class Tails(Protocol):
    """What completeness asks of the broker; ``queries.published.Published`` has it."""

    margin: timedelta

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """Find what lies past these positions (0 where none is given), for every partition. Raises Unavailable."""
        ...


def find_complete_through(published: Tails, frontiers: Mapping[int, Frontier]) -> datetime | None:
    """Return the greatest instant that is complete in every partition; None while one has none.

    None also when the broker cannot be asked, or has fewer partitions than are stored: what is not shown is not
    claimed.
    """
    settled = count_millis(read_clock() - published.margin)
    try:
        tails = published.find_tails({number: one.position for number, one in frontiers.items()})
    except Unavailable:
        return None
    reaches = [_find_reach(frontiers.get(number), tail, settled) for number, tail in tails.items()]
    if not reaches or None in reaches or not frontiers.keys() <= tails.keys():
        return None
    return make_instant(min(one for one in reaches if one is not None))


def _find_reach(frontier: Frontier | None, tail: Tail, settled: Millis) -> Millis | None:
    stored = None if frontier is None else frontier.ledger_time - 1
    return max((one for one in (stored, settled if tail.is_settled else None) if one is not None), default=None)


def find_clock_trouble(frontiers: Mapping[int, Frontier], instant: datetime) -> str | None:
    """Return a sentence where the ledger's time is ahead of this machine's clock; None where it is not.

    Such a record was appended by a broker whose clock was ahead, or this machine's clock is behind.
    """
    ahead = {number: one.ledger_time - count_millis(instant) for number, one in frontiers.items()}
    number = max(ahead, key=ahead.__getitem__, default=None)
    if number is None or timedelta(milliseconds=ahead[number]) <= CLOCK_TOLERANCE:
        return None
    return (
        f"the ledger's time is {ahead[number] / 1000:,.0f} s ahead of this machine's clock in partition {number}: "
        "a broker's clock is, or was, wrong"
    )
