"""Runs: what is yielded follows without a gap, and what was fetched before its partition was positioned is dropped."""

import asyncio
import logging
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from infra.batch_fetcher import DrainedRecords
from streams import runs
from streams.runs import RecordRun, RunConsumer, RunConsumerThread, cut_records
from tests.streams.records import Record

PARTITION = TP("soc.published", 0)


def records(*offsets: int, size: int = 1) -> list[Record]:
    return [Record(offset, 1_000, b"", b"x" * size) for offset in offsets]


def offsets(parts: Sequence[Sequence[Record]]) -> list[list[int]]:
    return [[one.offset for one in part] for part in parts]


def test_runs_are_bounded_in_records() -> None:
    """Five records, at most two a run."""
    assert offsets(list(cut_records(records(1, 2, 3, 4, 5), most_records=2))) == [[1, 2], [3, 4], [5]]


def test_runs_are_bounded_in_bytes() -> None:
    """Four records of 10 bytes, at most 25 bytes a run."""
    assert offsets(list(cut_records(records(1, 2, 3, 4, size=10), most_bytes=25))) == [[1, 2], [3, 4]]


def test_a_record_larger_than_the_bound_is_a_run_of_its_own() -> None:
    """Nothing is ever left out."""
    assert offsets(list(cut_records(records(1, 2, size=99), most_bytes=10))) == [[1], [2]]


class Fetching(RunConsumer):
    """A consumer whose fetches and seeks are lists; the rest of Faust is not started."""

    def __init__(self, *fetched: Any) -> None:
        self.app = SimpleNamespace(consumer_generation_id=1, should_stop=False)
        self.flow_active = True
        self.sought: list[tuple[TP, int]] = []
        self._fetched = list(fetched)
        self._next, self._drained, self._handed_out, self._read_offset = {}, {}, {}, {}
        self._stamps, self._unanswered = {}, {}
        self.log = logging.getLogger()
        self._thread = SimpleNamespace(seek_wait=self._seek_wait)

    should_stop = False

    async def _seek_wait(self, positions: dict[TP, int]) -> None:
        self.sought += positions.items()

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ARG002, ASYNC109 - Faust's signature
        found = self._fetched.pop(0)
        given = await found() if callable(found) else {PARTITION: found}
        self.note_handed_out(given)
        return given, None

    async def got(self) -> list[RecordRun]:
        """The runs of one fetch."""
        return [message.value async for _, message in self.getmany(0)]


def drained(start: int, end: int, *offsets: int) -> DrainedRecords:
    """What was drained from position ``start`` to before ``end``."""
    found = DrainedRecords(start)
    found.extend(records(*offsets))
    found.end = end
    return found


def spans(runs: list[RecordRun]) -> list[tuple[int, int]]:
    return [(run.follows, run.last) for run in runs]


def test_a_run_follows_where_the_run_before_ended_over_holes() -> None:
    """Positioned at 5; 5, 6, then 9: the second run follows 7, so the hole of 7 and 8 is known to be one."""

    async def story() -> None:
        consumer = Fetching(drained(5, 8, 5, 6), drained(8, 10, 9))
        await consumer._set_position(PARTITION, 5)
        assert spans(await consumer.got()) == [(5, 6)]
        assert spans(await consumer.got()) == [(7, 9)]

    asyncio.run(story())


def test_what_was_drained_and_dropped_is_fetched_again_though_nothing_follows() -> None:
    """A fetch that waited during the seek to 5 drained 5 to 7 before the seek was known here, and was dropped.

    They were the last that were published: no later record begins at 8 and shows that these lack. (Seen in a storm: 344
    records were never judged, by a worker that was at work.)
    """

    async def story() -> None:
        consumer = Fetching(drained(5, 8, 5, 6, 7), drained(5, 8, 5, 6, 7))

        async def seek_late(positions: dict[TP, int]) -> None:
            await consumer._seek_wait(positions)
            assert await consumer.got() == []

        consumer._thread = SimpleNamespace(seek_wait=seek_late)
        await consumer._set_position(PARTITION, 5)
        consumer._thread = SimpleNamespace(seek_wait=consumer._seek_wait)
        assert spans(await consumer.got()) == [(5, 7)]
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]

    asyncio.run(story())


def test_what_came_while_flow_stood_still_is_fetched_again_when_it_goes_on() -> None:
    """A partition is positioned while others are still being taken; a fetch of before the handover drains it."""

    async def story() -> None:
        consumer = Fetching(drained(5, 8, 5, 6, 7), drained(5, 8, 5, 6, 7))
        await consumer._set_position(PARTITION, 5)
        consumer.flow_active = False
        assert await consumer.got() == []
        consumer.flow_active = True
        assert spans(await consumer.got()) == [(5, 7)]
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]

    asyncio.run(story())


def test_what_the_thread_gave_and_nobody_waited_for_is_fetched_again() -> None:
    """The fetch was cancelled by a handover; its thread drained 5 to 7 all the same."""

    async def story() -> None:
        consumer = Fetching(drained(5, 8, 5, 6, 7))
        await consumer._set_position(PARTITION, 5)
        consumer.note_handed_out({PARTITION: drained(5, 8, 5, 6, 7)})
        assert spans(await consumer.got()) == [(5, 7)]
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]

    asyncio.run(story())


def make_thread(monkeypatch: pytest.MonkeyPatch, *fetched: Any) -> RunConsumerThread:
    """A consumer's thread whose fetches give these, each after a second and a half."""
    given, clock = list(fetched), SimpleNamespace(now=0.0)

    async def fetch_records(*_: object) -> Any:
        clock.now += 1.5
        return given.pop(0)

    monkeypatch.setattr(AIOKafkaConsumerThread, "_fetch_records", fetch_records)
    monkeypatch.setattr(runs.time, "monotonic", lambda: clock.now)
    thread = RunConsumerThread.__new__(RunConsumerThread)
    thread.consumer = Fetching()
    return thread


def make_assigned(stamps: dict[TP, int | None]) -> Any:
    """aiokafka's consumer, whose partitions were last answered then."""
    assignment = SimpleNamespace(state_value=lambda tp: SimpleNamespace(timestamp=stamps[tp]) if tp in stamps else None)
    return SimpleNamespace(_subscription=SimpleNamespace(subscription=SimpleNamespace(assignment=assignment)))


def test_the_thread_notes_what_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each partition, to before its next record."""
    thread = make_thread(monkeypatch, {PARTITION: drained(5, 8, 5, 6, 7)})
    asyncio.run(thread._fetch_records(make_assigned({PARTITION: 1}), {PARTITION}))
    assert thread.consumer._handed_out == {PARTITION: 8}


def test_fetches_that_are_not_answered_are_measured_by_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two partitions, three waits of 1.5 s: one was answered before the first alone, the other before each."""
    other, stamps = TP("soc.published", 1), {PARTITION: 100, TP("soc.published", 1): 100}
    thread = make_thread(monkeypatch, {}, {}, {}, {})
    found = []
    for at in (100, 200, 300):
        stamps[other] = at
        asyncio.run(thread._fetch_records(make_assigned(stamps), {PARTITION, other}))
        found.append(thread.consumer.measure_unanswered())
    assert found == [0.0, 1.5, 3.0]
    stamps[PARTITION] = 400
    asyncio.run(thread._fetch_records(make_assigned(stamps), {PARTITION}))
    assert thread.consumer.measure_unanswered() == 0.0


def test_a_partition_that_was_never_answered_and_one_that_is_not_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is waited for from the beginning, the second not at all."""
    thread = make_thread(monkeypatch, {}, {})
    for _ in range(2):
        asyncio.run(thread._fetch_records(make_assigned({PARTITION: None}), {PARTITION, TP("soc.published", 1)}))
    assert thread.consumer.measure_unanswered() == 3.0
    assert thread.consumer._unanswered == {PARTITION: 3.0}


def test_what_was_handed_on_whole_is_sought_no_more() -> None:
    """Position 5, records 5 to 7, then 8: one seek in all."""

    async def story() -> None:
        consumer = Fetching(drained(5, 8, 5, 6, 7), drained(8, 9, 8))
        await consumer._set_position(PARTITION, 5)
        assert spans(await consumer.got()) == [(5, 7)]
        assert spans(await consumer.got()) == [(8, 8)]
        assert consumer.sought == [(PARTITION, 5)]

    asyncio.run(story())


def test_what_begins_past_a_position_is_never_passed_over() -> None:
    """What comes next begins at 8: it is not handed on as what follows 5, but fetched again from there.

    (Seen at a handover between workers: 115 records had no output.)
    """

    async def story() -> None:
        consumer = Fetching(drained(8, 9, 8), drained(5, 9, 5, 6, 7, 8))
        await consumer._set_position(PARTITION, 5)
        assert await consumer.got() == []
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]
        assert spans(await consumer.got()) == [(5, 8)]

    asyncio.run(story())


def test_a_run_that_was_cut_short_is_fetched_again_from_there() -> None:
    """Flow stopped after the first run of a fetch: the rest was drained, and is fetched again when flow goes on."""

    async def story() -> None:
        consumer = Fetching(drained(0, 5_000, *range(5_000)), drained(2_000, 2_001, 2_000))
        await consumer._set_position(PARTITION, 0)
        seen = []
        async for _, message in consumer.getmany(0):
            seen.append(message.value)
            consumer.flow_active = False
        consumer.flow_active = True
        assert spans(seen) == [(0, 1_999)]
        assert spans(await consumer.got()) == [(2_000, 2_000)]
        assert consumer.sought[-1] == (PARTITION, 2_000)

    asyncio.run(story())


def test_a_partition_that_was_not_taken_is_dropped() -> None:
    """What is fetched of it before it was positioned comes from the committed offset, which is only a hint."""

    async def story() -> None:
        assert await Fetching(drained(5, 6, 5)).got() == []

    asyncio.run(story())


def test_what_was_fetched_while_its_partition_was_positioned_is_dropped_and_fetched_again() -> None:
    """The fetch began before the seek to 5 and brings 50: it may be from elsewhere, so 5 is sought again."""

    async def story() -> None:
        consumer = Fetching()

        async def meanwhile() -> Any:
            await consumer._set_position(PARTITION, 5)
            return {PARTITION: drained(50, 51, 50)}

        consumer._fetched = [meanwhile, drained(5, 6, 5)]
        assert await consumer.got() == []
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]
        assert spans(await consumer.got()) == [(5, 5)]

    asyncio.run(story())


def test_a_new_generation_ends_the_fetch() -> None:
    """What is left of it belongs to whoever owns the partition now."""

    async def story() -> None:
        consumer = Fetching(drained(0, 5_000, *range(5_000)))
        await consumer._set_position(PARTITION, 0)
        seen = []
        async for _, message in consumer.getmany(0):
            seen.append(message.value)
            consumer.app.consumer_generation_id = 2
        assert spans(seen) == [(0, 1_999)]

    asyncio.run(story())


def test_a_position_where_nothing_is_moves_nowhere_by_itself() -> None:
    """Records were deleted, or the topic is another: the partition is taken anew, and nothing of it is handed on."""
    taken: list[tuple[TP, int]] = []

    async def take(tp: TP, generation: int) -> None:
        taken.append((tp, generation))

    async def story() -> None:
        consumer = Fetching()
        await consumer._set_position(PARTITION, 5)
        consumer._anew, consumer.take_partition, consumer.pause_partitions = set(), take, lambda _: None
        consumer.log = logging.getLogger()
        consumer._thread.getmany = raising(OffsetOutOfRangeError({PARTITION: 5}))
        assert await consumer._getmany({PARTITION}, 0) == {}
        await asyncio.sleep(0)
        assert (taken, consumer._drained) == ([(PARTITION, 1)], {})
        consumer._thread.getmany = raising(NoOffsetForPartitionError(PARTITION))
        assert await consumer._getmany({PARTITION}, 0) == {}

    asyncio.run(story())


def raising(error: Exception) -> Any:
    async def fetch(*_: object, **__: object) -> None:
        raise error

    return fetch


def test_what_is_left_of_a_fetch_is_dropped_when_its_partition_is_taken_anew_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """5, 6 and 7 are handed on one by one; after 5 the partition is positioned at 3 again, as when a book is spoiled.

    Handed on as what follows 3, the record 6 would say that there were no 3, 4 and 5.
    """
    monkeypatch.setattr(runs, "cut_records", lambda found: cut_records(found, most_records=1))

    async def story() -> None:
        consumer = Fetching(drained(5, 8, 5, 6, 7), drained(3, 8, 3, 4, 5, 6, 7))
        await consumer._set_position(PARTITION, 5)
        found = []
        async for _, message in consumer.getmany(0):
            found.append(message.value)
            await consumer._set_position(PARTITION, 3)
        assert spans(found) == [(5, 5)]
        assert spans(await consumer.got())[0] == (3, 3)

    asyncio.run(story())
