"""Whoever asks for the same thing takes turns, and who waited is given what was begun meanwhile (decision 0040)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

GivenT = TypeVar("GivenT")


class SharedTurn(Generic[GivenT]):
    """The turns at one thing.

    Attributes:
        asking: how many have it, or wait for it.
        begun_at: when what is given was begun.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asking = 0
        self.begun_at = float("-inf")
        self.given: GivenT | None = None


class SharedTurns(Generic[GivenT]):
    """The turns at whatever is asked for, by its name. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, SharedTurn[GivenT]] = {}

    @contextmanager
    def take_turn(self, key: str, begin: Callable[[], GivenT]) -> Iterator[GivenT]:
        """Take one, within the block: given what ``begin`` gives after this call, be it to somebody who came before.

        Where it fails, its asker is told so, and the next tries again.
        """
        asked_at = time.monotonic()
        with self._join_turn(key) as turn, turn.lock:
            given = turn.given
            if given is None or turn.begun_at < asked_at:
                began_at, given = time.monotonic(), begin()
                turn.begun_at, turn.given = began_at, given
            yield given

    @contextmanager
    def _join_turn(self, key: str) -> Iterator[SharedTurn[GivenT]]:
        """Join those who ask; what nobody asks for any more is forgotten."""
        with self._lock:
            turn = self._turns.setdefault(key, SharedTurn())
            turn.asking += 1
        try:
            yield turn
        finally:
            with self._lock:
                turn.asking -= 1
                if not turn.asking:
                    del self._turns[key]
