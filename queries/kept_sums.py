"""Sums kept from one moment to the next: the sum of then, and the legs of what was stored since (decision 0035).

What lies before a position never changes, so a sum at a position and the legs from there to a later one are the sum
there, whatever is asked: each leg is held to the question's own conditions. Where the legs are not at hand
(``sinks.coverage``), or a sum is ``KEPT_SECONDS`` old, the store is asked.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from cachetools import LRUCache

from queries.leg_sums import SummedCells
from queries.question import Question
from sinks.coverage import Coverage

SUMS_MOST: Final = 64
CELLS_MOST: Final = 4_000
KEPT_SECONDS: Final = 60.0


class KeptSum(NamedTuple):
    """What a question had for an answer at a position; ``asked_at``: when the store was asked, by a clock."""

    position: Mapping[int, int]
    cells: SummedCells
    asked_at: float


class KeptSums:
    """Sums of what one coverage proves: with what was proved, they are forgotten. Safe to use from several threads."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self._lock = threading.Lock()
        self._sums: LRUCache[str, KeptSum] = LRUCache(SUMS_MOST)

    def sum_cells(self, question: Question, position: Mapping[int, int], ask: Callable[[], SummedCells]) -> SummedCells:
        """Sum what a question asks at a position; ``ask`` asks the store. Raises as it does."""
        key = question.find_key()
        if key is None:
            return ask()
        found = self._carry_on(key, question, position) or KeptSum(position, ask(), time.monotonic())
        self._keep_later(key, found)
        return found.cells

    def _carry_on(self, key: str, question: Question, position: Mapping[int, int]) -> KeptSum | None:
        """Add to a sum that was kept what was stored since; None where that is not at hand, or the sum is too old."""
        with self._lock:
            kept = self._sums.get(key)
        if kept is None or time.monotonic() - kept.asked_at > KEPT_SECONDS:
            return None
        told = self.coverage.list_told(kept.position, position)
        return None if told is None else KeptSum(position, question.add_legs(kept.cells, told), kept.asked_at)

    def _keep_later(self, key: str, found: KeptSum) -> None:
        """Keep a sum where none of a later position is there; of one that is too large none is kept."""
        with self._lock:
            kept = self._sums.get(key)
            if len(found.cells) > CELLS_MOST:
                self._sums.pop(key, None)
            elif kept is None or sum(kept.position.values()) <= sum(found.position.values()):
                self._sums[key] = found
