"""Whoever looks at the same page takes turns, and who waited stands on the next one's moment (decision 0040).

In the server's loop, so that who waits takes no thread from those who answer; ``queries.turns`` is the same in threads.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import Request

from queries.snapshot import Snapshot


class PageTurn:
    """The turns at one address.

    Attributes:
        asking: how many requests have it, or wait for it.
        begun_at: when the newest of them had its turn that stands on a moment of its own.
        moment: on which that stands; None until it is taken.
    """

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.asking = 0
        self.begun_at = float("-inf")
        self.moment: Snapshot | None = None


class PageTurns:
    """The turns at every address of one server. Used from its loop alone."""

    def __init__(self) -> None:
        self._turns: dict[str, PageTurn] = {}

    async def take_turn(self, request: Request) -> AsyncIterator[None]:
        """Let the request have its turn, which ``request.state.turn`` is, while its answer is made; a dependency."""
        asked_at, address = time.monotonic(), f"{request.url.path}?{request.url.query}"
        turn = self._turns.setdefault(address, PageTurn())
        turn.asking += 1
        try:
            async with turn.lock:
                if turn.begun_at < asked_at:
                    turn.begun_at, turn.moment = time.monotonic(), None
                request.state.turn = turn
                yield
        finally:
            turn.asking -= 1
            if not turn.asking:
                del self._turns[address]
