"""Waiting for the world: tried again and again, said to health meanwhile, and given up after a while."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

from infra.status import end_trouble, report_trouble
from ledger.errors import Unavailable

T = TypeVar("T")
OUTAGE_SECONDS = 300.0  # how long the world may be away before the worker ends and another begins
LONGEST_PAUSE_SECONDS = 2.0


class OutageRetry:
    """Retries of one worker while the world is away."""

    def __init__(self) -> None:
        self.waits = 0
        """Calls that wait for the world now."""

    async def retry_call(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until the world is there again. Raises what it still is after ``OUTAGE_SECONDS``."""
        waits = False
        try:
            async for trial in AsyncRetrying(
                retry=retry_if_exception_type(Unavailable),
                wait=wait_exponential(0.1, LONGEST_PAUSE_SECONDS),
                stop=stop_after_delay(OUTAGE_SECONDS),
                reraise=True,
            ):
                with trial:
                    try:
                        return await attempt()
                    except Unavailable as error:
                        self.waits, waits = self.waits + (not waits), True
                        report_trouble(
                            "world", f"waiting: {error}", remedy="start what does not answer; nothing is lost"
                        )
                        raise
            raise AssertionError  # tenacity returns or raises
        finally:
            if waits:
                self.waits -= 1
                end_trouble("world")
