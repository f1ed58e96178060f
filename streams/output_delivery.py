"""Steps 10 and 11 of ``streams.partition_coordinator``: outputs on their way, at most one run of them at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property

from infra.metrics import measure_stage
from infra.settings import Settings
from streams.offset_commits import OffsetCommits
from streams.outage_retry import OUTAGE_SECONDS
from streams.outputs import OutputProducer, ProducedOutput
from streams.side_threads import SideThreads


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
        self._waits_since: float | None = None
        self.commits = OffsetCommits(commit, fail)

    @cached_property
    def _producer(self) -> OutputProducer:
        return OutputProducer(self._settings)

    async def send_outputs(self, partition: int, outputs: Sequence[ProducedOutput], next_offset: int) -> None:
        """Send a run's outputs once those before are acknowledged; commit ``next_offset`` once these are."""
        await self.finish_flight()
        self._producer.send_outputs(partition, outputs)
        self._flight = asyncio.create_task(self._await_acks(partition, next_offset))

    async def finish_flight(self) -> None:
        """Return once nothing is in flight. The flight itself is never cancelled with who waits for it."""
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

    async def _await_acks(self, partition: int, next_offset: int) -> None:
        try:
            with measure_stage("acknowledge"):
                await self._await_producer()
        except Exception as error:
            self._fail("outputs are not written", error)
            raise
        self.commits.commit_soon(partition, next_offset)
