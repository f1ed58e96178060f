"""Each step of the protocol broken on purpose, and caught: what the storms of ``test_seeds`` would not see, they do not
show either.
"""

from collections import Counter
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
from sinks.integrity import IntegrityCheck, find_lost_legs, find_unfinished
from sinks.session import LoaderSession
from sinks.store import Store
from sinks.topics import StoredTopics
from streams.assigned_partition import AssignedPartition
from streams.intake import FoldProgress, Intake
from streams.output_delivery import OutputDelivery
from streams.partition_coordinator import PartitionCoordinator
from streams.recovery import Recovery
from streams.runs import RecordRun
from tests.simulation.breaks import Break, find_seed
from tests.simulation.losing import LosingWorld
from tests.simulation.runs import run_seed
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

    async def do_nothing(self: Any, partition: int, next_offset: int) -> None:
        self._fail, fail = lambda *_: None, self._fail
        try:
            await wait(self, partition, next_offset)
        except Unavailable:
            self.commits.commit_soon(partition, next_offset)
        finally:
            self._fail = fail

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
    offsets = [TopicPartition(*place, offset) for place, offset in batch.next.items()]
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
def break_judgement_of_legs() -> Iterator[None]:
    """Take legs past the last entry for a write that was cut off, for ever."""
    inspect = IntegrityCheck.inspect_partitions

    def wait_for_ever(self: Any, partitions: Any, ends: Any, **said: bool) -> dict[int, int]:
        lost = find_lost_legs(self._store, partitions)
        return {} if find_unfinished(self._store, lost) else inspect(self, partitions, ends, **said)

    with patch.object(IntegrityCheck, "inspect_partitions", wait_for_ever):
        yield


@contextmanager
def break_memory_of_damage() -> Iterator[None]:
    """Begin again for what only showed when all was loaded, and know nothing of it then."""
    inspect = IntegrityCheck.inspect_partitions

    def forget_late(self: Any, partitions: Any, ends: Any, **said: bool) -> dict[int, int]:
        self._late = {}
        return inspect(self, partitions, ends, **said)

    with patch.object(IntegrityCheck, "inspect_partitions", forget_late):
        yield


@contextmanager
def break_position() -> Iterator[None]:
    """Stand before a transaction's marker at the end until the next record comes."""
    with patch.object(LoaderSession, "_note_positions", lambda _: None):
        yield


@contextmanager
def break_reading_again() -> Iterator[None]:
    """Go on exactly where the store says that it has come to, though its newest output may be lost."""
    find = StoredTopics.find_left

    def find_exactly(self: Any, starts: Any, come: Any) -> Any:
        return {place: max(at, starts[place]) for place, at in find(self, starts, come).items()}

    with patch.object(StoredTopics, "find_left", find_exactly):
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
]
LOSSES: list[Break] = [break_reading_again, break_judgement_of_legs, break_memory_of_damage, break_position]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__)
def test_a_step_that_is_broken_on_purpose_is_caught(broken: Break) -> None:
    """Within so few seeds that a thousand would see a much smaller fault."""
    with broken():
        assert find_seed() is not None


def lose_rows(seed: int) -> list[str]:
    """Run a seed whose disk loses rows, and list of which tables."""
    world = run_seed(seed, make=LosingWorld)
    assert isinstance(world, LosingWorld)
    return world.lost


@pytest.mark.parametrize("first", [0, 25])
def test_what_a_disk_loses_is_loaded_again(first: int) -> None:
    """The newest entries of a partition, whose legs stay, and a refusal, which leaves none, be it the newest or not."""
    lost = Counter(name for seed in range(first, first + 25) for name in lose_rows(seed))
    assert lost["entries"] > 5 < lost["rejected"]


@pytest.mark.parametrize("broken", LOSSES, ids=lambda one: one.__name__)
def test_a_loss_that_is_not_found_is_caught(broken: Break) -> None:
    """Within so few seeds, as above."""
    with broken():
        assert find_seed(LosingWorld) is not None
