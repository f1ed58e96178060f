"""What the broker said lately of what is published, so that an answer need not wait for it (docs/decisions/0036).

What was complete when the broker was asked stays so, whatever is stored since. So an answer may rest on what was said
up to ``TOLD_SECONDS`` ago, and up to ``ASKING_SECONDS`` ago while the broker is being asked: at a thousand events a
second that takes it a quarter of a second, and longer where others ask it too. It is asked again meanwhile, by one for
all; who comes after a rest waits for it.
"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final

from ledger.errors import Unavailable
from queries.completeness import AskedTails, Tails, ask_tails
from sinks.frontier import Frontier

TOLD_SECONDS: Final = 1.0
ASKING_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 0.1


class RecentTails:
    """Asks for who takes moments of one store. Safe to use from several threads."""

    def __init__(self, published: Tails) -> None:
        self._published = published
        self._aside = ThreadPoolExecutor(4, "completeness")
        self._lock = threading.Lock()
        self._told: tuple[float, AskedTails] | None = None
        self._asking: Future[AskedTails] | None = None

    def begin_finding(self, frontiers: Mapping[int, Frontier]) -> Future[datetime | None]:
        """Begin to find through which instant these frontiers are complete: at once, where the broker said lately."""
        told, asking, found = self._told, self._asking, Future[datetime | None]()
        lasts = TOLD_SECONDS if asking is None or asking.done() else ASKING_SECONDS
        age = float("inf") if told is None else time.monotonic() - told[0]
        renewed = self._join_asking(frontiers) if age > RENEW_SECONDS else None
        if told is not None and age <= lasts and told[1].is_within(frontiers):
            found.set_result(told[1].find_through(frontiers))
        else:
            self._await_asked(renewed or self._join_asking(frontiers), found, frontiers)
        return found

    def _join_asking(self, frontiers: Mapping[int, Frontier]) -> Future[AskedTails]:
        """Join whoever asks the broker now, or ask it; where it is away, what it said ends by its age."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = self._aside.submit(self._ask_again, frontiers)
            return self._asking

    def _await_asked(
        self, asking: Future[AskedTails], found: Future[datetime | None], frontiers: Mapping[int, Frontier]
    ) -> None:
        asking.add_done_callback(partial(self._tell_asked, found, frontiers))

    def _tell_asked(
        self, found: Future[datetime | None], frontiers: Mapping[int, Frontier], asked: Future[AskedTails]
    ) -> None:
        """Tell who waits what the broker said; of an earlier moment than it was asked about, ask it again."""
        error = asked.exception()
        if isinstance(error, Unavailable):
            found.set_result(None)
        elif error is not None:
            found.set_exception(error)
        elif asked.result().is_within(frontiers):
            found.set_result(asked.result().find_through(frontiers))
        else:
            self._await_asked(self._aside.submit(self._ask_again, frontiers), found, frontiers)

    def _ask_again(self, frontiers: Mapping[int, Frontier]) -> AskedTails:
        began = time.monotonic()
        found = ask_tails(self._published, {number: one.position for number, one in frontiers.items()})
        with self._lock:
            if self._told is None or self._told[0] < began:
                self._told = began, found
        return found
