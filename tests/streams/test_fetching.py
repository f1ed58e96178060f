"""What was fetched and given to nobody is fetched again; what the broker does not answer is measured."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from streams.runs import RunConsumerThread
from tests.streams.fetching import PARTITION, Fetching, list_spans, make_drained


def test_what_was_drained_and_dropped_is_fetched_again_though_nothing_follows() -> None:
    """A fetch that waited during the seek to 5 drained 5 to 7 before the seek was known here, and was dropped.

    They were the last that were published: no later record begins at 8 and shows that these lack. (Seen in a storm: 344
    records were never judged, by a worker that was at work.)
    """

    async def run_story() -> None:
        consumer = Fetching(make_drained(5, 8, 5, 6, 7), make_drained(5, 8, 5, 6, 7))

        async def seek_late(positions: dict[TP, int]) -> None:
            await consumer._seek_wait(positions)
            assert await consumer.read_runs() == []

        consumer._thread = SimpleNamespace(seek_wait=seek_late)
        await consumer._set_position(PARTITION, 5)
        consumer._thread = SimpleNamespace(seek_wait=consumer._seek_wait)
        assert list_spans(await consumer.read_runs()) == [(5, 7)]
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]

    asyncio.run(run_story())


def test_what_came_while_flow_stood_still_is_fetched_again_when_it_goes_on() -> None:
    """A partition is positioned while others are still being taken; a fetch of before the handover drains it."""

    async def run_story() -> None:
        consumer = Fetching(make_drained(5, 8, 5, 6, 7), make_drained(5, 8, 5, 6, 7))
        await consumer._set_position(PARTITION, 5)
        consumer.flow_active = False
        assert await consumer.read_runs() == []
        consumer.flow_active = True
        assert list_spans(await consumer.read_runs()) == [(5, 7)]
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]

    asyncio.run(run_story())


def test_what_the_thread_gave_and_nobody_waited_for_is_fetched_again() -> None:
    """The fetch was cancelled by a handover; its thread drained 5 to 7 all the same."""

    async def run_story() -> None:
        consumer = Fetching(make_drained(5, 8, 5, 6, 7))
        await consumer._set_position(PARTITION, 5)
        consumer.note_handed_out({PARTITION: make_drained(5, 8, 5, 6, 7)})
        assert list_spans(await consumer.read_runs()) == [(5, 7)]
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]

    asyncio.run(run_story())


def make_thread(monkeypatch: pytest.MonkeyPatch, *fetched: Any) -> RunConsumerThread:
    """A consumer's thread whose fetches give these, each after a second and a half."""
    given, clock = list(fetched), SimpleNamespace(now=0.0)

    async def fetch_records(*_: object) -> Any:
        clock.now += 1.5
        return given.pop(0)

    monkeypatch.setattr(AIOKafkaConsumerThread, "_fetch_records", fetch_records)
    monkeypatch.setattr("streams.runs.time.monotonic", lambda: clock.now)
    thread = RunConsumerThread.__new__(RunConsumerThread)
    thread.consumer = Fetching()
    return thread


def make_assigned(stamps: dict[TP, int | None]) -> Any:
    """aiokafka's consumer, whose partitions were last answered then."""
    assignment = SimpleNamespace(state_value=lambda tp: SimpleNamespace(timestamp=stamps[tp]) if tp in stamps else None)
    return SimpleNamespace(_subscription=SimpleNamespace(subscription=SimpleNamespace(assignment=assignment)))


def test_the_thread_notes_what_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each partition, to before its next record."""
    thread = make_thread(monkeypatch, {PARTITION: make_drained(5, 8, 5, 6, 7)})
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

    async def run_story() -> None:
        consumer = Fetching(make_drained(5, 8, 5, 6, 7), make_drained(8, 9, 8))
        await consumer._set_position(PARTITION, 5)
        assert list_spans(await consumer.read_runs()) == [(5, 7)]
        assert list_spans(await consumer.read_runs()) == [(8, 8)]
        assert consumer.sought == [(PARTITION, 5)]

    asyncio.run(run_story())
