"""One membership of the loader's group: consume, write while consuming, commit (the order is in ``sinks.loader``)."""

import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from infra.groups import build_session_options
from infra.metrics import END_TO_END_SECONDS, STORED_OUTPUTS, measure_stage
from infra.settings import Settings
from infra.status import TAKING, WORKING
from infra.topic_identity import TopicPartitionPair
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from infra.tracing import is_tracing, trace_work
from ledger.errors import LedgerError, Unavailable
from sinks.batch import BatchSorter, LoadedPlace, SortedBatch
from sinks.block import RecordSchemas
from sinks.closing_maker import ClosingMaker
from sinks.gathering import MessageSource, find_write_pause, gather_messages
from sinks.held import find_held
from sinks.integrity import IntegrityCheck, describe_damage
from sinks.loader_health import LoaderHealth
from sinks.pacing import PacedSource
from sinks.positions import find_frontiers
from sinks.progress import NOTHING, LoadingProgress, ReadExtent, find_reaches, read_progress, read_starts
from sinks.role import LoaderRole
from sinks.store import Store
from sinks.topics import StoredTopics
from sinks.unloadable import find_set_aside
from sinks.writing import TOLD_MOST, BlockWriter, UnloadableRecord

PROGRESS_SECONDS: Final = 1.0
PROVE_SECONDS: Final = 1.0
ASK_TIMEOUT_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 0.5
_log = structlog.get_logger("sinks.loader")


class LoaderSession:
    """Consumes both output topics. One thread consumes, one writes; at most one batch is on its way to the store."""

    def __init__(  # noqa: PLR0913, PLR0917 - what the loader hands on
        self,
        settings: Settings,
        store: Store,
        writers: RecordSchemas,
        writing: BlockWriter,
        integrity: IntegrityCheck,
        topics: StoredTopics,
        closings: ClosingMaker,
        health: LoaderHealth,
        role: LoaderRole,
    ) -> None:
        self._role = role
        self._store = store
        self._topics = topics
        self._closings = closings
        self._integrity = integrity
        self._writing = writing
        self._sorting = BatchSorter(writers)
        self._health = health
        self._stop = threading.Event()
        self._writer = ThreadPoolExecutor(1, "writer")
        self._on_its_way: tuple[SortedBatch, Future[list[UnloadableRecord]]] | None = None
        self._progress = LoadingProgress(store)
        self._not_before = 0.0
        self._proved_at = float("-inf")
        self._consumer = Consumer(build_consumer_options(settings, role.group))
        self._source: MessageSource = self._consumer if role.rate is None else PacedSource(self._consumer, role.rate)

    def run(self, stop: threading.Event) -> None:
        """Load until ``stop``. Raises Misuse, Unavailable, KafkaException: the batch in hand was not committed."""
        self._stop = stop
        self._take_part()
        while not stop.is_set():
            self._role.report_status(WORKING)
            self._topics.hold_again()
            messages = gather_messages(self._source, self._is_writing, self._not_before)
            batch = self._sorting.sort_messages(messages)
            batch.headers = [one.headers() for one in messages] if is_tracing() else []
            self._finish_write()
            self._forget_proved()
            if not batch:
                self._note_positions()
            if self._integrity.is_due(is_busy=bool(batch)) or self._health.looks.is_wanted:
                self._check_integrity()
            if batch:
                self._begin_write(batch)
            self._progress.save_progress(every=PROGRESS_SECONDS)
            self._closings.start_due()
        self._finish_write()
        self._progress.save_progress(every=0.0)

    def _take_part(self) -> None:
        """Take every partition where one process alone can write to the store, and otherwise a share of them.

        Taking all needs no group to agree, so a loader that was killed is replaced at once, without its session's end.
        """
        if self._store.embedded:
            self._consumer.assign(self._find_starts(self._consumer, self._list_all()))
            self._health.state = "loading"
        else:
            took = {"on_assign": self._take_partitions, "on_revoke": self._give_up, "on_lost": self._lose_partitions}
            self._consumer.subscribe([ENTRIES, REJECTED], **took)

    def _list_all(self) -> list[TopicPartition]:
        topics = self._consumer.list_topics(timeout=ASK_TIMEOUT_SECONDS).topics
        return [TopicPartition(name, one) for name in (ENTRIES, REJECTED) for one in sorted(topics[name].partitions)]

    def close(self) -> None:
        """Let a write that is under way end, and leave the group."""
        self._writer.shutdown(wait=True)
        self._on_its_way = None
        self._consumer.close()

    def _is_writing(self) -> bool:
        return self._on_its_way is not None and not self._on_its_way[1].done()

    def _begin_write(self, batch: SortedBatch) -> None:
        self._not_before = time.monotonic() + find_write_pause(len(batch.records))
        self._on_its_way = batch, self._writer.submit(self._write_batch, batch)

    def _write_batch(self, batch: SortedBatch) -> list[UnloadableRecord]:
        with trace_work("store", batch.headers, outputs=len(batch.records)), measure_stage("store"):
            aside = self._writing.write_records(batch.records, batch.bad)
        if not self._role.is_aside:
            measure_batch(batch)
        self._prove_doubtful(batch)
        return aside

    def _prove_doubtful(self, batch: SortedBatch) -> None:
        """Ask the store how far it reaches, where a write could not tell it: nobody writes just now.

        Not while much is loaded at once: what was proved then is told by the last of it.
        """
        if len(batch.records) <= TOLD_MOST and time.monotonic() - self._proved_at >= PROVE_SECONDS:
            self._proved_at = time.monotonic()
            find_frontiers(self._store)

    def _finish_write(self) -> None:
        """Wait for the batch on its way, then commit it."""
        if self._on_its_way is None:
            return
        (batch, future), self._on_its_way = self._on_its_way, None
        aside = future.result()
        self._health.unloadable += len(aside)
        self._health.stored += len(batch.records) + len(batch.bad) - len(aside)
        self._health.wrote_at = datetime.now(UTC)
        self._health.state, self._health.trouble = "loading", None
        self._progress.note_read(batch.read)
        self._consumer.commit(
            offsets=[_place_at(place, read.offset) for place, read in batch.read.items()], asynchronous=True
        )

    def _forget_proved(self) -> None:
        """Find how far the store reaches, once so much is remembered that it is worth it."""
        asks = self._store.coverage.read_proved().doubt != frozenset()
        if not any(known.held.is_large(asks=asks) for known in self._sorting.places.values()):
            return
        frontiers = find_frontiers(self._store)
        for (_, partition), known in self._sorting.places.items():
            if partition in frontiers:
                known.held.forget_below(frontiers[partition].position)

    def _check_integrity(self) -> None:
        """Check, between two writes, what is stored by what its entries say. Raises Unavailable to begin again."""
        partitions = {partition for _, partition in self._sorting.places}
        is_caught_up = self._is_caught_up()  # before it is asked where ``soc.published`` ends
        damaged = self._inspect_rows(partitions, self._progress.find_reached(), is_caught_up=is_caught_up)
        if damaged:
            raise Unavailable(describe_damage(damaged) or "")

    def _inspect_rows(
        self, partitions: Iterable[int], reached: Mapping[int, int], *, is_caught_up: bool
    ) -> dict[int, int]:
        self._closings.wait()
        with self._health.looks.note_look():
            ends = {n: end for (_, n), end in self._topics.find_ends([(PUBLISHED, n) for n in partitions]).items()}
            found = self._integrity.inspect_partitions(partitions, ends, reached, is_caught_up=is_caught_up)
        self._health.damage = describe_damage(self._store.damaged)
        return found

    def _note_positions(self) -> None:
        """Note how far was read, all of which is written: markers of transactions, and what was aborted, never come."""
        read = self._progress.read
        come = {
            (one.topic, one.partition): one.offset
            for one in self._consumer.position([_place_at(place, 0) for place in read])
        }  # below 0: nothing has come of it yet
        self._progress.note_read(
            {place: read[place]._replace(offset=at) for place, at in come.items() if at > read[place].offset}
        )

    def _is_caught_up(self) -> bool:
        """Return whether everything in the output topics was consumed, and written; not while any is undecided."""
        read = self._progress.read
        ends = self._topics.find_ends(read)
        return all(extent.offset >= ends[place] for place, extent in read.items())

    def _take_partitions(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Take partitions that have come: ask what is held of them, and start there."""
        while not self._stop.is_set():
            self._role.report_status(TAKING)
            try:
                consumer.assign(self._find_starts(consumer, partitions))
            except (Unavailable, KafkaException) as error:
                self._health.state, self._health.trouble = (
                    "waiting",
                    f"partitions cannot be taken: {describe_outage(error)}",
                )
                _log.warning("waiting", trouble=self._health.trouble)
                self._stop.wait(RETRY_SECONDS)
            else:
                self._health.state, self._health.trouble = "loading", None
                return

    def _find_starts(self, consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
        """Find where to begin: where the last extent ends, if the store reaches so far, or at the first record."""
        places = [(one.topic, one.partition) for one in partitions]
        known = {place: one for place, one in read_starts(self._store).items() if place in places}
        damaged = self._inspect_rows({partition for _, partition in places}, find_reaches(known), is_caught_up=False)
        self._integrity.mark_reloading(damaged)
        held, come = find_held(self._store, places), read_progress(self._store)
        whole = {place: one for place, one in known.items() if one.reach <= held[place].below}
        starts = {}
        for one in consumer.committed(partitions, timeout=ASK_TIMEOUT_SECONDS):
            place = (one.topic, one.partition)
            starts[place] = min(max(one.offset, 0), whole.get(place, NOTHING).offset)
        left = self._topics.find_left(starts, {place: come[place] for place in whole})
        aside = find_set_aside(self._store, left)
        for place, offset in left.items():
            below = held[place].below
            self._sorting.places[place] = LoadedPlace(held[place], frozenset(aside.get(place, ())), below)
            self._progress.begin_places({place: ReadExtent(offset, below)})
        _log.info("taken", partitions=len(places), first=sum(left.values()), again=len(known) - len(whole))
        return [_place_at(place, offset) for place, offset in left.items()]

    def _give_up(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Give partitions up to another loader: finish what is on its way, then forget them."""
        self._finish_write()
        self._progress.save_progress(every=0.0)
        self._forget_partitions(partitions)

    def _lose_partitions(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Forget partitions that went already: what is on its way is written, as their owner may do too."""
        self._forget_partitions(partitions)

    def _forget_partitions(self, partitions: Iterable[TopicPartition]) -> None:
        places = [(one.topic, one.partition) for one in partitions]
        self._progress.forget_places(places)
        for place in places:
            self._sorting.places.pop(place, None)


def measure_batch(batch: SortedBatch) -> None:
    """Measure a batch that was just written: how many outputs, and how long since the oldest events were appended."""
    STORED_OUTPUTS.inc(len(batch.records))
    now = time.time()
    for learnt in batch.learnt:
        END_TO_END_SECONDS.observe(max(0.0, now - learnt / 1000))


def describe_outage(error: LedgerError | KafkaException) -> str:
    """Describe what is away, in words: the client's own or the broker's."""
    return f"the broker: {error.args[0].str()}" if isinstance(error, KafkaException) else str(error)


def build_consumer_options(settings: Settings, group: str) -> dict[str, str | int | float | bool]:
    """Build the options of the loader's consumer, said in one place."""
    options = settings.build_kafka_options() | build_session_options(settings.session_timeout_seconds)
    return options | {
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",  # records are kept for ever: an offset out of range is a fault, never skipped
        "fetch.wait.max.ms": 500,
        "fetch.min.bytes": 1,  # an output is handed over when it is there: it is here that company is waited for
        "fetch.error.backoff.ms": 50,
        "queued.min.messages": 100_000,
        "queued.max.messages.kbytes": 131_072,
        "fetch.message.max.bytes": 4_194_304,
        "log_level": 2,
    }


def _place_at(place: TopicPartitionPair, offset: int) -> TopicPartition:
    return TopicPartition(place[0], place[1], offset)
