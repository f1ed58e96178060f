"""The replay: fold ``soc.entries`` again from the first record to a fixed last position, and compare. Changes nothing.

1. The bounds are taken (``audit.bounds``), and the instant of the balances: before the first record that may not have
   been judged by then.
2. Partition by partition, so that memory holds one partition's books: positions (``audit.compare``), and their stored
   rows (``audit.stored``).
3. What is stored past the last position must have been published since.
4. The balances, once every partition is folded (``audit.balances``).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from audit.balances import Incomplete, Sums, compare_balances
from audit.bounds import Bounds, Tapes, open_tapes, take_bounds, undecided
from audit.compare import Comparison, Settled
from audit.findings import Difference, Kind, Reach, Verdict
from audit.fold import Fold
from audit.outputs import OutputReader
from audit.store import StoreSide
from audit.stored import Shelves
from infra.settings import Settings
from infra.topic_admin import count_partitions
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Misuse
from ledger.facts import Millis
from ledger.instants import format_instant, make_instant
from schemas.codec import Codec
from schemas.registry import resolve_ids
from schemas.stored import StoredEntry

NANOS_PER_MILLI = 1_000_000
PROGRESS_POSITIONS = 500
COMPLETE_SECONDS = 5.0  # beyond the margin that an instant needs before it is complete
COMPLETE_WAIT_SECONDS = 0.5
NOT_ALL_PARTITIONS = "balances were not compared: they are sums over all partitions"
NOT_WHOLE = "balances were not compared: entries or refusals are deleted"
NOT_COMPLETE = "balances were not compared: the store has not come as far as the replay; run it again"

Progress = Callable[[int, int], Any]  # positions done, of how many


@dataclass(slots=True, kw_only=True)
class Replay:
    """One replay, assembled."""

    codec: Codec
    tapes: Tapes
    store: StoreSide
    partitions: int
    verdict: Verdict
    sums: Sums
    progress: Progress
    patience: float  # seconds for which the store's figures may go on growing
    positions: int = 0
    done: int = 0
    is_whole: bool = True

    def run(self, bounds: Sequence[Bounds]) -> None:
        """Fold and compare; differences go to the verdict."""
        self.positions = sum(bound.published[1] - bound.published[0] for bound in bounds)
        for bound in bounds:
            self._partition(bound)
        if not self.is_whole:
            self.verdict.notes.append(NOT_WHOLE)
        elif len(bounds) == self.partitions:
            self._balances()
        else:
            self.verdict.notes.append(NOT_ALL_PARTITIONS)

    def _partition(self, bound: Bounds) -> None:
        reach = reach_of(bound)
        self.verdict.reaches.append(reach)
        if not self._is_whole(bound):
            return
        loaded = {ENTRIES: bound.loaded_entries, REJECTED: bound.loaded_rejected}
        shelves = Shelves(self.store, reach, self.verdict, loaded)
        for settled in shelves.check(self._settled(bound, reach)):
            self._count(settled)
        shelves.check_rest(lambda: self.tapes.published.bounds(bound.partition)[1])

    def _is_whole(self, bound: Bounds) -> bool:
        """Whether all outputs are there; where some were deleted nothing of the partition can be folded."""
        for topic, (low, _) in ((ENTRIES, bound.entries), (REJECTED, bound.rejected)):
            if low > 0:
                sentence = f"Records before offset {low} are deleted: nothing of this partition was compared."
                self.verdict.add(
                    Difference(kind=Kind.EVIDENCE_GONE, place=topic, partition=bound.partition, sentence=sentence)
                )
                self.is_whole = False
                return False
        return True

    def _settled(self, bound: Bounds, reach: Reach) -> Iterator[Settled]:
        fold = Fold(self.codec, bound.partition, self.partitions)
        (low, end), partition = bound.published, bound.partition
        walk = Comparison(fold, reach, self.verdict, low, bound.judged)
        entries = OutputReader(ENTRIES, self.codec.decode_entry, reach, end, self.verdict)
        rejected = OutputReader(REJECTED, self.codec.decode_rejection, reach, end, self.verdict)
        return walk.walk(
            self.tapes.published.records(partition, low, end),
            entries.read(self.tapes.entries.records(partition, *bound.entries)),
            rejected.read(self.tapes.rejected.records(partition, *bound.rejected)),
        )

    def _count(self, settled: Settled) -> None:
        self.done += 1
        if self.done % PROGRESS_POSITIONS == 0:
            self.progress(self.done, self.positions)
        if isinstance(settled.expected, StoredEntry):
            self.sums.add(settled.expected)

    def _balances(self) -> None:
        for one in self._compared():
            if isinstance(one, Difference):
                self.verdict.add(one)
            else:
                self.verdict.balances += one

    def _compared(self) -> list[Difference | int]:
        """The comparison, once the store's figures can grow no more; nothing and a note when that takes too long."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return list(compare_balances(self.sums, self.store, self.verdict.known_at))
            except Incomplete:
                if time.monotonic() >= deadline:
                    self.verdict.notes.append(NOT_COMPLETE)
                    return []
                time.sleep(COMPLETE_WAIT_SECONDS)


def replay(
    settings: Settings, store: StoreSide, *, partition: int | None, limit: int, progress: Progress = lambda *_: None
) -> Verdict:
    """Replay all partitions, or one, and give the verdict.

    Raises:
        Misuse: there is no such partition.
        Unavailable: the broker, the registry or the store did not answer; nothing was concluded.
    """
    partitions = count_partitions(settings, PUBLISHED)
    if partition is not None and partition >= partitions:
        raise Misuse(f"no partition {partition}: soc.published has {partitions}, numbered from 0")
    tapes = open_tapes(settings)
    try:
        bounds = take_bounds(settings, tapes, range(partitions) if partition is None else [partition])
        instant = balances_instant(undecided(tapes, bounds))
        verdict = Verdict(limit=limit, known_at=format_instant(make_instant(instant)))
        Replay(
            codec=Codec(resolve_ids(settings)),
            tapes=tapes,
            store=store,
            partitions=partitions,
            verdict=verdict,
            sums=Sums(instant),
            progress=progress,
            patience=settings.completeness_margin_seconds + COMPLETE_SECONDS,
        ).run(bounds)
    finally:
        tapes.close()
    return verdict


def balances_instant(undecided_at: Iterator[Millis]) -> Millis:
    """Now, or the last millisecond before the first record that may not have been judged."""
    return min((time.time_ns() // NANOS_PER_MILLI, *(instant - 1 for instant in undecided_at)))


def reach_of(bound: Bounds) -> Reach:
    """The fixed last positions, for the verdict."""
    return Reach(
        partition=bound.partition,
        published_end=bound.published[1],
        entries_end=bound.entries[1],
        rejected_end=bound.rejected[1],
    )
