"""One partition through hundreds of lives: its outputs are those of a plain fold, whatever happens on the way.

Here faults are put between the awaits of the real coordinator (``streams.partition_coordinator``), with its real books,
fold, recovery and snapshots; only the broker is in memory, so that a life takes milliseconds and its seed names it. The
live tests do the same with a real broker and real kills, a few times. ``SIMULATION_SEEDS=1000`` runs more of them.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.fold import make_mix
from infra.settings import load_settings
from infra.topics import ENTRIES, REJECTED
from schemas.codec import Codec
from schemas.registry import pin_ids
from streams import assigned_partition, outage_retry
from streams import partition_coordinator as coordinating
from streams.assigned_partition import WorkerHooks
from streams.partition_coordinator import PartitionCoordinator
from streams.runs import RecordRun
from tests.live.intake_proof import expected
from tests.simulation.memory import Faults, MemoryOutputs, MemoryRecovery, MemoryTopics, PublishedRecord

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "15"))
EVENTS = 400
LONGEST_RUN_RECORDS = 40
STORMY_STEPS = 600
TASKS_MOST = 6
REST_SECONDS = 60.0
CODEC = Codec(pin_ids())


class StillTopics:
    """In the place of ``streams.watch.TopicWatch``: the topics are always those they were."""

    def hold_topics(self, _since: float) -> dict[str, str]:
        """Return their ids."""
        return {"soc.published": "1", "soc.entries": "2", "soc.rejected": "3"}

    def find_deleted(self, _partitions: Any) -> list[Any]:
        """Find nothing: nothing is ever deleted."""
        return []


class PublishedMessage:
    """A published record as the proof's fold reads it."""

    def __init__(self, record: PublishedRecord) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Callable[[], Any]:
        found = getattr(self._record, name)
        return lambda: (1, found) if name == "timestamp" else found


def publish_mix(seed: int) -> list[PublishedRecord]:
    """Publish a mix of events, with holes in their offsets as transactions leave them, and odd ones to be refused."""
    rng = random.Random(seed)
    records, offset = [], 0
    for number, (key, fact) in enumerate(make_mix(EVENTS, seed)):
        offset += rng.choice((1, 1, 1, 1, 3))
        value = b"garbage" if rng.random() < 0.05 else CODEC.encode_fact(fact)
        records.append(PublishedRecord(offset, 1_700_000_000_000 + number, key.encode(), value))
    return records


class Life:
    """A worker on the partition, its group and its deaths, in the order that a seed says."""

    def __init__(self, seed: int, directory: Path) -> None:
        self.rng = random.Random(seed)
        self.faults = Faults(seed + 1)
        self.records = publish_mix(seed)
        self.topics = MemoryTopics(self.records)
        self._settings = load_settings(directory).model_copy(update={"partitions": 1})
        self._generation = 1
        self._position: int | None = None
        self._begin_worker()

    def _begin_worker(self) -> None:
        self.outputs = outputs = MemoryOutputs(self.topics, self.faults)

        def end(_why: str) -> None:
            outputs.dead = True

        hooks = WorkerHooks(lambda: self._generation, self._retake, self._commit, end)
        self.coordinator = PartitionCoordinator(self._settings, self._settings.state / "books", pin_ids(), hooks)
        self.coordinator._delivery.__dict__["_producer"] = outputs
        self.coordinator._opener.__dict__["_recovery"] = MemoryRecovery(self.topics, self.faults)
        self.coordinator.__dict__["_watch"] = StillTopics()
        self._position = None

    async def _commit(self, _offsets: dict[int, int], _note: str) -> bool:
        await asyncio.sleep(0)
        return True

    async def _retake(self, _partition: int) -> None:
        generation, coordinator = self._generation, self.coordinator
        offset = await coordinator.take_partition(0, generation)
        if offset is not None and coordinator is self.coordinator and generation == self._generation:
            self._position = offset

    async def replace_worker(self) -> None:
        """Let the process die, whatever it was doing, and another begin on the same snapshots."""
        coordinator = self.coordinator
        self.outputs.dead = True
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=5) if others else None
        await asyncio.to_thread(coordinator._threads.close, wait=True)
        for partition in coordinator._partitions.list_partitions():
            coordinator._partitions.drop_partition(partition)
        self._generation += 1
        self._begin_worker()

    async def rebalance(self) -> None:
        """Let the group move on: what was owned is left, and taken again."""
        self._generation += 1
        self._position = None
        await self.coordinator.release()
        await self._retake(0)

    def fetch_run(self) -> RecordRun | None:
        """Fetch what comes next; now and then from further back, or past what was not read yet."""
        if self._position is None:
            return None
        follows = max(0, self._position + self.rng.choice((0, 0, 0, 0, 0, -25, 7)))
        ahead = [one for one in self.records if one.offset >= follows][: self.rng.randint(1, LONGEST_RUN_RECORDS)]
        if not ahead:
            return None
        self._position = ahead[-1].offset + 1
        return RecordRun(0, follows, ahead, self._generation)

    def is_covered(self) -> bool:
        """Tell whether the last record has its output."""
        last = self.records[-1].offset
        return any(_source(topic, one.value()) == last for topic in (ENTRIES, REJECTED) for one in self._of(topic))

    def _of(self, topic: str) -> list[Any]:
        return self.topics.list_messages(topic)[-1:]

    def prove_outputs(self) -> None:
        """Hold that every record has its one output, as a plain fold has it, and that repeats are the same."""
        wanted = expected(0, [PublishedMessage(one) for one in self.records])
        found: dict[int, tuple[str, bytes]] = {}
        for topic in (ENTRIES, REJECTED):
            for message in self.topics.list_messages(topic):
                offset = _source(topic, message.value())
                assert wanted[offset] == (topic, message.value()), f"offset {offset} differs from the plain fold's"
                found[offset] = topic, message.value()
        assert found.keys() == wanted.keys()


def _source(topic: str, value: bytes) -> int:
    return (CODEC.decode_entry if topic == ENTRIES else CODEC.decode_rejection)(value).source.offset


async def live(life: Life) -> None:
    """Feed and disturb for a while, then let it come to rest."""
    running: set[asyncio.Task[None]] = set()
    for _ in range(STORMY_STEPS):
        if life.outputs.dead or life.faults.strikes(0.01):
            await life.replace_worker()
        running = await take_step(life, running, disturbed=life.faults.strikes(0.03))
    life.faults.calm = True
    deadline = time.monotonic() + REST_SECONDS
    while running or not life.is_covered():
        assert time.monotonic() < deadline, "it does not come to rest"
        if life.outputs.dead:
            await life.replace_worker()
        running = await take_step(life, running, disturbed=False)
    await life.coordinator.close()


async def take_step(life: Life, running: set[asyncio.Task[None]], *, disturbed: bool) -> set[asyncio.Task[None]]:
    """Begin what comes next, a rebalance too; give what is still under way."""
    run = life.fetch_run()
    if disturbed or (run is None and not running):
        running.add(asyncio.create_task(life.rebalance()))
    if run is not None:
        running.add(asyncio.create_task(life.coordinator.admit_run(run)))
    busy = run is None or len(running) > TASKS_MOST
    await asyncio.wait(running, timeout=0.05 if busy else 0.0005) if running else await asyncio.sleep(0)
    return {task for task in running if not task.done()}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_between_fetch_and_commit_outputs_are_those_of_a_plain_fold(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deaths, rebalances, lost acknowledgements, runs fetched twice and past the end, leaving while it saves."""
    monkeypatch.setattr(coordinating, "LEAVE_SECONDS", random.Random(seed).choice((0.0, 0.001, 0.003, 1.0)))
    monkeypatch.setattr(assigned_partition, "SAVE_RECORDS", random.Random(seed).choice((1, 10, 60)))
    monkeypatch.setattr(outage_retry, "LONGEST_PAUSE_SECONDS", 0.001)
    life = Life(seed, tmp_path)
    asyncio.run(live(life))
    life.prove_outputs()
