"""The replay of one partition, whole: what was published, what the stream made of it, the fold, and what is stored."""

from collections.abc import Callable, Iterator

import msgspec

from audit.bounds import PartitionBounds, TopicReaders
from audit.compare import PartitionComparison
from audit.figure_sums import FigureSums
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.fold import PartitionFold
from audit.outputs import OutputReader
from audit.proving import ProvenEntry
from audit.published_figures import FigureLog
from audit.queue import OutputQueue
from audit.store import StoredRows
from audit.stored import StoredRowCheck, Walked
from audit.sums import PartitionSums, SumCell, SumGrid
from infra.topics import ENTRIES, REJECTED
from schemas.codec import Codec
from schemas.stored import StoredEntry

TICK_POSITIONS = 500

Tick = Callable[[int, int], None]
"""Called now and then with a partition, and how many of its positions are done; may raise to end the work."""


class ReplayPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What all partitions of a replay share.

    Attributes:
        partitions: how many the topics have.
        limit: how many differences are kept to be shown.
        grid: where balances are compared.
        figures: the published figures.
    """

    partitions: int
    limit: int
    grid: SumGrid
    figures: FigureLog


class PartitionOutcome(msgspec.Struct, kw_only=True):
    """What the replay of a partition says, and what its postings add up to.

    Attributes:
        is_whole: whether all its outputs were there to be folded.
    """

    report: ReplayReport
    is_whole: bool
    cells: list[SumCell]
    figures: FigureSums


class PartitionReplayer:
    """Replays partitions, one after the other."""

    def __init__(self, plan: ReplayPlan, readers: TopicReaders, codec: Codec, store: StoredRows) -> None:
        self._plan = plan
        self._readers = readers
        self._codec = codec
        self._store = store

    def replay_partition(self, bound: PartitionBounds, tick: Tick) -> PartitionOutcome:
        """Fold a partition again, and compare what it wrote with what is stored.

        Raises:
            Unavailable: the broker, the registry or the store did not answer.
        """
        report = ReplayReport(limit=self._plan.limit, known_at="")
        reach = make_reach(bound)
        report.reaches.append(reach)
        sums = PartitionSums(self._plan.grid, bound.partition)
        figures = self._plan.figures.begin_sums()
        is_whole = hold_outputs(bound, report)
        if is_whole:
            loaded = {ENTRIES: bound.loaded_entries, REJECTED: bound.loaded_rejected}
            shelves = StoredRowCheck(self._store, reach, report, loaded, self._codec.decode_entry)
            readers = [OutputReader(one, self._codec, reach, bound.published[1], report) for one in (ENTRIES, REJECTED)]
            walk = self._walk_partition(bound, reach, report, *readers)
            for done, walked in enumerate(shelves.check_positions(walk), 1):
                add_postings(walked, bound.partition, sums, figures)
                if done % TICK_POSITIONS == 0:
                    tick(bound.partition, done)
            for reader in readers:
                reader.hold_schemas()
            if bound.until is None:
                shelves.check_rest(lambda: self._readers.published.find_bounds(bound.partition)[1])
        tick(bound.partition, bound.end - bound.published[0])
        return PartitionOutcome(report=report, is_whole=is_whole, cells=sums.list_cells(), figures=figures)

    def _walk_partition(
        self,
        bound: PartitionBounds,
        reach: PartitionReach,
        report: ReplayReport,
        entries: OutputReader,
        rejected: OutputReader,
    ) -> Iterator[Walked]:
        fold = PartitionFold(self._codec, bound.partition, self._plan.partitions)
        low, partition = bound.published[0], bound.partition
        walk = PartitionComparison(fold, reach, report, low, min(bound.judged, bound.end))
        return walk.walk_positions(
            self._readers.published.read_records(partition, low, bound.end),
            OutputQueue(entries, self._readers.entries.read_records(partition, *bound.entries), bound.until),
            OutputQueue(rejected, self._readers.rejected.read_records(partition, *bound.rejected), bound.until),
        )


def add_postings(walked: Walked, partition: int, sums: PartitionSums, figures: FigureSums) -> None:
    """Add the postings that the fold has for a position."""
    if isinstance(walked, ProvenEntry):
        offset, ledger_time, (_, legs, threat_legs) = walked.offset, walked.ledger_time, walked.posted
    elif isinstance(walked.expected, StoredEntry):
        source, legs, threat_legs = walked.expected.source, walked.expected.legs, walked.expected.threat_legs
        offset, ledger_time = source.offset, source.ledger_time
    else:
        return
    sums.add_legs(offset, ledger_time, legs, threat_legs)
    figures.add_legs(partition, offset, ledger_time, legs, threat_legs)


def hold_outputs(bound: PartitionBounds, report: ReplayReport) -> bool:
    """Tell whether all outputs are there; where some were deleted nothing of the partition can be folded."""
    for topic, (low, _) in ((ENTRIES, bound.entries), (REJECTED, bound.rejected)):
        if low > 0:
            sentence = f"Records before offset {low} are deleted: nothing of this partition was compared."
            gone = Finding(kind=FindingKind.EVIDENCE_GONE, place=topic, partition=bound.partition, sentence=sentence)
            report.add_finding(gone)
            return False
    return True


def make_reach(bound: PartitionBounds) -> PartitionReach:
    """Make the reach of the fixed last positions, for the verdict."""
    return PartitionReach(
        partition=bound.partition,
        published_end=bound.end,
        entries_end=bound.entries[1],
        rejected_end=bound.rejected[1],
    )
