"""The batch transport: one Faust event is one fetched run of one partition, positioned by what its outputs cover.

Stock Faust makes four asyncio tasks of every record and positions partitions by committed offsets. Here

- an event's value is a ``RecordRun``: records of one partition in ascending order, bounded in records and bytes;
- a run says which position it ``follows``: it holds every readable record from there to its last, so a reader that is
  at that position can tell a hole in the offsets (transactions leave them) from a gap in what it was given;
- partitions are positioned by ``take_partition`` (what the ledger's outputs cover), one by one, and fetched only from
  then on;
- back-pressure is the stream's buffer, counted in runs.

It overrides private parts of faust-streaming 0.15.3; tests/streams/test_private_api.py fails when they change.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.serializers.schemas import Schema
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from infra.batch_fetcher import HEADER_BYTES, DamagedBatch, patch_fetcher

RUN_RECORDS = 2_000
RUN_BYTES = 4 * 1024 * 1024
BUFFERED_RUNS = 8
TAKING_SECONDS = 2.0  # how long flow waits for partitions being taken; the rest follow one by one
COMMIT_SECONDS = 5.0
FETCH_BYTES, FETCH_WAIT_MILLISECONDS = 1, 50  # a fetch that finds anything does not wait for company
APART_SECONDS, APART_MOST_SECONDS = 0.025, 0.05  # but so far apart are two fetches that found something
APART_RECORD_SECONDS = 0.001  # for each record of the first of them: where much comes, few runs, each of many records

Take = Callable[[int, int], Awaitable[int | None]]
"""``take(partition, generation)``: own the partition; the offset to read from, or None when it is no longer ours."""


@dataclass(frozen=True, slots=True)
class RecordRun:
    """Every readable record of ``partition`` from position ``follows`` to the last of ``records``."""

    partition: int
    follows: int
    records: Sequence[Any]  # aiokafka's ConsumerRecord, or a Misfit: offset, timestamp, key, value, headers
    generation: int
    fetched_at: float = field(default_factory=time.monotonic)  # or soon after

    @property
    def last(self) -> int:
        """Offset of the last record."""
        return int(self.records[-1].offset)


def cut_records(
    records: Sequence[Any], most_records: int = RUN_RECORDS, most_bytes: int = RUN_BYTES
) -> Iterator[Sequence[Any]]:
    """Cut into slices of at most so many records and, unless one record alone is larger, so many bytes."""
    start = size = 0
    for at, record in enumerate(records):
        length = len(record.value or b"") + len(record.key or b"") + HEADER_BYTES * len(record.headers)
        if at > start and (at - start >= most_records or size + length > most_bytes):
            yield records[start:at]
            start, size = at, 0
        size += length
    if start < len(records):
        yield records[start:]


def find_fetch_pause(fetched: Mapping[TP, Sequence[Any]]) -> float:
    """Return how many seconds after a fetch that found these records the next one may be asked for."""
    records = sum(len(several) for several in fetched.values())
    return max(APART_SECONDS, min(APART_MOST_SECONDS, records * APART_RECORD_SECONDS))


class RunConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc] # Faust ships no types
    """The consumer's thread. What an aborted transaction wrote was never published."""

    async def _fetch_records(self, consumer: Any, active: Iterable[TP], *arguments: Any, **options: Any) -> Any:
        """Fetch; and note what is handed out here, where nobody may be waiting for it, and what was not answered."""
        began = time.monotonic()
        fetched = await super()._fetch_records(consumer, active, *arguments, **options)
        self.consumer.note_handed_out(fetched)
        self.consumer.note_answers(fetched, _read_stamps(consumer, active), time.monotonic() - began)
        return fetched

    def _create_worker_consumer(self, transport: Any) -> Any:
        patch_fetcher()
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        consumer._fetch_min_bytes, consumer._fetch_max_wait_ms = FETCH_BYTES, FETCH_WAIT_MILLISECONDS
        return consumer


def _read_stamps(consumer: Any, partitions: Iterable[TP]) -> dict[TP, int | None]:
    """Read when the broker last answered a fetch of each partition that is assigned."""
    subscription = consumer._subscription.subscription
    assignment = subscription and subscription.assignment
    states = {tp: assignment.state_value(tp) for tp in partitions} if assignment else {}
    return {tp: state.timestamp for tp, state in states.items() if state is not None}


class RunConsumer(driver.Consumer):  # type: ignore[misc] # Faust ships no types
    """Yields runs of the partitions that were taken; everything else that was fetched is dropped and fetched again."""

    _not_before = 0.0  # when the next fetch may be asked for

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._next: dict[TP, int] = {}  # position after the last run yielded
        self._drained: dict[TP, int] = {}  # of what is positioned: after everything that was yielded
        self._handed_out: dict[TP, int] = {}  # since it was positioned: after everything that the thread gave
        self._stamps: dict[TP, int | None] = {}  # of the last answer to a fetch
        self._unanswered: dict[TP, float] = {}  # since then: seconds in which one was waited for
        self._taking: asyncio.Task[None] | None = None
        self._anew: set[asyncio.Task[None]] = set()

    def _new_consumer_thread(self) -> RunConsumerThread:
        return RunConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def perform_seek(self) -> None:
        """Take every assigned partition; called by Faust once a rebalance is over and before flow resumes."""
        self._drained.clear()
        assigned = sorted(tp for tp in self.assignment())
        self.pause_partitions(assigned)
        self._taking = asyncio.ensure_future(self._take_all(assigned, self.app.consumer_generation_id))
        await asyncio.wait([self._taking], timeout=TAKING_SECONDS)

    async def _take_all(self, assigned: Sequence[TP], generation: int) -> None:
        for tp in assigned:
            if generation == self.app.consumer_generation_id:
                await self.take_partition(tp, generation)

    async def take_partition(self, tp: TP, generation: int) -> None:
        """Own one partition and fetch it from where its outputs end."""
        self.pause_partitions([tp])
        self._drained.pop(tp, None)
        offset = await self.transport.take(tp.partition, generation)
        if offset is None or generation != self.app.consumer_generation_id:
            return
        try:
            await self._set_position(tp, offset)
        except Exception as error:
            await self.crash(error)  # a partition that is ours and not read would go unnoticed
            return
        self.resume_partitions([tp])

    async def _set_position(self, tp: TP, offset: int) -> None:
        self._drained.pop(tp, None)
        self._handed_out.pop(tp, None)
        try:
            await self._thread.seek_wait({tp: offset})
        except IllegalStateError:  # revoked meanwhile: it is taken again if it comes back
            return
        self._read_offset[tp] = None  # or Faust drops what lies below what it saw last
        self._next[tp] = self._drained[tp] = offset

    def note_handed_out(self, fetched: Mapping[TP, Any]) -> None:
        """Note how far the consumer's thread has given records; called in that thread."""
        for tp, records in fetched.items():
            self._handed_out[TP(*tp)] = records.end

    def note_answers(self, fetched: Mapping[TP, Any], stamps: dict[TP, int | None], seconds: float) -> None:
        """Note for how long each partition's fetches have not been answered; called in the consumer's thread."""
        self._unanswered = {
            tp: 0.0 if tp in fetched or stamp != self._stamps.get(tp) else self._unanswered.get(tp, 0.0) + seconds
            for tp, stamp in stamps.items()
        }
        self._stamps = stamps

    def measure_unanswered(self) -> float:
        """Measure for how long fetches of some partition have been waited for."""
        return max(self._unanswered.values(), default=0.0)

    async def _fetch_dropped(self) -> None:
        """Go back to what was given and dropped: where nothing more is published, no later record would show it."""
        for tp, drained in tuple(self._drained.items()):
            if self._handed_out.get(tp, drained) != drained:
                self.log.info("records of partition %s are fetched again from %s on", tp.partition, self._next[tp])
                await self._set_position(tp, self._next[tp])

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's signature
        # A copy: a partition that becomes active while a fetch waits is left to the next fetch.
        try:
            return await super()._getmany(frozenset(active_partitions or ()), timeout)
        except NoOffsetForPartitionError:  # not positioned yet: take does it
            return {}
        except OffsetOutOfRangeError as error:
            self._take_anew(error.args[0])
            return {}
        except DamagedBatch as error:
            self.transport.end(str(error))
            return {}

    def _take_anew(self, positions: dict[TP, int]) -> None:
        """Take partitions anew at whose positions nothing is: records were deleted, or the topic is another."""
        for tp, offset in positions.items():
            self.log.warning("position %s of partition %s is out of range", offset, tp.partition)
            self.pause_partitions([tp])
            self._drained.pop(tp, None)
            taking = asyncio.ensure_future(self.take_partition(TP(*tp), self.app.consumer_generation_id))
            self._anew.add(taking)
            taking.add_done_callback(self._anew.discard)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 - Faust's signature
        """Yield runs instead of records."""
        if self.flow_active:
            await self._fetch_dropped()
        await asyncio.sleep(self._not_before - time.monotonic())  # what is past is at once
        generation = self.app.consumer_generation_id
        fetched, _ = await self._wait_next_records(timeout)
        fetched_at = time.monotonic()
        self._not_before = fetched_at + find_fetch_pause(fetched) if fetched else 0.0
        for tp, records in (fetched or {}).items():
            if tp not in self._drained or not self.flow_active or self.should_stop:
                continue
            if records.start != self._drained[tp]:
                # Drained before it was positioned, or after records that were dropped: a fetch that waited meanwhile
                # may drain a partition between its seek and the moment in which that is known here.
                await self._set_position(tp, self._next[tp])
                continue
            follows = self._next[tp]
            for part in cut_records(records):
                if generation != self.app.consumer_generation_id or not self.flow_active:
                    return
                if tp not in self._drained or self._next[tp] != follows:
                    break  # left, or taken anew, while the part before was handed on
                run = RecordRun(tp.partition, follows, part, generation, fetched_at)  # one look is of all of them
                self._next[tp] = follows = run.last + 1
                yield tp, _wrap_run(tp, run)
            else:
                if tp in self._drained and self._next[tp] == follows:
                    self._drained[tp] = records.end

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: the stock handling can sleep a whole second; a full buffer already makes the fetcher wait."""

    def forget_partitions(self) -> None:
        """Drop what is still fetched: no partition is ours."""
        self._drained.clear()

    async def commit_offsets(self, offsets: dict[int, int], topic: str, note: str) -> bool:
        """Commit next offsets by partition. Only a hint for operators and lag monitors: failing costs nothing."""
        wanted = {TopicPartition(topic, partition): OffsetAndMetadata(at, note) for partition, at in offsets.items()}
        try:
            commit = self._thread._ensure_consumer().commit
            await asyncio.wait_for(self._thread.call_thread(commit, wanted), COMMIT_SECONDS)
        except (KafkaError, TimeoutError, driver.ConsumerNotStarted) as error:
            self.log.info("committed offsets not moved: %s", type(error).__name__)
            return False
        return True


def _wrap_run(tp: TP, run: RecordRun) -> Any:
    stamp = run.records[-1].timestamp / 1000
    return ConsumerMessage(
        tp.topic, tp.partition, run.last, stamp, 1, None, b"", run, None, 0, 0, tp, generation_id=run.generation
    )


class RunTransport(driver.Transport):  # type: ignore[misc] # Faust ships no types
    """Faust's aiokafka transport with the consumer above.

    ``take`` says where a partition begins; ``end`` ends the process.
    """

    Consumer = RunConsumer

    def __init__(self, *arguments: Any, take: Take, end: Callable[[str], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.take = take
        self.end = end


class RunSchema(Schema):  # type: ignore[misc] # Faust ships no types
    """Hands a run through as it is; nothing is decoded by Faust, whose decoding errors are acknowledged silently."""

    def loads_key(self, _app: Any, _message: Any, **_: Any) -> None:
        """Return no key: a run has many."""

    def loads_value(self, _app: Any, message: Any, **_: Any) -> RecordRun:
        """Return the run."""
        run: RecordRun = message.value
        return run
