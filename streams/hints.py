"""Step 11 of ``streams.keeper``: committed offsets, one commit at a time, each of all that landed before."""

import asyncio
from collections.abc import Awaitable, Callable


class Hints:
    """Those of one worker. Its methods are called from one event loop.

    Args:
        commit: next offsets by partition and a note beside them; whether that was done.
        failed: told what went wrong.
    """

    def __init__(
        self, commit: Callable[[dict[int, int], str], Awaitable[bool]], failed: Callable[[str, Exception], None]
    ) -> None:
        self._commit = commit
        self._failed = failed
        self._landed: dict[int, tuple[int, str]] = {}  # and not yet committed
        self._committing: asyncio.Task[None] | None = None

    def give_hint(self, partition: int, following: int, note: str = "") -> None:
        """Commit an offset soon."""
        self._landed[partition] = following, note
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._go_on())

    async def finish_commits(self) -> None:
        """Return once nothing waits to be committed."""
        if self._committing is not None:
            await asyncio.shield(self._committing)

    async def _go_on(self) -> None:
        try:
            while self._landed:
                landed, self._landed = self._landed, {}
                for note in {note for _, note in landed.values()}:
                    await self._commit({p: at for p, (at, said) in landed.items() if said == note}, note)
        except Exception as error:
            self._failed("offsets cannot be committed", error)
