"""What an answer reads of a topic: given again for a moment, and a broker that does not answer keeps nobody for long.

The order of asking: what was read lately is given again; a broker that did not answer lately is not asked; else one
asks, with the patience of a reader before a page, and who comes meanwhile waits for that, and no longer.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from ledger.errors import Unavailable
from queries.broker_presence import BrokerPresence

KEPT_SECONDS: Final = 1.0
"""So long what was read of the topic is given again: as long as a moment of the store."""
ANSWER_SECONDS: Final = 3.0
"""So long the broker is waited for by who reads a page."""
FIGURES_READ: Final = "published figures (soc.figures)"
CHECKPOINTS_READ: Final = "checkpoints (soc.checkpoints)"
ReadT = TypeVar("ReadT")


@contextmanager
def name_unread(what: str) -> Iterator[None]:
    """Name what could not be read where the world did not answer. Raises Unavailable."""
    try:
        yield
    except Unavailable as error:
        raise Unavailable(f"{what} cannot be read: {error}") from error


class TopicReading(Generic[ReadT]):
    """One reading, for as many as ask. Safe to use from several threads.

    Args:
        what: that is read, as the sentence of its absence begins.
        read: reads it, waiting for ``ANSWER_SECONDS`` at most; raises Unavailable.
    """

    def __init__(self, what: str, read: Callable[[], ReadT]) -> None:
        self._what = what
        self._read = read
        self._lock = threading.Lock()
        self._kept: tuple[float, ReadT] | None = None
        self._presence = BrokerPresence()

    def take_reading(self) -> ReadT:
        """Take what lies in the topic now. Raises Unavailable: it names what could not be read, and why."""
        self._presence.hold_presence()
        if not self._lock.acquire(timeout=ANSWER_SECONDS):
            raise Unavailable(f"{self._what} cannot be read: the broker has not answered somebody else yet")
        try:
            self._presence.hold_presence()  # it may have been found away meanwhile
            return self._read_again()
        finally:
            self._lock.release()

    def _read_again(self) -> ReadT:
        """Read, where what is kept is too old, and note whether that was answered. Raises Unavailable."""
        if self._kept is not None and time.monotonic() - self._kept[0] < KEPT_SECONDS:
            return self._kept[1]
        try:
            with name_unread(self._what):
                found = self._read()
        except Unavailable as error:
            self._presence.note_absence(str(error))
            raise
        self._presence.note_answer()
        self._kept = time.monotonic(), found
        return found
