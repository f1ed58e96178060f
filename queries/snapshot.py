"""One moment of the store that many questions share: they stand on one position, and what was asked is asked once.

A moment begins with the frontiers (docs/decisions/0010). It is taken again where the store has moved, and otherwise
after ``SNAPSHOT_SECONDS``: what was proved of it stays true, but what is complete grows with the clock.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from cachetools import LRUCache, cached

from queries.completeness import Tails, find_complete_through
from queries.query import Query
from sinks.frontier import Frontier
from sinks.positions import find_frontiers
from sinks.store import Store

SNAPSHOT_SECONDS: Final = 1.0
ANSWERS_MOST: Final = 512
DRAWN_MOST: Final = 64
FoundT = TypeVar("FoundT")


class Snapshot:
    """A moment. Safe to use from several threads.

    Attributes:
        frontiers: how far each partition is stored; the rows of every answer are those of exactly these positions.
        position: the same as offsets.
    """

    def __init__(
        self, store: Store, published: Tails, frontiers: Mapping[int, Frontier], aside: ThreadPoolExecutor
    ) -> None:
        self.store = store
        self.frontiers = dict(frontiers)
        self.position = {number: one.position for number, one in self.frontiers.items()}
        self._published = published
        self._aside = aside
        self._through: Future[datetime | None] | None = None
        self._lock = threading.Lock()
        self._answers = _remember_results(ANSWERS_MOST)
        self._drawn = _remember_results(DRAWN_MOST)

    def list_offsets(self) -> list[int]:
        """List how far each partition is stored, from 0 on, as ``{position:Array(Int64)}[partition + 1]`` finds it."""
        return [self.position.get(number, 0) for number in range(max(self.position, default=-1) + 1)]

    def begin_completeness(self) -> None:
        """Ask the broker, meanwhile, through which instant all of it is complete."""
        with self._lock:
            if self._through is None:
                self._through = self._aside.submit(find_complete_through, self._published, self.frontiers)

    def find_complete_through(self) -> datetime | None:
        """Find it: the greatest instant through which nothing can be added any more; None while there is none."""
        self.begin_completeness()
        assert self._through is not None  # noqa: S101  (for the type checker: it was begun)
        return self._through.result()

    def answer_once(self, query: Query[Any], answer: Callable[["Snapshot", Any], FoundT]) -> FoundT:
        """Answer a question by ``answer``, or as it was answered before. Raises as it does.

        What was asked is told by its fields as they are written, type included: a cursor among them is no key.
        """
        found: FoundT = self._answers(repr(query), lambda: answer(self, query))
        return found

    def draw_once(self, address: str, draw: Callable[[], str]) -> str:
        """Draw what stands on this moment, or give it as it was drawn before: however many look, it is drawn once."""
        return str(self._drawn(address, draw))


def _remember_results(most: int) -> Callable[[str, Callable[[], Any]], Any]:
    """Return what makes a result once for a key: who asks meanwhile waits for it, and the least used are forgotten."""
    remember = cached(LRUCache(most), key=lambda key, _: key, condition=threading.Condition())
    made: Callable[[str, Callable[[], Any]], Any] = remember(lambda _, make: make())
    return made


class SnapshotSource:
    """Takes snapshots of one store: the newest again while the store has not moved and it is not too old.

    One is taken at a time. Who asks meanwhile waits, and all who waited share the next: however many ask while the
    store moves, what they ask is asked once for all of them.
    """

    def __init__(self, store: Store, published: Tails) -> None:
        self._store = store
        self._published = published
        self._aside = ThreadPoolExecutor(4, "completeness")
        self._taking = threading.Lock()
        self._newest: TakenSnapshot | None = None

    def take_snapshot(self) -> Snapshot:
        """Take one that holds all that was stored before this call. Raises Unavailable."""
        asked_at = time.monotonic()
        with self._taking:
            newest, writes = self._newest, self._store.writes  # before the frontiers: a later write is seen next time
            store = self._store.pin_generation()  # all that stands on this moment is of one generation
            if newest is not None and (newest.holds_at >= asked_at or newest.holds_still(writes)):
                return newest.snapshot
            began_at, frontiers = time.monotonic(), find_frontiers(store)
            if newest is not None and writes is None and newest.is_young and frontiers == newest.snapshot.frontiers:
                self._newest = newest._replace(holds_at=began_at)
                return newest.snapshot
            found = Snapshot(store, self._published, frontiers, self._aside)
            self._newest = TakenSnapshot(began_at, began_at, writes, found)
            return found


class TakenSnapshot(NamedTuple):
    """A snapshot.

    Attributes:
        made_at: when it was begun.
        holds_at: it holds all that was stored by then.
        writes: how many there had been when it was begun; None where nobody knows.
    """

    made_at: float
    holds_at: float
    writes: int | None
    snapshot: Snapshot

    @property
    def is_young(self) -> bool:
        """Tell whether it may be given again: completeness grows with the clock."""
        return time.monotonic() - self.made_at < SNAPSHOT_SECONDS

    def holds_still(self, writes: int | None) -> bool:
        """Tell whether nothing has been written since, by a store that knows of every write."""
        return writes is not None and writes == self.writes and self.is_young


def take_snapshot(store: Store, published: Tails) -> Snapshot:
    """Take one snapshot, for who takes no other. Raises Unavailable."""
    return SnapshotSource(store, published).take_snapshot()
