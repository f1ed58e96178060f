"""What the broker said lately of what is published, so that an answer need not wait for it (docs/decisions/0036).

What was complete when the broker was asked stays so, whatever is stored since. So an answer may rest on what was said
up to ``TOLD_SECONDS`` ago; the broker is asked again meanwhile, and only who comes after a rest waits for it.
"""

import contextlib
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Final

from ledger.errors import Unavailable
from queries.completeness import AskedTails, Tails, ask_tails
from sinks.frontier import Frontier

TOLD_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 0.1


class RecentTails:
    """Asks for who takes moments of one store. Safe to use from several threads."""

    def __init__(self, published: Tails) -> None:
        self._published = published
        self._aside = ThreadPoolExecutor(4, "completeness")
        self._lock = threading.Lock()
        self._told: tuple[float, AskedTails] | None = None
        self._renewal: Future[AskedTails] | None = None

    def begin_finding(self, frontiers: Mapping[int, Frontier]) -> Future[datetime | None]:
        """Begin to find through which instant these frontiers are complete: at once, where the broker said lately."""
        told, found = self._told, Future[datetime | None]()
        if told is None or time.monotonic() - told[0] > TOLD_SECONDS or not told[1].is_within(frontiers):
            return self._aside.submit(self._find_through, frontiers)
        if time.monotonic() - told[0] > RENEW_SECONDS:
            self._begin_renewal(frontiers)
        found.set_result(told[1].find_through(frontiers))
        return found

    def _find_through(self, frontiers: Mapping[int, Frontier]) -> datetime | None:
        with contextlib.suppress(Unavailable):
            return self._ask_again(frontiers).find_through(frontiers)
        return None

    def _begin_renewal(self, frontiers: Mapping[int, Frontier]) -> None:
        """Ask meanwhile, unless somebody does; where the broker is away, what it said ends by its age."""
        with self._lock:
            if self._renewal is None or self._renewal.done():
                self._renewal = self._aside.submit(self._ask_again, frontiers)

    def _ask_again(self, frontiers: Mapping[int, Frontier]) -> AskedTails:
        began = time.monotonic()
        found = ask_tails(self._published, {number: one.position for number, one in frontiers.items()})
        with self._lock:
            if self._told is None or self._told[0] < began:
                self._told = began, found
        return found
