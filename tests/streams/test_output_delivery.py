"""Outputs that are handed over while others are on their way go together, once those are acknowledged."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.settings import load_settings
from ledger.errors import Unavailable
from streams import output_delivery
from streams.offset_commits import OffsetCommits
from streams.output_delivery import OutputDelivery
from streams.side_threads import SideThreads

OUTPUT = ("soc.entries", b"t-1", b"12345678", None)


class HeldProducer:
    """Notes what is sent; acknowledges when it is let."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.traced: list[Sequence[tuple[str, bytes]]] = []
        self.is_refused = False
        self._let = threading.Semaphore(0)

    def send_outputs(self, partition: int, outputs: Sequence[Any], traced: Sequence[tuple[str, bytes]]) -> None:
        """Note of which partition, and of which trace."""
        if list(outputs) != [OUTPUT]:
            raise ValueError("no such output")
        self.sent.append(partition)
        self.traced.append(traced)

    def await_acks(self, patience_seconds: float) -> None:
        """Wait until it is let."""
        assert self._let.acquire(timeout=min(patience_seconds, 10.0))
        if self.is_refused:
            raise Unavailable("refused")

    def let_acknowledge(self) -> None:
        """Let one wait go on."""
        self._let.release()


class ToldDelivery:
    """One delivery, what it committed, and what it said went wrong."""

    def __init__(self, state: Path) -> None:
        self.producer = HeldProducer()
        self.committed: list[dict[int, int]] = []
        self.failures: list[str] = []
        self.threads = SideThreads()
        self.sound = OutputDelivery(load_settings(state), self.threads, self._commit, self._note_failure)
        self.sound.__dict__["_producer"] = self.producer

    async def _commit(self, offsets: dict[int, int], note: str) -> bool:
        assert note == ""
        self.committed.append(offsets)
        return True

    def _note_failure(self, what: str, error: Exception) -> None:
        self.failures.append(f"{what}: {error}")

    async def hand_over(self, *runs: tuple[int, int]) -> None:
        """Hand over a run of one output for each partition and next offset."""
        for partition, next_offset in runs:
            await self.sound.send_outputs(partition, [OUTPUT], next_offset)
        await asyncio.sleep(0)


def run_delivery(state: Path, work: Callable[[ToldDelivery], Awaitable[None]]) -> ToldDelivery:
    """Run some work with a delivery, in a loop of its own."""

    async def run_work() -> ToldDelivery:
        delivery = ToldDelivery(state)
        try:
            await work(delivery)
        finally:
            delivery.threads.close()
        return delivery

    return asyncio.run(run_work())


def test_what_comes_during_a_flight_goes_together(tmp_path: Path) -> None:
    """Partition 0 flies alone; 1, 2 and 1 again wait for it, and fly together."""

    async def hand_over(delivery: ToldDelivery) -> None:
        await delivery.hand_over((0, 5))
        await delivery.hand_over((1, 3), (2, 7), (1, 4))
        assert delivery.producer.sent == [0]
        delivery.producer.let_acknowledge()
        delivery.producer.let_acknowledge()
        await delivery.sound.finish_flight()
        await delivery.sound.commits.finish_commits()

    delivery = run_delivery(tmp_path, hand_over)
    assert delivery.producer.sent == [0, 1, 2, 1]
    assert delivery.committed == [{0: 5}, {1: 4, 2: 7}]
    assert delivery.failures == []


def test_nothing_is_committed_before_it_is_acknowledged(tmp_path: Path) -> None:
    """Nor sent before what was sent is."""

    async def hand_over(delivery: ToldDelivery) -> None:
        await delivery.hand_over((0, 5))
        await delivery.hand_over((1, 3))
        await delivery.sound.commits.finish_commits()
        assert (delivery.committed, delivery.producer.sent) == ([], [0])
        delivery.producer.let_acknowledge()
        delivery.producer.let_acknowledge()

    run_delivery(tmp_path, hand_over)


def test_a_refused_flight_is_the_last(tmp_path: Path) -> None:
    """What waits for it is not sent, nor what is handed over after it; nothing is committed."""

    async def hand_over(delivery: ToldDelivery) -> None:
        delivery.producer.is_refused = True
        await delivery.hand_over((0, 5))
        await delivery.hand_over((1, 3))
        delivery.producer.let_acknowledge()
        with pytest.raises(Unavailable, match="refused"):
            await delivery.sound.finish_flight()
        with pytest.raises(Unavailable, match="refused"):
            await delivery.hand_over((2, 7))

    delivery = run_delivery(tmp_path, hand_over)
    assert (delivery.producer.sent, delivery.committed) == ([0], [])
    assert delivery.failures == ["outputs are not written: refused"]


def test_what_cannot_be_sent_is_told_without_another_run(tmp_path: Path) -> None:
    """The client refuses an output: the worker hears of it though nobody hands over anything more."""

    async def hand_over(delivery: ToldDelivery) -> None:
        await delivery.sound.send_outputs(0, [], 5)
        await asyncio.sleep(0.01)
        assert delivery.failures == ["outputs are not written: no such output"]

    run_delivery(tmp_path, hand_over)


def test_each_run_keeps_its_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever flies together: the headers are those of when a run was handed over."""
    numbers = iter((b"1", b"2", b"3"))
    monkeypatch.setattr(output_delivery, "list_trace_headers", lambda: [("traceparent", next(numbers))])

    async def hand_over(delivery: ToldDelivery) -> None:
        await delivery.hand_over((0, 5))
        await delivery.hand_over((1, 3), (2, 7))
        delivery.producer.let_acknowledge()
        delivery.producer.let_acknowledge()
        await delivery.sound.finish_flight()

    delivery = run_delivery(tmp_path, hand_over)
    assert delivery.producer.traced == [[("traceparent", one)] for one in (b"1", b"2", b"3")]


def test_who_brings_too_much_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 8 bytes each, two may be held; who brings the third waits until all are acknowledged."""
    monkeypatch.setattr(output_delivery, "HELD_BYTES", 24)

    async def hand_over(delivery: ToldDelivery) -> None:
        await delivery.hand_over((0, 1))
        await delivery.hand_over((1, 1), (2, 1))
        third = asyncio.ensure_future(delivery.hand_over((3, 1)))
        await asyncio.sleep(0.05)
        assert not third.done()
        delivery.producer.let_acknowledge()
        delivery.producer.let_acknowledge()
        await third
        assert delivery.producer.sent == [0, 1, 2, 3]

    run_delivery(tmp_path, hand_over)


def test_commits_are_few_and_whole() -> None:
    """Of five a moment apart the first goes at once and the others together; the last word of a partition counts."""
    committed: list[tuple[dict[int, int], str]] = []

    async def note_commit(offsets: dict[int, int], note: str) -> bool:
        committed.append((offsets, note))
        return True

    async def commit_five() -> None:
        commits = OffsetCommits(note_commit, lambda *_: None)
        for offset in range(1, 6):
            commits.commit_soon(offset % 2, offset)
            await asyncio.sleep(0.001)
        await commits.finish_commits()

    asyncio.run(commit_five())
    assert committed == [({1: 1}, ""), ({0: 4, 1: 5}, "")]
