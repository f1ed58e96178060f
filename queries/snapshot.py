"""One moment of the store that many questions share: they stand on one position, and what was asked is asked once.

A moment begins with the frontiers (docs/decisions/0010). It is taken again where the store has moved, and otherwise
after ``SNAPSHOT_SECONDS``: what was proved of it stays true, but what is complete grows with the clock.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from cachetools import LRUCache, cached

from queries.completeness import Tails
from queries.cursor import Cursor, name_ledger
from queries.kept_sums import KeptSums
from queries.query import Query
from queries.recent_tails import RecentTails
from queries.turns import SharedTurns
from sinks.frontier import Frontier
from sinks.integrity import list_offsets
from sinks.positions import find_frontiers
from sinks.store import Store
from sinks.topics import find_published_id

SNAPSHOT_SECONDS: Final = 1.0
ANSWERS_MOST: Final = 512
DRAWN_MOST: Final = 64
FoundT = TypeVar("FoundT")


class Snapshot:
    """A moment. Safe to use from several threads.

    Attributes:
        frontiers: how far each partition is stored; the rows of every answer are those of exactly these positions.
        position: the same as offsets.
        cursor: the same with the ledger's name.
        sums: those of moments before, which the next sums go on from.
    """

    def __init__(self, store: Store, tails: RecentTails, frontiers: Mapping[int, Frontier], sums: KeptSums) -> None:
        self.store = store
        self.sums = sums
        self.frontiers = dict(frontiers)
        self.position = {number: one.position for number, one in self.frontiers.items()}
        self.cursor = Cursor(name_ledger(find_published_id(store)), self.position)
        self._tails = tails
        self._through: Future[datetime | None] | None = None
        self._lock = threading.Lock()
        self._answers = RememberedResults(ANSWERS_MOST)
        self._drawn = RememberedResults(DRAWN_MOST)

    def list_offsets(self) -> list[int]:
        """List how far each partition is stored, from 0 on, as ``{position:Array(Int64)}[partition + 1]`` finds it."""
        return list_offsets(self.position)

    def begin_completeness(self) -> None:
        """Ask the broker, meanwhile, through which instant all of it is complete."""
        with self._lock:
            if self._through is None:
                self._through = self._tails.begin_finding(self.frontiers)

    def find_complete_through(self) -> datetime | None:
        """Find it: the greatest instant through which nothing can be added any more; None while there is none."""
        self.begin_completeness()
        assert self._through is not None  # noqa: S101  (for the type checker: it was begun)
        return self._through.result()

    def answer_once(self, query: Query[Any], answer: Callable[["Snapshot", Any], FoundT]) -> FoundT:
        """Answer a question by ``answer``, or as it was answered before. Raises as it does.

        What was asked is told by its fields as they are written, type included: a cursor among them is no key.
        """
        found: FoundT = self._answers.make_once(repr(query), lambda: answer(self, query))
        return found

    def draw_once(self, address: str, draw: Callable[[], FoundT]) -> FoundT:
        """Draw what stands on this moment, or give it as it was drawn before: however many look, it is drawn once."""
        drawn: FoundT = self._drawn.make_once(address, draw)
        return drawn

    def find_drawn(self, address: str) -> Any:
        """Find what was drawn already, without waiting; None otherwise."""
        return self._drawn.find_made(address)


class RememberedResults:
    """Results by key, each made once: who asks meanwhile waits for it, and the least used are forgotten."""

    def __init__(self, most: int) -> None:
        self._kept: LRUCache[str, Any] = LRUCache(most)
        self._changing = threading.Condition()
        remember = cached(self._kept, key=lambda key, _: key, condition=self._changing)
        self.make_once: Callable[[str, Callable[[], Any]], Any] = remember(lambda _, make: make())

    def find_made(self, key: str) -> Any:
        """Find one that is made, without waiting for it; None otherwise."""
        with self._changing:
            return self._kept.get(key)


class SnapshotSource:
    """Takes snapshots of one store: the newest again while the store has not moved and it is not too old.

    One is taken at a time. Who asks meanwhile waits, and all who waited share the next. So do those who ask for the
    same thing of it (docs/decisions/0040). Whatever is asked, the moment holds all that was stored before.
    """

    def __init__(self, store: Store, published: Tails) -> None:
        self._store = store
        self._tails = RecentTails(published)
        self._taking = threading.Lock()
        self._newest: TakenSnapshot | None = None
        self._turns = SharedTurns[Snapshot]()
        self._sums = KeptSums(store.coverage)

    def take_snapshot(self) -> Snapshot:
        """Take one that holds all that was stored before this call. Raises Unavailable."""
        asked_at = time.monotonic()
        with self._taking:
            newest, writes = self._newest, self._store.writes  # before the frontiers: a later write is seen next time
            store = self._store.pin_generation()  # all that stands on this moment is of one generation
            if newest is not None and (newest.holds_at >= asked_at or newest.holds_still(writes)):
                return newest.snapshot
            proved, began_at, frontiers = store.coverage, time.monotonic(), find_frontiers(store)
            if newest is not None and writes is None and newest.is_young and frontiers == newest.snapshot.frontiers:
                self._newest = newest._replace(holds_at=began_at)
                return newest.snapshot
            if self._sums.coverage is not proved:
                self._sums = KeptSums(proved)
            found = Snapshot(store, self._tails, frontiers, self._sums)
            self._newest = TakenSnapshot(began_at, began_at, writes, found)
            return found

    @contextmanager
    def share_moment(self, key: str) -> Iterator[Snapshot]:
        """Take one, for what ``key`` names, within the block; one at a time makes that, and who waited may share it.

        Raises Unavailable.
        """
        with self._turns.take_turn(key, self.take_snapshot) as found:
            yield found

    def find_drawn(self, key: str) -> Any:
        """Find what was drawn of the moment that ``take_snapshot`` would give, where nothing need be waited for."""
        newest = self._newest
        if newest is None or not newest.holds_still(self._store.writes):
            return None
        return newest.snapshot.find_drawn(key)


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
