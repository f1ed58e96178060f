"""Steps 10 and 11 of ``streams.partition_coordinator``: outputs on their way, one flight at a time.

A run's outputs go at once where nothing is on its way. What is handed over meanwhile is held, and goes together once
that is acknowledged: one wait for the broker for all that came during the last one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from infra.metrics import measure_stage
from infra.settings import Settings
from infra.tracing import list_trace_headers
from streams.offset_commits import OffsetCommits
from streams.outage_retry import OUTAGE_SECONDS
from streams.outputs import OutputProducer, ProducedOutput
from streams.side_threads import SideThreads

HELD_BYTES: Final = 8 * 1024 * 1024  # of outputs that wait for a flight to be over; who brings more waits with them


class SentRun(NamedTuple):
    """Outputs of a run of one partition, the headers of its trace, and the offset that they let be committed."""

    partition: int
    outputs: Sequence[ProducedOutput]
    traced: Sequence[tuple[str, bytes]]
    next_offset: int


class OutputDelivery:
    """That of one worker. Its methods are called from one event loop.

    Args:
        settings: where the broker is.
        threads: where acknowledgements are awaited.
        commit: commits next offsets by partition and a note beside them; returns whether that was done.
        fail: told what went wrong: what was folded is not known to be written.
    """

    def __init__(
        self,
        settings: Settings,
        threads: SideThreads,
        commit: Callable[[dict[int, int], str], Awaitable[bool]],
        fail: Callable[[str, Exception], None],
    ) -> None:
        self._settings = settings
        self._threads = threads
        self._fail = fail
        self._flight: asyncio.Task[None] | None = None
        self._held: list[SentRun] = []
        self._held_bytes = 0
        self._waits_since: float | None = None
        self.commits = OffsetCommits(commit, fail)

    @cached_property
    def _producer(self) -> OutputProducer:
        return OutputProducer(self._settings)

    async def send_outputs(self, partition: int, outputs: Sequence[ProducedOutput], next_offset: int) -> None:
        """Send a run's outputs, once those before are acknowledged; commit ``next_offset`` once these are.

        Returns while others are on their way, unless more is held by now than ``HELD_BYTES``.
        """
        self._held.append(SentRun(partition, outputs, list_trace_headers(), next_offset))
        self._held_bytes += sum(len(value) for _, _, value, _ in outputs)
        if self._flight is None or self._flight.done() or self._held_bytes >= HELD_BYTES:
            await self.finish_flight()
        if self._flight is None and self._held:
            self._flight = asyncio.create_task(self._send_held())

    async def finish_flight(self) -> None:
        """Return once nothing is in flight, nor held. The flight itself is never cancelled with who waits for it."""
        if self._flight is not None:
            await asyncio.shield(self._flight)
            self._flight = None

    async def settle_all(self) -> None:
        """Return once everything that was ever sent is acknowledged. Raises Unavailable."""
        await self.finish_flight()
        await self._await_producer()

    def measure_wait(self) -> float:
        """Measure for how long outputs have not been acknowledged; 0 where none is on its way."""
        since = self._waits_since
        return 0.0 if since is None else time.monotonic() - since

    async def _await_producer(self) -> None:
        self._waits_since = time.monotonic()
        try:
            await self._threads.run_beside(self._producer.await_acks, OUTAGE_SECONDS)
        finally:
            self._waits_since = None

    async def _send_held(self) -> None:
        """Send what is held, and what is held once that is acknowledged, until nothing is."""
        try:
            while self._held:
                runs, self._held, self._held_bytes = self._held, [], 0
                for run in runs:
                    self._producer.send_outputs(run.partition, run.outputs, run.traced)
                await self._await_acks(runs)
        except Exception as error:  # whoever hands over the next run may not come
            self._fail("outputs are not written", error)
            raise

    async def _await_acks(self, runs: Sequence[SentRun]) -> None:
        with measure_stage("acknowledge"):
            await self._await_producer()
        for run in runs:
            self.commits.commit_soon(run.partition, run.next_offset)
