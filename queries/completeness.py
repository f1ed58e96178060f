"""Through which instant an answer can change no more, by what is stored and what is published (docs/decisions/0010).

An instant K is complete in a partition

- when a later record is stored: the frontier's ledger time is greater than K, and ledger time never goes back; or
- when nothing between the frontier and the high watermark is, or can become, a record, and K lies at least the margin
  before the instant at which the broker was asked: whatever is appended later is learnt later.

The frontiers must have been read before. This machine's clock is read before the broker is asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from ledger.errors import Unavailable
from ledger.facts import Millis
from ledger.instants import count_millis, make_instant
from queries.answer import read_clock
from queries.published import Tail
from sinks.frontier import BEGINNING, Frontier

CLOCK_TOLERANCE: Final = timedelta(seconds=60)


class Tails(Protocol):
    """What completeness asks of the broker; ``queries.published.Published`` has it."""

    margin: timedelta

    def find_tails(self, positions: Mapping[int, int]) -> dict[int, Tail]:
        """Find what lies past these positions (0 where none is given), for every partition. Raises Unavailable."""
        ...


class AskedTails(NamedTuple):
    """What the broker said, of which positions, and the instant by which all that had been appended lies below it."""

    tails: Mapping[int, Tail]
    positions: Mapping[int, int]
    settled: Millis

    def is_within(self, frontiers: Mapping[int, Frontier]) -> bool:
        """Tell whether no frontier is an earlier one than was asked about: of such it says nothing."""
        return is_reached(self.positions, frontiers)

    def find_through(self, frontiers: Mapping[int, Frontier]) -> datetime | None:
        """Find the greatest instant that is complete in every partition, of these frontiers or later ones."""
        reaches = [self._find_reach(number, frontiers.get(number)) for number in self.tails]
        if not reaches or None in reaches or not frontiers.keys() <= self.tails.keys():
            return None
        return make_instant(min(one for one in reaches if one is not None))

    def _find_reach(self, number: int, frontier: Frontier | None) -> Millis | None:
        stored = None if frontier is None else frontier.ledger_time - 1
        settled = self.settled if self._is_settled(number, BEGINNING if frontier is None else frontier) else None
        return max((one for one in (stored, settled) if one is not None), default=None)

    def _is_settled(self, number: int, frontier: Frontier) -> bool:
        """Tell whether nothing that had been appended is, or can become, a record past a frontier.

        What waited then may be stored by now: a frontier that is later than what was asked about, and has come to where
        all was decided.
        """
        tail, asked = self.tails[number], self.positions.get(number, 0)
        return tail.is_settled or (tail.stable >= tail.high and asked <= tail.stable <= frontier.position)


def is_reached(positions: Mapping[int, int], frontiers: Mapping[int, Frontier]) -> bool:
    """Tell whether no frontier is an earlier one than these positions."""
    return all(at <= frontiers.get(number, BEGINNING).position for number, at in positions.items())


def ask_tails(published: Tails, positions: Mapping[int, int]) -> AskedTails:
    """Ask the broker what lies past these positions. Raises Unavailable."""
    settled = count_millis(read_clock() - published.margin)
    return AskedTails(published.find_tails(positions), dict(positions), settled)


def find_complete_through(published: Tails, frontiers: Mapping[int, Frontier]) -> datetime | None:
    """Return the greatest instant that is complete in every partition; None while one has none.

    None also when the broker cannot be asked, or has fewer partitions than are stored: what is not shown is not
    claimed.
    """
    try:
        asked = ask_tails(published, {number: one.position for number, one in frontiers.items()})
    except Unavailable:
        return None
    return asked.find_through(frontiers)


def find_clock_trouble(frontiers: Mapping[int, Frontier], instant: datetime) -> str | None:
    """Return a sentence where the ledger's time is ahead of this machine's clock; None where it is not.

    Which of the two is wrong no record says: the ledger's time stays ahead where a broker's clock once was.
    """
    ahead = {number: one.ledger_time - count_millis(instant) for number, one in frontiers.items()}
    number = max(ahead, key=ahead.__getitem__, default=None)
    if number is None or timedelta(milliseconds=ahead[number]) <= CLOCK_TOLERANCE:
        return None
    return (
        f"the ledger's time is {ahead[number] / 1000:,.0f} s ahead of this machine's clock in partition {number}: "
        "this machine's clock is behind, or a broker's is, or was, ahead"
    )
