"""Sums kept from one moment to the next, and how they go on from what they were (decisions 0035 and 0039).

What lies before a position never changes, so a sum at a position is the same again, whenever it is asked; at a later
one it follows from it and from what was stored since: by the legs of that (``queries.question``), or by the threats
that it names (``queries.threat_sums``). Where what was stored since is not at hand (``sinks.coverage``), or a sum is
``KEPT_SECONDS`` old, the store is asked.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from cachetools import LRUCache

from queries.leg_sums import SummedCells
from sinks.coverage import Coverage
from sinks.told_legs import ChainedOutput

SUMS_MOST: Final = 64
CELLS_MOST: Final = 4_000
KEPT_SECONDS: Final = 60.0


class KeptSum(NamedTuple):
    """What a question had for an answer at a position; ``asked_at``: when the store was asked, by a clock."""

    position: Mapping[int, int]
    cells: SummedCells
    asked_at: float


GoOn = Callable[[KeptSum, Sequence[ChainedOutput]], SummedCells | None]
"""Makes of a kept sum, and of what was stored since, the sum of now; None where the store is better asked."""


def ask_again(_: KeptSum, __: Sequence[ChainedOutput]) -> None:
    """Go on from nothing: at another position the store is asked."""


class KeptSums:
    """Sums of what one coverage proves: with what was proved, they are forgotten. Safe to use from several threads."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self._lock = threading.Lock()
        self._sums: LRUCache[str, KeptSum] = LRUCache(SUMS_MOST)

    def sum_cells(
        self, key: str, position: Mapping[int, int], ask: Callable[[], SummedCells], go_on: GoOn
    ) -> SummedCells:
        """Sum what a question asks at a position. Raises as ``ask`` and ``go_on`` do.

        Args:
            key: tells the question from others, wherever it stands.
            position: where it stands.
            ask: asks the store.
            go_on: goes on from the sum of an earlier position.
        """
        found = self._carry_on(key, position, go_on) or KeptSum(position, ask(), time.monotonic())
        self._keep_later(key, found)
        return found.cells

    def _carry_on(self, key: str, position: Mapping[int, int], go_on: GoOn) -> KeptSum | None:
        """Go on from a sum that was kept; None where what came since is not at hand, or the sum is too old."""
        with self._lock:
            kept = self._sums.get(key)
        if kept is None or time.monotonic() - kept.asked_at > KEPT_SECONDS:
            return None
        if kept.position == position:
            return kept
        told = self.coverage.list_told(kept.position, position)
        cells = None if told is None else go_on(kept, told)
        return None if cells is None else KeptSum(position, cells, kept.asked_at)

    def _keep_later(self, key: str, found: KeptSum) -> None:
        """Keep a sum where none of a later position is there; of one that is too large none is kept."""
        with self._lock:
            kept = self._sums.get(key)
            if len(found.cells) > CELLS_MOST:
                self._sums.pop(key, None)
            elif kept is None or sum(kept.position.values()) <= sum(found.position.values()):
                self._sums[key] = found
