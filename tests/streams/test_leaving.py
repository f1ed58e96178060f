"""A worker that is asked to stop while it takes its partitions: what it has not taken is left, and nothing ends it."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.settings import Settings
from schemas.registry import pin_ids
from streams.assigned_partition import WorkerHooks
from streams.partition_coordinator import PartitionCoordinator
from tests.patience import PATIENCE_SECONDS

NOBODY = "127.0.0.1:1"
GENERATION = 4


async def commit_nothing(_: dict[int, int], __: str) -> bool:
    """Commit nothing."""
    return True


async def retake_nothing(_: int) -> None:
    """Take nothing anew."""


@pytest.fixture
def ended() -> list[str]:
    """Why the worker was ended at once."""
    return []


@pytest.fixture
def coordinator(tmp_path: Path, ended: list[str]) -> PartitionCoordinator:
    """One of a worker that has partitions 0 and 1 to take; nobody answers at its broker's address."""
    settings = Settings(state=tmp_path, kafka_bootstrap_servers=NOBODY, partitions=2)
    hooks = WorkerHooks(lambda: GENERATION, retake_nothing, commit_nothing, ended.append)
    return PartitionCoordinator(settings, tmp_path / "books", pin_ids(), hooks)


def test_partitions_that_are_not_taken_yet_are_left_without_a_word(
    coordinator: PartitionCoordinator, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is told that it is not wanted any more while it is folded; the second is not begun."""
    begun, asked = [], threading.Event()

    def fold_until_left(partition: int, _: int, __: object, wanted: Callable[[], bool]) -> None:
        begun.append(partition)
        asked.set()
        while wanted():
            pass

    monkeypatch.setattr(coordinator._opener, "open_partition", fold_until_left)

    async def leave_while_taking() -> list[int | None]:
        first = asyncio.create_task(coordinator.take_partition(0, GENERATION))
        await asyncio.to_thread(asked.wait, 10)
        await coordinator.close()
        return [await first, await coordinator.take_partition(1, GENERATION)]

    assert asyncio.run(leave_while_taking()) == [None, None]
    assert (begun, ended) == ([0], [])


def test_a_fold_whose_connections_were_closed_under_it_ends_nothing(
    coordinator: PartitionCoordinator, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not over when patience was; an error is one, where nobody leaves."""
    monkeypatch.setattr("streams.partition_coordinator.LEAVE_SECONDS", 0.1)
    asked, closed = threading.Event(), threading.Event()

    def fail_once_closed(*_: object) -> None:
        asked.set()
        assert closed.wait(PATIENCE_SECONDS)
        raise RuntimeError("Consumer closed")

    monkeypatch.setattr(coordinator._opener, "open_partition", fail_once_closed)

    async def leave_while_taking() -> int | None:
        first = asyncio.create_task(coordinator.take_partition(0, GENERATION))
        await asyncio.to_thread(asked.wait, 10)
        await coordinator.close()
        closed.set()
        return await first

    assert asyncio.run(leave_while_taking()) is None
    assert ended == []
    closed.set()


def test_an_error_while_nobody_leaves_ends_the_worker(
    coordinator: PartitionCoordinator, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it took is not known."""

    def fail_at_once(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(coordinator._opener, "open_partition", fail_at_once)
    assert asyncio.run(coordinator.take_partition(0, GENERATION)) is None
    assert ended == ["partition 0 cannot be taken: a defect"]
