"""Runs: what is yielded follows without a gap, and what was fetched before its partition was positioned is dropped."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.types import TP

from streams import runs
from streams.runs import cut_records
from tests.streams.fetching import PARTITION, Fetching, list_spans, make_drained, make_records
from tests.streams.records import Record


def list_offsets(parts: Sequence[Sequence[Record]]) -> list[list[int]]:
    return [[one.offset for one in part] for part in parts]


def test_runs_are_bounded_in_records() -> None:
    """Five records, at most two a run."""
    assert list_offsets(list(cut_records(make_records(1, 2, 3, 4, 5), most_records=2))) == [[1, 2], [3, 4], [5]]


def test_runs_are_bounded_in_bytes() -> None:
    """Four records of 10 bytes, at most 25 bytes a run."""
    assert list_offsets(list(cut_records(make_records(1, 2, 3, 4, size=10), most_bytes=25))) == [[1, 2], [3, 4]]


def test_a_record_larger_than_the_bound_is_a_run_of_its_own() -> None:
    """Nothing is ever left out."""
    assert list_offsets(list(cut_records(make_records(1, 2, size=99), most_bytes=10))) == [[1], [2]]


def test_a_run_follows_where_the_run_before_ended_over_holes() -> None:
    """Positioned at 5; 5, 6, then 9: the second run follows 7, so the hole of 7 and 8 is known to be one."""

    async def run_story() -> None:
        consumer = Fetching(make_drained(5, 8, 5, 6), make_drained(8, 10, 9))
        await consumer._set_position(PARTITION, 5)
        assert list_spans(await consumer.read_runs()) == [(5, 6)]
        assert list_spans(await consumer.read_runs()) == [(7, 9)]

    asyncio.run(run_story())


def test_what_begins_past_a_position_is_never_passed_over() -> None:
    """What comes next begins at 8: it is not handed on as what follows 5, but fetched again from there.

    (Seen at a handover between workers: 115 records had no output.)
    """

    async def run_story() -> None:
        consumer = Fetching(make_drained(8, 9, 8), make_drained(5, 9, 5, 6, 7, 8))
        await consumer._set_position(PARTITION, 5)
        assert await consumer.read_runs() == []
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]
        assert list_spans(await consumer.read_runs()) == [(5, 8)]

    asyncio.run(run_story())


def test_a_run_that_was_cut_short_is_fetched_again_from_there() -> None:
    """Flow stopped after the first run of a fetch: the rest was drained, and is fetched again when flow goes on."""

    async def run_story() -> None:
        consumer = Fetching(make_drained(0, 5_000, *range(5_000)), make_drained(2_000, 2_001, 2_000))
        await consumer._set_position(PARTITION, 0)
        seen = []
        async for _, message in consumer.getmany(0):
            seen.append(message.value)
            consumer.flow_active = False
        consumer.flow_active = True
        assert list_spans(seen) == [(0, 1_999)]
        assert list_spans(await consumer.read_runs()) == [(2_000, 2_000)]
        assert consumer.sought[-1] == (PARTITION, 2_000)

    asyncio.run(run_story())


def test_a_partition_that_was_not_taken_is_dropped() -> None:
    """What is fetched of it before it was positioned comes from the committed offset, which is only a hint."""

    async def run_story() -> None:
        assert await Fetching(make_drained(5, 6, 5)).read_runs() == []

    asyncio.run(run_story())


def test_what_was_fetched_while_its_partition_was_positioned_is_dropped_and_fetched_again() -> None:
    """The fetch began before the seek to 5 and brings 50: it may be from elsewhere, so 5 is sought again."""

    async def run_story() -> None:
        consumer = Fetching()

        async def publish_meanwhile() -> Any:
            await consumer._set_position(PARTITION, 5)
            return {PARTITION: make_drained(50, 51, 50)}

        consumer._fetched = [publish_meanwhile, make_drained(5, 6, 5)]
        assert await consumer.read_runs() == []
        assert consumer.sought == [(PARTITION, 5), (PARTITION, 5)]
        assert list_spans(await consumer.read_runs()) == [(5, 5)]

    asyncio.run(run_story())


def test_a_new_generation_ends_the_fetch() -> None:
    """What is left of it belongs to whoever owns the partition now."""

    async def run_story() -> None:
        consumer = Fetching(make_drained(0, 5_000, *range(5_000)))
        await consumer._set_position(PARTITION, 0)
        seen = []
        async for _, message in consumer.getmany(0):
            seen.append(message.value)
            consumer.app.consumer_generation_id = 2
        assert list_spans(seen) == [(0, 1_999)]

    asyncio.run(run_story())


def test_a_position_where_nothing_is_moves_nowhere_by_itself() -> None:
    """Records were deleted, or the topic is another: the partition is taken anew, and nothing of it is handed on."""
    taken: list[tuple[TP, int]] = []

    async def take_again(tp: TP, generation: int) -> None:
        taken.append((tp, generation))

    async def run_story() -> None:
        consumer = Fetching()
        await consumer._set_position(PARTITION, 5)
        consumer._anew, consumer.take_partition, consumer.pause_partitions = set(), take_again, lambda _: None  # type: ignore[method-assign]  # stand-ins for both
        consumer.log = logging.getLogger()
        consumer._thread.getmany = make_raising(OffsetOutOfRangeError({PARTITION: 5}))
        assert await consumer._getmany({PARTITION}, 0) == {}
        await asyncio.sleep(0)
        assert (taken, consumer._drained) == ([(PARTITION, 1)], {})
        consumer._thread.getmany = make_raising(NoOffsetForPartitionError(PARTITION))
        assert await consumer._getmany({PARTITION}, 0) == {}

    asyncio.run(run_story())


def make_raising(error: Exception) -> Any:
    async def fetch_badly(*_: object, **__: object) -> None:
        raise error

    return fetch_badly


def test_what_is_left_of_a_fetch_is_dropped_when_its_partition_is_taken_anew_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """5, 6 and 7 are handed on one by one; after 5 the partition is positioned at 3 again, as when a book is spoiled.

    Handed on as what follows 3, the record 6 would say that there were no 3, 4 and 5.
    """
    monkeypatch.setattr(runs, "cut_records", lambda found: cut_records(found, most_records=1))

    async def run_story() -> None:
        consumer = Fetching(make_drained(5, 8, 5, 6, 7), make_drained(3, 8, 3, 4, 5, 6, 7))
        await consumer._set_position(PARTITION, 5)
        found = []
        async for _, message in consumer.getmany(0):
            found.append(message.value)
            await consumer._set_position(PARTITION, 3)
        assert list_spans(found) == [(5, 5)]
        assert list_spans(await consumer.read_runs())[0] == (3, 3)

    asyncio.run(run_story())
