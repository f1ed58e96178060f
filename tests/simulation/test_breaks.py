"""Each step of the protocol broken on purpose, and caught: what the storms of ``test_seeds`` would not see, they do not
show either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from confluent_kafka import TopicPartition

from infra.topics import PUBLISHED
from ledger.errors import Unavailable
from sinks.frontier import Frontier
from sinks.held import HeldPositions
from sinks.progress import LoadingProgress, ReadExtent, write_progress
from sinks.session import LoaderSession
from sinks.store import Store
from streams.assigned_partition import AssignedPartition
from streams.intake import FoldProgress, Intake
from streams.output_delivery import OutputDelivery
from streams.partition_coordinator import PartitionCoordinator
from streams.recovery import Recovery
from streams.runs import RecordRun
from tests.simulation.breaks import Break, find_seed
from tests.simulation.workers import GROUP

pytestmark = pytest.mark.usefixtures("prepared")


@contextmanager
def break_commit() -> Iterator[None]:
    """Commit a run's offset as soon as its outputs are handed over."""
    send = OutputDelivery.send_outputs

    async def send_and_commit(self: Any, partition: int, outputs: Any, next_offset: int) -> None:
        await send(self, partition, outputs, next_offset)
        self.commits.commit_soon(partition, next_offset)

    with patch.object(OutputDelivery, "send_outputs", send_and_commit):
        yield


@contextmanager
def break_acknowledgement() -> Iterator[None]:
    """Go on where outputs are not acknowledged, as if they were."""
    wait = OutputDelivery._await_acks

    async def do_nothing(self: Any, runs: Any) -> None:
        try:
            await wait(self, runs)
        except Unavailable:
            for run in runs:
                self.commits.commit_soon(run.partition, run.next_offset)

    with patch.object(OutputDelivery, "_await_acks", do_nothing):
        yield


@contextmanager
def break_recovery() -> Iterator[None]:
    """Go on from the committed offset, and not from where the outputs end."""
    recover = Recovery.recover_books

    def trust_commit(self: Any, partition: int, books: Any, wanted: Any) -> FoldProgress | None:
        found = recover(self, partition, books, wanted)
        committed = self._consumer._log.committed.get((GROUP, PUBLISHED, partition), 0)
        return found and FoldProgress(partition, committed - 1, found.ledger_time)

    with patch.object(Recovery, "recover_books", trust_commit):
        yield


@contextmanager
def break_snapshot() -> Iterator[None]:
    """Save the books while their outputs are on their way."""

    async def save_at_once(self: Any, assigned: AssignedPartition) -> None:
        await self._threads.run_beside(self._opener.save_books, assigned)

    with patch.object(PartitionCoordinator, "_save_books", save_at_once):
        yield


@contextmanager
def break_gap() -> Iterator[None]:
    """Take a run that begins past the books."""
    admit = PartitionCoordinator._admit_run

    async def admit_any(self: Any, run: RecordRun) -> None:
        await admit(self, RecordRun(run.partition, -1, run.records, run.generation, run.fetched_at))

    with patch.object(PartitionCoordinator, "_admit_run", admit_any):
        yield


@contextmanager
def break_ledger_time() -> Iterator[None]:
    """Take the broker's clock for the ledger's: what was learnt last is forgotten from one run to the next."""
    fold = Intake._fold_slice

    def fold_forgetful(self: Any, *arguments: Any) -> Any:
        self.ledger.ledger_time = 0
        return fold(self, *arguments)

    with patch.object(Intake, "_fold_slice", fold_forgetful):
        yield


@contextmanager
def break_loader_commit() -> Iterator[None]:
    """Commit a batch, and then write it."""
    begin = LoaderSession._begin_write

    def commit_first(self: Any, batch: Any) -> None:
        _commit_batch(self, batch)
        begin(self, batch)

    with patch.object(LoaderSession, "_begin_write", commit_first):
        yield


def _commit_batch(session: Any, batch: Any) -> None:
    offsets = [TopicPartition(*place, read.offset) for place, read in batch.read.items()]
    session._consumer.commit(offsets=offsets, asynchronous=True)


@contextmanager
def break_order_of_tables() -> Iterator[None]:
    """Write entries, and then their postings."""
    insert, kept = Store.insert_avro, {}

    def insert_late(self: Any, table: str, block: bytes, settings: Any) -> None:
        if table == "arrivals":
            kept[id(self)] = block
            return
        insert(self, table, block, settings)
        if table == "entries":
            insert(self, "arrivals", kept.pop(id(self)), settings)

    with patch.object(Store, "insert_avro", insert_late):
        yield


@contextmanager
def break_first_occurrence() -> Iterator[None]:
    """Take a zombie's outputs for new ones: what is held already is written again."""
    with patch.object(HeldPositions, "take_new", lambda *_: True):
        yield


@contextmanager
def break_frontier() -> Iterator[None]:
    """Make closings of whatever is stored, and not of what has no gap before it."""

    def find_highest(store: Store) -> dict[int, Frontier]:
        rows = store.query("SELECT topic, partition, next_offset FROM progress FINAL")
        return {row["partition"]: Frontier(10**6, 10**15, 10**15) for row in rows}

    with patch("sinks.closing_maker.find_frontiers", find_highest):
        yield


@contextmanager
def break_cut_off_writes() -> Iterator[None]:
    """Take what a killed write leaves for damage: legs whose entries are still to be loaded."""
    with patch("sinks.integrity.find_unfinished", lambda *_: set()):
        yield


@contextmanager
def break_progress() -> Iterator[None]:
    """Write down, and commit, that a batch is stored before it is, wherever the store reaches."""
    begin = LoaderSession._begin_write

    def note_first(self: Any, batch: Any) -> None:
        come = {place: one.offset for place, one in batch.read.items()}
        write_progress(self._store, come, {place: ReadExtent(at, 0) for place, at in come.items()})
        _commit_batch(self, batch)
        begin(self, batch)

    with patch.object(LoaderSession, "_begin_write", note_first):
        yield


@contextmanager
def break_awaiting() -> Iterator[None]:
    """Write down where loading begins again before the store reaches so far."""

    def move_at_once(self: Any) -> None:
        self._starts = dict(self.read)

    with patch.object(LoadingProgress, "_move_starts", move_at_once):
        yield


@contextmanager
def break_passing_over() -> Iterator[None]:
    """Judge again what was fetched again."""
    admit = PartitionCoordinator._admit_run

    async def admit_again(self: Any, run: RecordRun) -> None:
        assigned = self._partitions.find_owner(run)
        if assigned is not None and run.records[0].offset < assigned.next_offset:
            assigned.ledger.covered = run.records[0].offset - 1
        await admit(self, run)

    with patch.object(PartitionCoordinator, "_admit_run", admit_again):
        yield


BREAKS: list[Break] = [
    break_commit,
    break_acknowledgement,
    break_recovery,
    break_snapshot,
    break_gap,
    break_ledger_time,
    break_loader_commit,
    break_order_of_tables,
    break_first_occurrence,
    break_frontier,
    break_cut_off_writes,
    break_progress,
    break_awaiting,
    break_passing_over,
]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__)
def test_a_step_that_is_broken_on_purpose_is_caught(broken: Break) -> None:
    """Within so few seeds that a thousand would see a much smaller fault."""
    with broken():
        assert find_seed() is not None
