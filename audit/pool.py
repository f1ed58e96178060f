"""Processes that replay partitions beside each other: one a core, since the fold is Python.

A worker opens topics and store for itself. It ends with the process that started it, however that ends, and stops at
the next tick once it is told to; Ctrl-C is for whoever started it, which then tells it.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from ctypes import c_bool, c_longlong
from multiprocessing.connection import wait as wait_sentinels
from typing import Any, NamedTuple

from audit.bounds import PartitionBounds, open_topics
from audit.partition import PartitionOutcome, PartitionReplayer, ReplayPlan
from audit.store import StoreSide
from infra.interpreter import collect_seldom
from infra.settings import Settings
from ledger.errors import LedgerError, Unavailable
from schemas.codec import Codec
from schemas.registry import resolve_ids

TICK_SECONDS = 0.2
COLLECT_AFTER = 200_000, 50, 1000  # a replay makes no circles: to look for them would take half of its time

StoreOpener = Callable[[], StoreSide]
Hear = Callable[[int], Any]
"""Called with how many positions are done in all."""


class ReplayStopped(LedgerError):
    """A worker was told to stop."""


class SharedCounts(NamedTuple):
    """What workers and their starter share: positions done by partition, and whether to stop."""

    done: Any
    stop: Any


class WorkerPlan(NamedTuple):
    """What a worker is given once."""

    settings: Settings
    plan: ReplayPlan
    open_store: StoreOpener
    shared: SharedCounts


_here: list[tuple[PartitionReplayer, SharedCounts]] = []  # of a worker process: what it has opened


def replay_in_processes(
    given: tuple[Settings, ReplayPlan, StoreOpener], bounds: Sequence[PartitionBounds], jobs: int, hear: Hear
) -> Iterator[PartitionOutcome]:
    """Replay partitions in so many processes; their outcomes as they come.

    Raises:
        Unavailable: a worker could not reach something, or ended.
    """
    context = multiprocessing.get_context("spawn")
    shared = SharedCounts(context.Array(c_longlong, given[1].partitions, lock=False), context.Value(c_bool, lock=False))
    plan = WorkerPlan(*given, shared)
    # the longest first: the last to be done should be short
    ordered = sorted(bounds, key=lambda one: one.end - one.published[0], reverse=True)
    with ProcessPoolExecutor(jobs, context, _begin_worker, (plan,)) as pool:
        futures = {pool.submit(_replay_here, one) for one in ordered}
        try:
            yield from _await_outcomes(futures, shared, hear)
        except BrokenProcessPool:
            raise Unavailable("a process of the replay ended by itself; nothing was concluded") from None
        finally:
            shared.stop.value = True
            pool.shutdown(cancel_futures=True)


def _await_outcomes(
    futures: set[Future[PartitionOutcome]], shared: SharedCounts, hear: Hear
) -> Iterator[PartitionOutcome]:
    while futures:
        done, futures = wait(futures, TICK_SECONDS, FIRST_COMPLETED)
        hear(sum(shared.done))
        for one in done:
            yield one.result()


def _begin_worker(plan: WorkerPlan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    collect_seldom(*COLLECT_AFTER)
    codec = Codec(resolve_ids(plan.settings))
    replayer = PartitionReplayer(plan.plan, open_topics(plan.settings), codec, plan.open_store())
    _here.append((replayer, plan.shared))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_sentinels([parent.sentinel])
        os._exit(1)


def _replay_here(bound: PartitionBounds) -> PartitionOutcome:
    replayer, shared = _here[0]

    def note_done(partition: int, done: int) -> None:
        shared.done[partition] = done
        if shared.stop.value:
            raise ReplayStopped

    return replayer.replay_partition(bound, note_done)


def replay_here(
    settings: Settings, plan: ReplayPlan, store: StoreSide, bounds: Sequence[PartitionBounds], hear: Hear
) -> Iterator[PartitionOutcome]:
    """Replay partitions in this process, one after the other."""
    readers = open_topics(settings)
    replayer = PartitionReplayer(plan, readers, Codec(resolve_ids(settings)), store)
    before = 0

    def note_done(_: int, done: int) -> None:
        hear(before + done)

    try:
        for bound in bounds:
            with relax_collecting():
                outcome = replayer.replay_partition(bound, note_done)
            before += bound.end - bound.published[0]
            yield outcome
    finally:
        readers.close()


@contextmanager
def relax_collecting() -> Iterator[None]:
    """Look for cycles of objects seldom, for a while."""
    usual = gc.get_threshold()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
