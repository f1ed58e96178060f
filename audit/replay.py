"""The replay: fold ``soc.entries`` again from the first record to a fixed last position, and compare. Changes nothing.

1. The bounds are taken (``audit.bounds``), and the instant of the balances: before the first record that may not have
   been judged by then.
2. Partition by partition, so that memory holds one partition's books: positions (``audit.compare``), and their stored
   rows (``audit.stored``).
3. What is stored past the last position must have been published since.
4. The closings (``audit.closings``), the balances (``audit.balances``) and the figures that were published
   (``audit.figures``), once every partition is folded.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.balances import BalanceSums, IncompleteAnswer, compare_balances
from audit.bounds import PartitionBounds, TopicReaders, list_undecided, open_topics, take_bounds
from audit.closings import ClosingAudit
from audit.compare import PartitionComparison, SettledPosition
from audit.figures import FIGURES_NOT_PROVED, FigureAudit
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.fold import PartitionFold
from audit.outputs import OutputReader
from audit.published_figures import read_figures
from audit.store import StoreSide
from audit.stored import StoredRowCheck
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
class LedgerReplay:
    """One replay, assembled."""

    codec: Codec
    tapes: TopicReaders
    store: StoreSide
    partitions: int
    verdict: ReplayReport
    sums: BalanceSums
    closings: ClosingAudit
    figures: FigureAudit
    progress: Progress
    patience: float  # seconds for which the store's figures may go on growing
    positions: int = 0
    done: int = 0
    is_whole: bool = True

    def run(self, bounds: Sequence[PartitionBounds]) -> None:
        """Fold and compare; differences go to the verdict."""
        self.positions = sum(bound.published[1] - bound.published[0] for bound in bounds)
        for bound in bounds:
            self._replay_partition(bound)
        if not self.is_whole:
            self.verdict.notes.append(NOT_WHOLE)
        elif len(bounds) == self.partitions:
            covered = {one.partition: one.covered_end for one in self.verdict.reaches}
            self._count_compared(self.closings.compare_closings(covered))
            self._count_compared(self._compare_once_complete())
            self._count_figures(covered)
        else:
            self.verdict.notes.append(NOT_ALL_PARTITIONS)
        if self.figures.count and (not self.is_whole or len(bounds) < self.partitions):
            self.verdict.notes.append(FIGURES_NOT_PROVED)

    def _replay_partition(self, bound: PartitionBounds) -> None:
        reach = make_reach(bound)
        self.verdict.reaches.append(reach)
        if not self._is_whole(bound):
            return
        loaded = {ENTRIES: bound.loaded_entries, REJECTED: bound.loaded_rejected}
        shelves = StoredRowCheck(self.store, reach, self.verdict, loaded)
        for settled in shelves.check_positions(self._settle_positions(bound, reach)):
            self._count_reads(settled)
        shelves.check_rest(lambda: self.tapes.published.find_bounds(bound.partition)[1])

    def _is_whole(self, bound: PartitionBounds) -> bool:
        """Tell whether all outputs are there; where some were deleted nothing of the partition can be folded."""
        for topic, (low, _) in ((ENTRIES, bound.entries), (REJECTED, bound.rejected)):
            if low > 0:
                sentence = f"Records before offset {low} are deleted: nothing of this partition was compared."
                self.verdict.add_finding(
                    Finding(kind=FindingKind.EVIDENCE_GONE, place=topic, partition=bound.partition, sentence=sentence)
                )
                self.is_whole = False
                return False
        return True

    def _settle_positions(self, bound: PartitionBounds, reach: PartitionReach) -> Iterator[SettledPosition]:
        fold = PartitionFold(self.codec, bound.partition, self.partitions)
        (low, end), partition = bound.published, bound.partition
        walk = PartitionComparison(fold, reach, self.verdict, low, bound.judged)
        entries = OutputReader(ENTRIES, self.codec.decode_entry, reach, end, self.verdict)
        rejected = OutputReader(REJECTED, self.codec.decode_rejection, reach, end, self.verdict)
        return walk.walk_positions(
            self.tapes.published.read_records(partition, low, end),
            entries.read_outputs(self.tapes.entries.read_records(partition, *bound.entries)),
            rejected.read_outputs(self.tapes.rejected.read_records(partition, *bound.rejected)),
        )

    def _count_reads(self, settled: SettledPosition) -> None:
        self.done += 1
        if self.done % PROGRESS_POSITIONS == 0:
            self.progress(self.done, self.positions)
        if isinstance(settled.expected, StoredEntry):
            self.sums.add_entry(settled.expected)
            self.closings.add_entry(settled.expected)
            self.figures.add_entry(settled.expected)

    def _count_figures(self, covered: Mapping[int, int]) -> None:
        for one in self.figures.compare_figures(covered):
            if isinstance(one, Finding):
                self.verdict.add_finding(one)
            else:
                self.verdict.figures += one

    def _count_compared(self, compared: Iterable[Finding | int]) -> None:
        for one in compared:
            if isinstance(one, Finding):
                self.verdict.add_finding(one)
            else:
                self.verdict.balances += one

    def _compare_once_complete(self) -> list[Finding | int]:
        """Return the comparison, once the store's figures can grow no more; nothing and a note when that takes too
        long.
        """
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return list(compare_balances(self.sums, self.store, self.verdict.known_at))
            except IncompleteAnswer:
                if time.monotonic() >= deadline:
                    self.verdict.notes.append(NOT_COMPLETE)
                    return []
                time.sleep(COMPLETE_WAIT_SECONDS)


def replay_ledger(
    settings: Settings, store: StoreSide, *, partition: int | None, limit: int, progress: Progress = lambda *_: None
) -> ReplayReport:
    """Replay all partitions, or one, and give the verdict.

    Raises:
        Misuse: there is no such partition.
        Unavailable: the broker, the registry or the store did not answer; nothing was concluded.
    """
    partitions = count_partitions(settings, PUBLISHED)
    if partition is not None and partition >= partitions:
        raise Misuse(f"no partition {partition}: soc.published has {partitions}, numbered from 0")
    codec_ids = resolve_ids(settings)
    figures = FigureAudit(read_figures(settings, codec_ids))  # before the bounds, which then lie past all they name
    tapes = open_topics(settings)
    try:
        bounds = take_bounds(settings, tapes, range(partitions) if partition is None else [partition])
        instant = choose_instant(list_undecided(tapes, bounds))
        verdict = ReplayReport(limit=limit, known_at=format_instant(make_instant(instant)))
        LedgerReplay(
            codec=Codec(codec_ids),
            tapes=tapes,
            store=store,
            partitions=partitions,
            verdict=verdict,
            sums=BalanceSums(instant),
            closings=ClosingAudit(store),
            figures=figures,
            progress=progress,
            patience=settings.completeness_margin_seconds + COMPLETE_SECONDS,
        ).run(bounds)
    finally:
        tapes.close()
    return verdict


def choose_instant(undecided_at: Iterator[Millis]) -> Millis:
    """Choose now, or the last millisecond before the first record that may not have been judged."""
    return min((time.time_ns() // NANOS_PER_MILLI, *(instant - 1 for instant in undecided_at)))


def make_reach(bound: PartitionBounds) -> PartitionReach:
    """Make the reach of the fixed last positions, for the verdict."""
    return PartitionReach(
        partition=bound.partition,
        published_end=bound.published[1],
        entries_end=bound.entries[1],
        rejected_end=bound.rejected[1],
    )
