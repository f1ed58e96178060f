"""Protections taken out on purpose, one at a time, in the processes of a whole: a storm over it must see it.

The product has no switch for any of this. ``name_break(name)`` is the environment of a whole whose processes read
``tests/chaos/broken/sitecustomize.py`` as they start; each process then replaces what its break takes out, before any
of the program runs. Some breaks widen the moment in which a kill does harm, as a slow disk or network would.
"""

import asyncio
import importlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, TopicPartition

from infra.groups import INTAKE_GROUP
from infra.topics import ENTRIES, PUBLISHED

BREAK: Final = "CHAOS_BREAK"
HERE: Final = Path(__file__).parent
WINDOW_SECONDS: Final = 0.4
GUST_SECONDS: Final = 2.0
WORKER, SERVICE, SEALER, UP = "streams.worker", "services.store", "services.sealer", "up"


def name_break(name: str) -> dict[str, str]:
    """Return what the environment of a broken whole has beside others."""
    assert name in BREAKS, name
    return {BREAK: name, "PYTHONPATH": os.pathsep.join((str(HERE / "broken"), str(HERE.parents[1])))}


def break_process(environment: Mapping[str, str] = os.environ) -> None:
    """Take out what the environment names, where this process is of the program that has it."""
    program, take_out = BREAKS[environment[BREAK]]
    if program in sys.orig_argv[1:]:
        take_out()


def load_modules(*names: str) -> list[Any]:
    """Import modules of a program before it does; those of a worker after what installs its event loop."""
    if names[0].startswith("streams."):
        importlib.import_module("streams.app")
    return [importlib.import_module(name) for name in names]


def commit_before_outputs() -> None:
    """Commit an offset before its outputs are sent, and go on from what is committed."""
    output_delivery, opener = load_modules("streams.output_delivery", "streams.partition_opener")
    sound = opener.PartitionOpener.open_partition
    sound_send = output_delivery.OutputDelivery.send_outputs

    async def send_outputs(self: Any, partition: int, outputs: Any, next_offset: int) -> None:
        self.commits.commit_soon(partition, next_offset)
        await self.commits.finish_commits()
        await asyncio.sleep(WINDOW_SECONDS)
        await sound_send(self, partition, outputs, next_offset)

    def open_partition(self: Any, partition: int, *arguments: Any) -> Any:
        found = sound(self, partition, *arguments)
        if found is not None:
            found.ledger.covered = max(found.ledger.covered, read_committed(self._settings, partition) - 1)
        return found

    output_delivery.OutputDelivery.send_outputs = send_outputs
    opener.PartitionOpener.open_partition = open_partition


def read_committed(settings: Any, partition: int) -> int:
    """Read what the workers' group committed of a partition; 0 where it is nothing."""
    consumer = Consumer(settings.build_kafka_options() | {"group.id": INTAKE_GROUP})
    try:
        return max(0, consumer.committed([TopicPartition(PUBLISHED, partition)], timeout=10)[0].offset)
    finally:
        consumer.close()


def save_before_acknowledgement() -> None:
    """Write a snapshot, often, while outputs that it counts are on their way, which takes them a while."""
    coordinator, assigned_partition = load_modules("streams.partition_coordinator", "streams.assigned_partition")
    (output_delivery,) = load_modules("streams.output_delivery")

    async def save_books(self: Any, assigned: Any) -> None:
        await self._threads.run_beside(self._opener.save_books, assigned)

    fly = output_delivery.OutputDelivery._send_held

    async def send_late(self: Any) -> None:
        await asyncio.sleep(WINDOW_SECONDS)
        await fly(self)

    output_delivery.OutputDelivery._send_held = send_late
    coordinator.PartitionCoordinator._save_books = save_books
    assigned_partition.SAVE_SECONDS = 0.2


def forget_books() -> None:
    """Take a partition with empty books, as if nothing had been admitted before."""
    (recovery,) = load_modules("streams.recovery")
    recovery.restore_event = lambda *_: None


def note_progress_before_insert() -> None:
    """Write down, and commit, that a batch is stored before it is, wherever the store reaches."""
    progress, session = load_modules("sinks.progress", "sinks.session")
    sound = session.LoaderSession._begin_write

    def begin_write(self: Any, batch: Any) -> None:
        come = {place: read.offset for place, read in batch.read.items()}
        progress.write_progress(self._store, come, {place: (at, 0) for place, at in come.items()})
        offsets = [session._place_at(place, at) for place, at in come.items()]
        self._consumer.commit(offsets=offsets, asynchronous=False)
        time.sleep(WINDOW_SECONDS)
        sound(self, batch)

    session.LoaderSession._begin_write = begin_write


def pass_what_waits() -> None:
    """Save a place past what waits for an output before it; after the first such save, no entry comes for seconds."""
    session, sealer, topics = load_modules("services.sealing_session", "seals.sealer", "seals.topics")
    read, find, save = topics.TopicTail.read_batch, sealer.Sealer.find_loose, session.SealingSession._save_places
    calm_until = [0.0]

    def read_in_gusts(self: Any, timeout: float = session.POLL_SECONDS) -> Any:
        entries = [TopicPartition(*place) for place in self.next if place[0] == ENTRIES]
        is_calm = time.monotonic() < calm_until[0] or time.monotonic() % GUST_SECONDS > WINDOW_SECONDS * 2
        (self._consumer.pause if is_calm else self._consumer.resume)(entries)
        return read(self, timeout)

    def save_places(self: Any, sealing: Any, resumed: Any) -> None:
        if not calm_until[0] and find(sealing) and sealing.checkpoint.size:
            calm_until[0] = time.monotonic() + 2 * GUST_SECONDS
        save(self, sealing, resumed)

    topics.TopicTail.read_batch = read_in_gusts
    sealer.Sealer.find_loose = lambda _: {}
    session.SealingSession._save_places = save_places
    session.PLACES_SECONDS = 0.0


def watch_nobody() -> None:
    """Take no part for hung, however long it is silent."""
    (liveness,) = load_modules("local.liveness")
    liveness.LivenessMonitor.is_hung = lambda *_, **__: False


BREAKS: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "commit before outputs": (WORKER, commit_before_outputs),
    "snapshot before acknowledgement": (WORKER, save_before_acknowledgement),
    "empty books": (WORKER, forget_books),
    "progress before insert": (SERVICE, note_progress_before_insert),
    "places past what waits": (SEALER, pass_what_waits),
    "nobody is watched": (UP, watch_nobody),
}
