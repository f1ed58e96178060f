"""Step 11 of ``streams.partition_coordinator``: committed offsets, one commit at a time, each of all that is due."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

APART_SECONDS: Final = 0.1  # between two commits, each of which the broker writes down: they are hints


class OffsetCommits:
    """Those of one worker. Its methods are called from one event loop.

    Args:
        commit: commits next offsets by partition and a note beside them; returns whether that was done.
        fail: told what went wrong.
    """

    def __init__(
        self, commit: Callable[[dict[int, int], str], Awaitable[bool]], fail: Callable[[str, Exception], None]
    ) -> None:
        self._commit = commit
        self._fail = fail
        self._due: dict[int, tuple[int, str]] = {}
        self._committing: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._hurry = asyncio.Event()

    def commit_soon(self, partition: int, next_offset: int, note: str = "") -> None:
        """Commit an offset, with all others that are due."""
        self._due[partition] = next_offset, note
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())

    async def finish_commits(self) -> None:
        """Commit what is due at once; return when it is."""
        self._hurry.set()
        try:
            if self._committing is not None:
                await asyncio.shield(self._committing)
        finally:
            self._hurry.clear()

    async def _commit_all(self) -> None:
        try:
            while self._due:
                await self._await_turn()
                due, self._due = self._due, {}
                for note in {note for _, note in due.values()}:
                    await self._commit({place: at for place, (at, beside) in due.items() if beside == note}, note)
        except Exception as error:
            self._fail("offsets cannot be committed", error)

    async def _await_turn(self) -> None:
        """Wait until the last commit is long enough ago, unless somebody waits for this one."""
        loop = asyncio.get_running_loop()
        if (early := self._not_before - loop.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), early)
        self._not_before = loop.time() + APART_SECONDS
