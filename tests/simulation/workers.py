"""Workers in a simulation: the real coordinator of partitions and all below it, and what Faust and the group do to it.

The group rebalances when somebody comes, goes, is silent for its session, or for no reason. A worker that was stopped
past its session hears of it late, and until then goes on with what it has: runs that it fetched, outputs on their way.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

from infra.settings import Settings
from infra.topics import PUBLISHED
from schemas.registry import SchemaIds
from streams.assigned_partition import WorkerHooks
from streams.partition_coordinator import PartitionCoordinator
from streams.runs import RecordRun
from tests.simulation.kernel import Kernel
from tests.simulation.log import MemoryLog
from tests.simulation.threads import SimulatedLoop

GROUP = "intake"
SESSION_SECONDS = 1.0
HEARTBEAT_SECONDS = 0.15
FETCH_SECONDS, IDLE_SECONDS = 0.02, 0.1
BUFFERED_RUNS = 4
LONGEST_RUN = 12


class IntakeGroup:
    """The broker's side of the workers' group."""

    def __init__(self, kernel: Kernel, partitions: int) -> None:
        self.kernel = kernel
        self.partitions = partitions
        self.generation = 0
        self.moving = False
        self.owners: dict[str, list[int]] = {}
        self._workers: list[Worker] = []
        self._joined: list[Worker] = []

    def join_group(self, worker: "Worker") -> None:
        """Ask for a share: the group moves on."""
        if worker not in self._workers:
            self._workers.append(worker)
        self._joined.append(worker)
        self.moving = True

    def run_group(self) -> None:
        """Move on whenever there is cause, for ever."""
        kernel = self.kernel
        while True:
            kernel.wait_until(lambda: self.moving or self._is_missed(), 3.0 if kernel.calm else kernel.rng.random() * 3)
            self.moving = self.moving or self._is_missed() or (not kernel.calm and kernel.rng.random() < 0.3)
            if not self.moving:
                continue
            kernel.wait_until(self._are_all_there, SESSION_SECONDS)
            self._begin_generation()

    def _is_missed(self) -> bool:
        """Tell whether a member was silent for its session: it has died, or is stopped."""
        missed = self.kernel.now - SESSION_SECONDS
        return any(
            one.process.stopped_at < missed and (not one.process.alive or one.process.stopped_until > self.kernel.now)
            for one in self._workers
        )

    def _are_all_there(self) -> bool:
        return all(one in self._joined for one in self._workers)

    def _begin_generation(self) -> None:
        members = [one for one in self._joined if one.process.alive and not one.process.doomed]
        self._workers, self._joined, self.moving = members, [], False
        self.generation += 1
        self.owners = {one.name: list(range(self.partitions))[n :: len(members)] for n, one in enumerate(members)}
        self.kernel.note_line(f"{GROUP} generation {self.generation}: {self.owners}")

    def is_current(self, worker: "Worker") -> bool:
        """Tell whether a worker's generation is the group's, and the group does not move."""
        return worker.generation == self.generation and not self.moving


class Worker:
    """One process: its event loop, the coordinator in it, and in the place of Faust a fetcher and an agent."""

    def __init__(self, log: MemoryLog, group: IntakeGroup, settings: Settings, ids: SchemaIds, name: str) -> None:
        kernel = log.kernel
        self.name = name
        self.process = kernel.begin_process(name)
        self.generation = -1
        self._kernel, self._log, self._group, self._settings, self._ids = kernel, log, group, settings, ids
        self._positions: dict[int, int] = {}
        self._assigned: list[int] = []
        loop = SimulatedLoop(self.process)
        self._buffer: asyncio.Queue[RecordRun] = asyncio.Queue(BUFFERED_RUNS)
        self.process.at_death.append(self._close_files)
        loop.call_soon(self._begin_worker)

    @property
    def directory(self) -> Path:
        """Where its snapshots are, which survive it."""
        return self._settings.state / "books" / self.name

    def _begin_worker(self) -> None:
        hooks = WorkerHooks(lambda: self.generation, self._retake_partition, self._commit, self.process.end_now)
        self.coordinator = PartitionCoordinator(self._settings, self.directory, self._ids, hooks)
        self._tasks = [asyncio.ensure_future(one) for one in (self._belong_to_group(), self._fetch(), self._admit())]

    def _close_files(self) -> None:
        """Close what a process that ends closes; what was not committed to a snapshot is not in it."""
        for assigned in self.coordinator._partitions._assigned.values() if hasattr(self, "coordinator") else ():
            assigned.books._store.close()

    async def _belong_to_group(self) -> None:
        """Belong to the group: join, take what was assigned, leave it when the group moves on."""
        while True:
            before = self._group.generation
            self._group.join_group(self)
            while self._group.generation == before or self.name not in self._group.owners:
                await asyncio.sleep(HEARTBEAT_SECONDS / 3)
                if self._group.generation > before and self.name not in self._group.owners:
                    before = self._group.generation  # it was too late for that one
                    self._group.join_group(self)
            self.generation, self._assigned = self._group.generation, list(self._group.owners[self.name])
            taking = asyncio.ensure_future(self._take_all(self.generation))
            while self._group.is_current(self):  # noqa: ASYNC110 - a heartbeat
                await asyncio.sleep(HEARTBEAT_SECONDS)
            self._positions.clear()
            self._assigned = []
            await self.coordinator.release()
            taking.cancel()
            with suppress(asyncio.CancelledError):
                await taking

    async def _take_all(self, generation: int) -> None:
        for partition in self._assigned:
            if generation == self.generation:
                await asyncio.shield(self._retake_partition(partition))

    async def _retake_partition(self, partition: int) -> None:
        """Do what ``streams.runs.RunConsumer.take_partition`` does."""
        generation = self.generation
        if partition not in self._assigned:
            return
        self._positions.pop(partition, None)
        offset = await self.coordinator.take_partition(partition, generation)
        if offset is not None and generation == self.generation and partition in self._assigned:
            self._kernel.note_line(f"{self.name} reads {partition} from {offset} in generation {generation}")
            self._positions[partition] = offset

    async def _fetch(self) -> None:
        """Hand on runs of what is taken; now and then what was handed on before, or past what was not."""
        rng, pause = self._kernel.rng, 0.0
        while True:
            await asyncio.sleep(pause)
            pause = IDLE_SECONDS
            if self._log.away or not self._positions:
                continue
            partition = rng.choice(list(self._positions))
            at, generation, looked_at = self._positions[partition], self.generation, self._kernel.now
            if self._kernel.strikes_now(0.1):
                at = max(0, at + rng.choice((-9, -3, 3)))
            found = self._log.find_partition(PUBLISHED, partition).read_records(at, rng.randint(1, LONGEST_RUN))
            if found:
                pause = FETCH_SECONDS
                self._positions[partition] = found[-1].offset + 1
                await self._buffer.put(RecordRun(partition, at, found, generation, looked_at))

    async def _admit(self) -> None:
        while True:
            run = await self._buffer.get()
            await asyncio.shield(self.coordinator.admit_run(run))

    async def _commit(self, offsets: dict[int, int], _note: str) -> bool:
        await asyncio.sleep(0.0 if self._kernel.calm else self._kernel.rng.random() * 0.05)
        if self._log.away or self.generation != self._group.generation:
            return False
        for partition, offset in offsets.items():
            self._log.commit_offset(GROUP, PUBLISHED, partition, offset)
        return True
