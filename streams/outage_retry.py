"""Waiting for the world: tried again and again, said to health meanwhile, and given up after a while."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from infra.status import end_trouble, report_trouble
from ledger.errors import Unavailable

T = TypeVar("T")
OUTAGE_SECONDS = 300.0  # how long the world may be away before the worker ends and another begins
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 2.0


class OutageRetry:
    """Retries of one worker while the world is away."""

    def __init__(self) -> None:
        self.waits = 0
        """Calls that wait for the world now."""

    async def retry_call(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until the world is there again. Raises what it still is after ``OUTAGE_SECONDS``."""
        try:
            return await attempt()  # nearly always; a retry is not set up for it
        except Unavailable as error:
            return await self._await_world(attempt, error)

    async def _await_world(self, attempt: Callable[[], Awaitable[T]], error: Unavailable) -> T:
        self.waits += 1
        try:
            _report_waiting(error)
            await asyncio.sleep(FIRST_PAUSE_SECONDS)
            async for trial in AsyncRetrying(
                retry=retry_if_exception_type(Unavailable),
                wait=wait_exponential(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS),
                stop=stop_after_delay(OUTAGE_SECONDS),
                reraise=True,
            ):
                with trial:
                    try:
                        return await attempt()
                    except Unavailable as again:
                        _report_waiting(again)
                        raise
            raise AssertionError  # tenacity returns or raises
        finally:
            self.waits -= 1
            end_trouble("world")


def _report_waiting(error: Unavailable) -> None:
    report_trouble("world", f"waiting: {error}", remedy="start what does not answer; nothing is lost")
