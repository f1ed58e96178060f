"""Looks at what is stored, as ``sinks.integrity`` makes them: asked for by any thread, and waited for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StoreLooks:
    """Those of one loader, numbered as they begin. Safe to use from several threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._begun = self._ended = self._wanted = 0

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a look that is not over."""
        return self._wanted > self._ended

    @contextmanager
    def note_look(self) -> Iterator[None]:
        """Note a look, made within the block by the one thread that looks; one that fails has seen nothing."""
        with self._changed:
            self._begun += 1
        yield
        with self._changed:
            self._ended = self._begun
            self._changed.notify_all()

    def await_look(self, patience_seconds: float) -> bool:
        """Ask for a look that begins after this call, and wait for its end; False where that took too long."""
        with self._changed:
            wanted = self._wanted = self._begun + 1
            return self._changed.wait_for(lambda: self._ended >= wanted, patience_seconds)
