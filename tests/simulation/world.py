"""A whole ledger in one process: publishers, a broker, workers, a loader and its store, and all that befalls them.

A *run* of a seed is a storm, in which anything may fail, and then calm, in which everything is started again and left
alone until nothing moves. What must hold then is in ``judgement``.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.fold import make_mix
from infra.groups import LOADER_GROUP
from infra.partitioning import place_key
from infra.settings import Settings, load_settings
from infra.topics import CHECKPOINTS, FIGURES, PUBLISHED
from proofs.checkpoints import read_checkpoint
from proofs.notes import parse_note
from proofs.tiles import TileName
from schemas.codec import Codec
from schemas.figures import encode_figure
from schemas.registry import pin_ids
from seals.directory import CHECKPOINT_NAME
from tests.figures import make_published_figure
from tests.simulation.kernel import Defect, Kernel, Process, enter_kernel
from tests.simulation.loaders import LoaderProcess, MemoryClient, Reading
from tests.simulation.log import MemoryLog
from tests.simulation.sealers import SealerProcess, place_seals
from tests.simulation.tables import MemoryTables
from tests.simulation.workers import IntakeGroup, Worker

PARTITIONS = 2
WORKERS = 2
EVENTS = 26
STORM_STEPS = 800
REST_STEPS = 20_000
STRAY = b"no figure"
FIRST_MILLIS = 1_700_000_000_000  # after all that is published was entered
CLOCK_JUMPS = (-3_600_000, 86_400_000)  # of the broker's clock: an hour back, a day ahead
CLOCK_STEPS = (0, 1, 5, -2, 0, 1, *CLOCK_JUMPS)  # milliseconds from one record of a partition to the next
IDS = pin_ids()
CODEC = Codec(IDS)


class World:
    """One run of one seed. ``rest_steps``: so soon it must have come to rest, once it is calm."""

    rest_steps = REST_STEPS

    def __init__(self, seed: int, directory: Path, events: int = EVENTS) -> None:
        self.kernel = kernel = Kernel(seed)
        enter_kernel(kernel)
        self.settings = make_settings().model_copy(update={"state": directory})
        self.tables = MemoryTables()
        self.client = MemoryClient(self.tables)
        self.readings: list[Reading] = []
        self.log = MemoryLog(kernel, PARTITIONS)
        self.group = IntakeGroup(kernel, PARTITIONS)
        self.habits = choose_habits(random.Random(seed))
        self.unpublished = write_events(kernel.rng, seed, events)
        broker = kernel.begin_process("broker")
        broker.spawn_fiber("network", self.log.run_network)
        broker.spawn_fiber("group", self.group.run_group)
        kernel.begin_process("publisher").spawn_fiber("main", self._publish)
        self.unpublished_figures = write_figures(random.Random(seed))
        kernel.begin_process("figures").spawn_fiber("main", self._publish_figures)
        kernel.begin_process("fate").spawn_fiber("main", self._disturb_all)
        self.workers = [self._start_worker(f"worker-{number}") for number in range(1, WORKERS + 1)]
        self.loader = self._start_loader()
        self.sealer = self._start_sealer("seals")
        self.rival: SealerProcess | None = None
        self.may_load_again = False
        """Whether the disk lost anything: only then is a partition loaded again from its first record."""

    def _start_sealer(self, name: str) -> SealerProcess:
        return SealerProcess(self.kernel, place_seals(self.settings, name), name)

    def _start_worker(self, name: str) -> Worker:
        return Worker(self.log, self.group, self.settings, IDS, name)

    def find_client(self, _database: str | None) -> MemoryClient:
        """Find the client of a generation of the tables; here there is one."""
        return self.client

    def find_written(self, _group: str) -> MemoryTables:
        """Find the tables that the loader of a group writes."""
        return self.tables

    def _start_loader(self) -> LoaderProcess:
        return LoaderProcess(self.kernel, self.settings, self.tables, self.readings)

    def _publish(self) -> None:
        """Publish one after the other, some of them in transactions, of which some are aborted."""
        kernel = self.kernel
        times = [FIRST_MILLIS] * PARTITIONS
        while self.unpublished:
            kernel.pause_fiber(kernel.rng.random() * 0.2)
            partition = kernel.rng.randrange(PARTITIONS)
            events = [one for one in self.unpublished if place_key(one[0], PARTITIONS) == partition]
            together = events[: kernel.rng.randint(1, 9)]
            log = self.log.find_partition(PUBLISHED, partition)
            step = kernel.rng.choice(CLOCK_STEPS)
            times[partition] += step
            if step in CLOCK_JUMPS:
                self.log.clock_ahead += step
                kernel.note_line(f"the broker's clock jumps by {step // 1000} s")
            offsets = [log.append(times[partition], key, value) for key, value in together]
            self.unpublished = [one for one in self.unpublished if one not in together]
            if offsets and kernel.rng.random() < 0.3:
                log.open_transaction(offsets)
                kernel.pause_fiber(kernel.rng.random())
                commit = kernel.rng.random() < 0.6
                log.end_transaction(offsets, commit=commit)
                kernel.note_line(f"transaction of {offsets} in {partition} {'committed' if commit else 'aborted'}")
                self.unpublished = ([] if commit else together) + self.unpublished

    def _publish_figures(self) -> None:
        """Publish figures now and then; some in a transaction that is aborted, and then again."""
        kernel, log, chance = self.kernel, self.log.find_partition(FIGURES, 0), random.Random(self.kernel.seed)
        while self.unpublished_figures:
            kernel.pause_fiber(chance.random() * 2)
            together = self.unpublished_figures[: chance.randint(1, 3)]
            offsets = [log.append(FIRST_MILLIS, b"figure", one) for one in together]
            is_seen = chance.random() < 0.7
            if not is_seen:
                log.open_transaction(offsets)
                kernel.pause_fiber(chance.random())
                log.end_transaction(offsets, commit=False)
            del self.unpublished_figures[: len(together) if is_seen else 0]

    def _disturb_all(self) -> None:
        """Start again what died; while it storms, kill, stop and cut off."""
        kernel = self.kernel
        while True:
            kernel.pause_fiber(0.4 if kernel.calm else kernel.rng.random() * 0.4)
            for number, worker in enumerate(self.workers):
                if not worker.process.alive:
                    self.workers[number] = self._start_worker(worker.name)
            if not self.loader.process.alive:
                self.loader = self._start_loader()
            if not self.sealer.process.alive:
                self.sealer = self._start_sealer("seals")
            if not kernel.calm:
                self._strike_one(kernel)

    def _strike_one(self, kernel: Kernel) -> None:
        workers = [worker.process for worker in self.workers]
        victim = kernel.rng.choice([*workers, *workers, self.loader.process, self.sealer.process])
        if kernel.rng.random() < 0.7 and kernel.wait_until(self._list_senders, 0.5):
            victim = kernel.rng.choice(self._list_senders())  # when it hurts
        if kernel.calm:
            return
        what = kernel.rng.random()
        if what < 0.35 and victim.alive:
            victim.end_now("killed")
        elif what < 0.6 and victim.alive:
            victim.stop(kernel.rng.choice((0.2, 1.5, 3.0)))
        elif what < 0.66:
            self.log.away_until = kernel.now + kernel.rng.random() * 2
            kernel.note_line("the broker is away")
        elif what < 0.75:
            self.log.slow_until = kernel.now + kernel.rng.random() * 3
        elif what < 0.8 and self.rival is None:
            self.rival = self._start_sealer("rival")  # somebody starts a second one elsewhere, by the same key
        elif what < 0.86:
            for place in self.log.list_places():
                self.log.committed[LOADER_GROUP, *place] = 0  # an operator wants it all loaded again

    def _list_senders(self) -> list[Process]:
        """List the processes that have more than one output on their way."""
        return [one.owner for one in self.log.wires if len(one.waiting) > 1 and one.owner.alive]

    def run(self) -> None:
        """Let it storm, then come to rest."""
        for _ in range(STORM_STEPS):
            self.kernel.take_step()
        self._calm_down()
        while not self.is_at_rest():
            self.kernel.take_step()
            if self.kernel.steps > STORM_STEPS + self.rest_steps:
                raise Defect("it does not come to rest")

    def _calm_down(self) -> None:
        self.kernel.note_line("calm")
        self.kernel.calm = True
        self.log.away_until = 0.0
        for process in self.kernel.processes:
            process.stopped_until = 0.0
        if self.rival is not None:
            self.rival.process.end_now("it is ended")

    def is_at_rest(self) -> bool:
        """Tell whether everything was published, judged and stored."""
        if (
            self.unpublished
            or self.unpublished_figures
            or self.kernel.steps % 50
            or any(one.waiting for one in self.log.wires)
        ):
            return False
        if self.loader.store is None or self.loader.store.damaged:
            return False
        if not self._is_sealed():
            return False
        stored = {(one["topic"], one["partition"]): one["next_offset"] for one in self.tables.list_final("progress")}
        return all(
            self.log.is_covered(partition, one.offset)
            for partition in range(PARTITIONS)
            for one in self.log.find_partition(PUBLISHED, partition).read_records(0)
        ) and all(stored.get(place, 0) > landed[-1].offset for place, landed in self.log.outputs.items() if landed)

    def _is_sealed(self) -> bool:
        """Tell whether the last checkpoint covers all that was published, and is served."""
        notes, served = self.log.find_partition(CHECKPOINTS, 0).read_records(0), self.sealer.directory / CHECKPOINT_NAME
        if not notes or not served.exists() or served.read_bytes() != notes[-1].value:
            return False
        newest = read_checkpoint(parse_note(notes[-1].value or b""))
        positions = newest.positions
        figures = [one for one in self.log.find_partition(FIGURES, 0).read_records(0) if one.value != STRAY]
        return newest.sealed_figures == len(figures) and all(
            not (published := self.log.find_partition(PUBLISHED, partition).read_records(0))
            or position > published[-1].offset
            for partition, position in enumerate(positions)
        )

    def close(self) -> None:
        """End everything."""
        for process in self.kernel.processes:
            process.doomed = "the run is over"
            process.kill()


@cache
def make_settings() -> Settings:
    """Make the settings of every run, but for its directory."""
    said = {"partitions": PARTITIONS, "clickhouse_dsn": None, "kafka_bootstrap_servers": "memory:0"}
    return load_settings(Path()).model_copy(update=said)


def write_events(rng: random.Random, seed: int, events: int) -> list[tuple[bytes, bytes]]:
    """Write what is to be published: a mix of facts, some sent again, some that nobody can read."""
    written: list[tuple[bytes, bytes]] = []
    for threat, fact in make_mix(events, seed, threats_in_all=4):
        key = threat.encode()
        written.append((key, b"garbage %d" % len(written) if rng.random() < 0.15 else CODEC.encode_fact(fact)))
        if rng.random() < 0.08:
            again = rng.choice(written)
            written.append((again[0], again[1] if again[1][:1] == b"\0" else b"more"))
    return written


def write_figures(rng: random.Random) -> list[bytes]:
    """Write what is to be published as figures: some twice, among them what is none."""
    figures = [make_published_figure(note=f"Table {number}") for number in range(rng.randint(0, 6))]
    written = [encode_figure(one, IDS) for one in figures for _ in range(rng.choice((1, 1, 1, 2)))]
    return [one for value in written for one in ([STRAY, value] if rng.random() < 0.2 else [value])]


def choose_habits(rng: random.Random) -> Callable[[], Any]:
    """Choose how often things are done that take thousands of records elsewhere."""
    chosen: dict[str, Any] = {
        "streams.assigned_partition.SAVE_RECORDS": rng.choice((1, 3, 10, 1_000)),
        "streams.recovery.SAVE_ENTRIES": rng.choice((2, 8, 1_000)),
        "streams.recovery.CHECKED_ENTRIES": 3,
        "streams.intake.SLICE_BYTES": rng.choice((1_500, 6_000, 1_000_000)),
        "streams.partition_coordinator.LEAVE_SECONDS": rng.choice((0.0, 0.05, 10.0)),
        "sinks.closing_maker.STEP_POSTINGS": rng.choice((4, 12, 1_000)),
        "sinks.closing_maker.LOOK_SECONDS": 0.5,
        "services.sealer.RETRY_SECONDS": 1.0,
        "services.sealer.SHUT_OUT_SECONDS": 2.0,
        "services.sealing_session.PLACES_SECONDS": rng.choice((0.0, 0.5, 5.0)),
        "services.sealing_session.LOOK_AGAIN_SECONDS": 2.0,
        "services.sealing_session.KEPT_CHECKPOINTS": rng.choice((1, 1_000)),
        "sinks.held.BEYOND_MOST": rng.choice((3, 1_000)),
        "sinks.writing.BLOCK_BYTES_MOST": rng.choice((2_000, 1_000_000)),
        "sinks.gathering.RECORDS_MOST": rng.choice((3, 40_000)),
    }
    legs = rng.choice((1, 2, 10_000, 10_000))
    chosen |= {"schemas.parts.LEGS_PER_PART": legs, "streams.intake.LEGS_PER_PART": legs}

    height = rng.choice((1, 2, 8))  # of tiles: 2, 4 or 256 hashes wide
    for module in ("proofs.tiles", "seals.proving"):
        chosen |= {f"{module}.TILE_HEIGHT": height, f"{module}.TILE_WIDTH": 1 << height}
    chosen["seals.directory.TILE_WIDTH"] = 1 << height

    @contextmanager
    def keep_habits() -> Iterator[None]:
        with ExitStack() as stack:
            for name, value in chosen.items():
                stack.enter_context(patch(name, value))
            stack.enter_context(patch.object(TileName.__new__, "__defaults__", (1 << height,)))
            yield

    return keep_habits
