"""How far this machine's clock is ahead of the brokers', read off records that come; completeness rests on it.

An instant is called complete where the broker had no more, and it lies the margin before the asking by this machine's
clock. So what was appended after an asking, by the clock of its broker, is held to the instant of that asking:

- at least ahead: the asking, less the ledger time of a record past what the broker had then. Above the margin, such a
  record came into an instant that had been called complete. A record that waits for its replicas counts the same.
- at most ahead: the moment at which a record is seen to be stored, less its ledger time.

Nothing is known while nothing comes, and both are of the last minutes: a clock that was set right is right then.
A record whose time is older than the asking by a day was put back by a restore, or the clock is wrong by that much:
which, the record itself says, as a restore gives it its time, and all others have theirs from their broker.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple

from ledger.errors import Unavailable
from ledger.facts import Millis
from queries.published import Tail
from sinks.frontier import Frontier
from sinks.position_span import PositionSpan, select_spans
from sinks.store import Store

WINDOW: Final[Millis] = 600_000
PUT_BACK: Final[Millis] = 86_400_000  # older than the asking by so much: a restore may have put it back
_FIRST: Final = """
SELECT partition, min(offset) AS first, toUnixTimestamp64Milli(min(ledger_time)) AS learnt FROM (
    SELECT partition, offset, ledger_time FROM entries WHERE {within} UNION ALL
    SELECT partition, offset, ledger_time FROM rejected WHERE {within}
) GROUP BY partition
"""


class ClockSkew(NamedTuple):
    """How far this machine's clock is ahead of the brokers', in milliseconds: between these. Below 0: behind them."""

    least: Millis
    most: Millis


class EndAsked(NamedTuple):
    """Where a partition ended, and when that was asked for the last time with this answer."""

    end: int
    asked_at: Millis


class FirstLearnt(NamedTuple):
    """The first stored record past an end: where it lies, and when it was learnt."""

    offset: int
    learnt: Millis


class SkewMeter:
    """Measures by what each look at the broker and the store finds. One thread at a time.

    Args:
        store: whose records are held to the clock.
        has_own_time: whether a record, by partition and offset, has its time from its broker; raises Unavailable.
    """

    def __init__(self, store: Store, has_own_time: Callable[[int, int], bool]) -> None:
        self._store = store
        self._has_own_time = has_own_time
        self._asked: dict[int, EndAsked] = {}
        self._reached: dict[int, int] | None = None
        self._least: deque[tuple[Millis, Millis]] = deque()
        self._most: deque[tuple[Millis, Millis]] = deque()

    def read_skew(self, now: Millis) -> ClockSkew | None:
        """Read what the last minutes showed; None where no record came in them."""
        for kept in (self._least, self._most):
            while kept and abs(now - kept[0][0]) > WINDOW:
                kept.popleft()
        if not self._least or not self._most:
            return None
        return ClockSkew(max(one for _, one in self._least), min(one for _, one in self._most))

    def note_stored(self, frontiers: Mapping[int, Frontier], seen_at: Millis) -> None:
        """Measure by what is stored now and was not before. Raises Unavailable.

        Args:
            frontiers: by partition; read before ``seen_at``.
            seen_at: by this machine's clock.
        """
        passed = {n: self._asked.pop(n) for n, one in frontiers.items() if self._is_passed(n, one.position)}
        firsts = self._find_firsts(passed, frontiers)
        ahead = [passed[n].asked_at - one.learnt for n, one in firsts.items() if self._shows_clock(n, one, passed[n])]
        self._least.extend([(seen_at, max(ahead))] if ahead else [])
        if self._reached is not None:
            moved = [one for n, one in frontiers.items() if one.position > self._reached.get(n, 0)]
            self._most.extend([(seen_at, seen_at - max(one.ledger_time for one in moved))] if moved else [])
        self._reached = {number: one.position for number, one in frontiers.items()}

    def _is_passed(self, number: int, position: int) -> bool:
        return number in self._asked and position > self._asked[number].end

    def _shows_clock(self, number: int, first: FirstLearnt, end: EndAsked) -> bool:
        """Tell whether a record shows a clock; an old one that its broker does not give any more shows nothing."""
        if end.asked_at - first.learnt < PUT_BACK:
            return True
        with suppress(Unavailable):
            return self._has_own_time(number, first.offset)
        return False

    def _find_firsts(self, passed: Mapping[int, EndAsked], frontiers: Mapping[int, Frontier]) -> dict[int, FirstLearnt]:
        """Find the first stored record past each end."""
        if not passed:
            return {}
        spans = [PositionSpan(number, one.end, frontiers[number].position) for number, one in passed.items()]
        rows = self._store.query(_FIRST.replace("{within}", select_spans(spans)))
        return {row["partition"]: FirstLearnt(row["first"], row["learnt"]) for row in rows}

    def note_ends(self, tails: Mapping[int, Tail], asked_at: Millis) -> None:
        """Note where each partition ended, by the broker, after ``asked_at`` by this machine's clock."""
        for number, tail in tails.items():
            known = self._asked.get(number)
            if known is None or known.end == tail.high:
                self._asked[number] = EndAsked(tail.high, asked_at)


def describe_skew(skew: ClockSkew | None, margin: timedelta) -> str | None:
    """Describe a skew that has eaten the margin; None where it has not, or nothing is known."""
    if skew is None or skew.least <= margin // timedelta(milliseconds=1):
        return None
    return (
        f"this machine's clock is {skew.least / 1000:,.1f} s ahead of the brokers', or they show records so late, and "
        f"the margin of completeness is {margin.total_seconds():,.1f} s: what was called complete may have changed"
    )
