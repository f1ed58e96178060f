"""Whether many ask at once, and what they ask most (docs/decisions/0032)."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

AT_ONCE: Final = 3
ASKS_A_SECOND: Final = 20
HOT_SECONDS: Final = 1.0
ASKED_MOST: Final = 64
HOT_MOST: Final = 8


class AskingCrowd:
    """Tells whether so many ask that each cannot be given a moment of its own. Safe to use from several threads.

    A crowd is there once ``AT_ONCE`` wait at once, and for as long as ``ASKS_A_SECOND`` ask. So whoever asks alone is
    none, however quickly, and answers that are quick do not end one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._asks: deque[float] = deque(maxlen=ASKS_A_SECOND)
        self._crowded = False

    @property
    def is_there(self) -> bool:
        """Tell whether one is there."""
        with self._lock:
            return self._judge_asks()

    def note_ask(self) -> None:
        """Note one who asks, and who need not wait."""
        with self._lock:
            self._asks.append(time.monotonic())

    @contextmanager
    def join_asking(self) -> Iterator[bool]:
        """Ask, as one of however many; whether a crowd is there."""
        self.note_ask()
        with self._lock:
            self._waiting += 1
            self._crowded = self._judge_asks() or self._waiting >= AT_ONCE
            crowded = self._crowded
        try:
            yield crowded
        finally:
            with self._lock:
                self._waiting -= 1

    def _judge_asks(self) -> bool:
        """Judge whether the crowd that was there still asks."""
        many = len(self._asks) == ASKS_A_SECOND and time.monotonic() - self._asks[0] <= 1.0
        return self._crowded and many


class AskedQuestion(NamedTuple):
    """What makes an answer of a moment, when it was asked for last, and before that."""

    make: Callable[[Any], object]
    asked_at: float
    before: float | None


class AskedQuestions:
    """Remembers what was asked lately. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, AskedQuestion] = OrderedDict()

    def note_question(self, key: str, make: Callable[[Any], object]) -> None:
        """Note that somebody asked for what ``make`` makes of a moment."""
        with self._lock:
            earlier = self._asked.pop(key, None)
            self._asked[key] = AskedQuestion(make, time.monotonic(), None if earlier is None else earlier.asked_at)
            if len(self._asked) > ASKED_MOST:
                self._asked.popitem(last=False)

    def note_again(self, key: str) -> None:
        """Note that somebody asked for what was made already."""
        known = self._asked.get(key)
        if known is not None:
            self.note_question(key, known.make)

    def list_hot(self) -> list[Callable[[Any], object]]:
        """List what was asked twice within the last second, the latest first: it will be asked again."""
        since = time.monotonic() - HOT_SECONDS
        with self._lock:
            found = [one for one in reversed(self._asked.values()) if one.before is not None and one.before >= since]
        return [one.make for one in found[:HOT_MOST]]
