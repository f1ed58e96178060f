"""Partitions while they are owned, and what owning needs of the group around them."""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from schemas.judged import name_judge_here
from streams.books import Books, SnapshotReach
from streams.intake import FoldProgress, Intake
from streams.runs import RecordRun

SAVE_RECORDS = 20_000  # per partition
SAVE_SECONDS = 20.0
PUT_OFF_SECONDS = 5.0  # where the topics' ends could not be asked for


class WorkerHooks(NamedTuple):
    """What the coordinator asks of the consumer group and of who runs it.

    Attributes:
        generation: returns the group's generation.
        retake: takes a partition anew.
        commit: commits next offsets, and a note beside them; returns whether that was done.
        end: ends the process; returns only in tests.
    """

    generation: Callable[[], int]
    retake: Callable[[int], Awaitable[None]]
    commit: Callable[[dict[int, int], str], Awaitable[bool]]
    end: Callable[[str], None]


class AssignedPartition:
    """One partition while it is owned."""

    def __init__(self, books: Books, intake: Intake, generation: int) -> None:
        self.books = books
        self.intake = intake
        self.generation = generation
        self.unsaved = 0
        self.saved_at = time.monotonic()
        self._put_off_until = 0.0

    @property
    def ledger(self) -> FoldProgress:
        """How far it has been folded."""
        return self.intake.ledger

    @property
    def next_offset(self) -> int:
        """R: the first offset without an output."""
        return self.ledger.covered + 1

    def save_books(self, entries: int, rejected: int) -> None:
        """Write the snapshot. The output topics end there now, and hold all that was folded.

        Raises:
            SnapshotSpoiled: the snapshot cannot be used.
        """
        self.books.judged = name_judge_here(None)
        if self.books.save_books(SnapshotReach(self.ledger.covered, self.ledger.ledger_time, entries, rejected)):
            self.unsaved = 0
        self.saved_at = time.monotonic()

    def put_off_save(self) -> None:
        """Try no snapshot for a while."""
        self._put_off_until = time.monotonic() + PUT_OFF_SECONDS

    def is_save_due(self) -> bool:
        """Tell whether a snapshot is due; never while outputs past R are remembered: their positions would be passed
        over.
        """
        if time.monotonic() < self._put_off_until:
            return False
        late = self.unsaved >= SAVE_RECORDS or time.monotonic() - self.saved_at > SAVE_SECONDS
        return late and bool(self.unsaved) and not self.ledger.is_loose()


class AssignedPartitions:
    """Those of one worker, by number.

    Args:
        generation: returns the group's generation.
    """

    def __init__(self, generation: Callable[[], int]) -> None:
        self._generation = generation
        self._assigned: dict[int, AssignedPartition] = {}

    def add_partition(self, partition: int, assigned: AssignedPartition) -> None:
        """Own one more."""
        self._assigned[partition] = assigned

    def list_partitions(self) -> list[int]:
        """List the numbers of those that are owned."""
        return list(self._assigned)

    def list_unsaved(self) -> list[AssignedPartition]:
        """List those of which a snapshot can be written that says more than the last."""
        return [one for one in self._assigned.values() if one.unsaved and not one.ledger.is_loose()]

    def find_owner(self, run: RecordRun) -> AssignedPartition | None:
        """Find the partition of a run; None when it is not owned in the run's generation, or that is over."""
        assigned = self._assigned.get(run.partition)
        current = run.generation == self._generation()
        return assigned if current and assigned is not None and assigned.generation == run.generation else None

    def take_out(self, partition: int) -> AssignedPartition | None:
        """Own it no more; return what it was, its books still open."""
        return self._assigned.pop(partition, None)

    def drop_partition(self, partition: int) -> None:
        """Own it no more, and forget its books."""
        assigned = self.take_out(partition)
        if assigned is not None:
            assigned.books.close()
