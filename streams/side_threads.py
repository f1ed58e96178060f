"""Work that would block the event loop, done beside it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
THREADS = 2  # one writes or reads for a partition, one looks at the topics or awaits acknowledgements


class SideThreads:
    """Those of one worker."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "coordinator")

    async def run_beside(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run a function with its arguments in a thread; return or raise what it does."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False)
