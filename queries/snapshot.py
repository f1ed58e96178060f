"""One moment of the store that many questions share: they stand on one position, and what was asked is asked once.

A moment begins with the frontiers (docs/decisions/0010). It is taken again where the store has moved, and otherwise
after ``SNAPSHOT_SECONDS``: what was proved of it stays true, but what is complete grows with the clock.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from cachetools import LRUCache, cached

from ledger.errors import LedgerError, Unavailable
from queries.completeness import Tails
from queries.crowd import AskedQuestions, AskingCrowd
from queries.cursor import Cursor, name_ledger
from queries.kept_sums import KeptSums
from queries.query import Query
from queries.recent_tails import RecentTails
from sinks.coverage import Coverage
from sinks.frontier import Frontier
from sinks.integrity import list_offsets
from sinks.positions import find_frontiers
from sinks.store import Store
from sinks.topics import find_published_id

SNAPSHOT_SECONDS: Final = 1.0
SHOWN_SECONDS: Final = 0.25  # in a crowd; whoever is not shown one that is younger waits for the next
SHOWN_SECONDS_MOST: Final = 2.0
AHEAD_SECONDS: Final = 0.25
REST_SECONDS_MOST: Final = 0.1
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

    One is taken at a time. Who asks meanwhile waits, and all who waited share the next: however many ask while the
    store moves, what they ask is asked once for all of them.

    In a crowd nobody waits (docs/decisions/0032). All are given the newest moment of which what is asked most has been
    answered, and the next is made meanwhile; it is shown to all at once, so nobody goes back to an earlier one.
    """

    def __init__(self, store: Store, published: Tails) -> None:
        self._store = store
        self._tails = RecentTails(published)
        self._renewing = ThreadPoolExecutor(1, "moments")
        self._taking = threading.Lock()
        self._newest: TakenSnapshot | None = None
        self._renewal: Future[None] | None = None
        self._rested_at = 0.0
        self._crowd, self._asked = AskingCrowd(), AskedQuestions()
        self._sums = KeptSums(store.coverage)

    def take_snapshot(self) -> Snapshot:
        """Take one that holds all that was stored before this call; in a crowd the one that all are shown.

        Raises Unavailable.
        """
        with self._crowd.join_asking() as crowded:
            shown = self._find_shown() if crowded else None
            if shown is None:
                return self._make_next(shared=crowded)
            self._begin_renewal(shown)
            return shown.snapshot

    def advance_snapshot(self) -> Snapshot:
        """Take one that holds all that was stored before this call, crowd or no crowd. Raises Unavailable."""
        return self._make_next(shared=False)

    def make_answer(self, snapshot: Snapshot, key: str, make: Callable[[Snapshot], FoundT]) -> FoundT:
        """Make what somebody asks of a moment; what is asked most is made of the next before a crowd is shown it."""
        self._asked.note_question(key, make)
        return make(snapshot)

    def find_drawn(self, key: str) -> Any:
        """Find what was drawn of the moment that ``take_snapshot`` would give, where nothing need be waited for."""
        newest, writes = self._newest, self._store.writes
        if newest is not None and not newest.holds_still(writes):
            newest = self._find_shown() if self._crowd.is_there else None
            if newest is not None:
                self._begin_renewal(newest)
        drawn = None if newest is None else newest.snapshot.find_drawn(key)
        if drawn is not None:
            self._crowd.note_ask()
            self._asked.note_again(key)
        return drawn

    def _make_next(self, *, shared: bool) -> Snapshot:
        asked_at = time.monotonic()
        with self._taking:
            newest, writes = self._newest, self._store.writes  # before the frontiers: a later write is seen next time
            store = self._store.pin_generation()  # all that stands on this moment is of one generation
            if newest is not None and (newest.holds_at >= asked_at or newest.holds_still(writes)):
                return newest.snapshot
            if shared and (shown := self._find_shown()) is not None:  # made while this one waited
                return shown.snapshot
            proved, damaged = store.coverage, store.damaged
            began_at, frontiers = time.monotonic(), find_frontiers(store)
            if newest is not None and writes is None and newest.is_young and frontiers == newest.snapshot.frontiers:
                self._newest = newest._replace(holds_at=began_at, proved=proved, damaged=damaged)
                return newest.snapshot
            if self._sums.coverage is not proved:
                self._sums = KeptSums(proved)
            found = Snapshot(store, self._tails, frontiers, self._sums)
            if self._crowd.is_there:
                self._answer_ahead(found)
            took = time.monotonic() - began_at
            self._newest = TakenSnapshot(began_at, began_at, writes, found, took, proved, damaged)
            return found

    def _find_shown(self) -> "TakenSnapshot | None":
        """Find the moment that a crowd is shown; None where it is too old, or something of it is proved no more."""
        newest, store = self._newest, self._store
        if newest is None or newest.find_age(store.writes) > newest.shown_seconds:
            return None
        return newest if newest.proved is store.coverage and newest.damaged == store.damaged else None

    def _begin_renewal(self, shown: "TakenSnapshot") -> None:
        """Make the next moment meanwhile, where this one holds no more and the store has had its rest."""
        if shown.holds_still(self._store.writes) or time.monotonic() < self._rested_at:
            return
        if self._renewal is None or self._renewal.done():
            self._renewal = self._renewing.submit(self._renew_shown)

    def _renew_shown(self) -> None:
        began = time.monotonic()
        with contextlib.suppress(Unavailable):  # whoever asks finds that out, once what is shown is too old
            self._make_next(shared=False)
        ended = time.monotonic()
        self._rested_at = ended + min(ended - began, REST_SECONDS_MOST)

    def _answer_ahead(self, snapshot: Snapshot) -> None:
        """Answer what is asked most, within ``AHEAD_SECONDS``; what fails is told whoever asks it."""
        until = time.monotonic() + AHEAD_SECONDS
        for make in self._asked.list_hot():
            if time.monotonic() < until:
                with contextlib.suppress(LedgerError):
                    make(snapshot)


class TakenSnapshot(NamedTuple):
    """A snapshot.

    Attributes:
        made_at: when it was begun.
        holds_at: it holds all that was stored by then.
        writes: how many there had been when it was begun; None where nobody knows.
        took: how many seconds it took until it could be shown.
        proved: where its generation keeps what is proved of it: another, once that is forgotten, or switched from.
        damaged: where rows were known to be missing.
    """

    made_at: float
    holds_at: float
    writes: int | None
    snapshot: Snapshot
    took: float
    proved: Coverage
    damaged: Mapping[int, int]

    @property
    def is_young(self) -> bool:
        """Tell whether it may be given again: completeness grows with the clock."""
        return time.monotonic() - self.made_at < SNAPSHOT_SECONDS

    @property
    def shown_seconds(self) -> float:
        """How long a crowd may be shown it.

        Where the machine is so slow that the next one takes longer than that, whoever waited for it would be told of a
        moment as old as this one.
        """
        return max(SHOWN_SECONDS, min(2 * (self.took + REST_SECONDS_MOST), SHOWN_SECONDS_MOST))

    def holds_still(self, writes: int | None) -> bool:
        """Tell whether nothing has been written since, by a store that knows of every write."""
        return self._is_unmoved(writes) and self.is_young

    def find_age(self, writes: int | None) -> float:
        """Find since how many seconds it may lack something: what was stored, or what is complete by now."""
        since = max(self.holds_at, self.made_at + SNAPSHOT_SECONDS) if self._is_unmoved(writes) else self.holds_at
        return time.monotonic() - since

    def _is_unmoved(self, writes: int | None) -> bool:
        return writes is not None and writes == self.writes


def take_snapshot(store: Store, published: Tails) -> Snapshot:
    """Take one snapshot, for who takes no other. Raises Unavailable."""
    return SnapshotSource(store, published).take_snapshot()
