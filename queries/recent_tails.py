"""What the broker said lately of what is published, so that an answer need not wait for it (docs/decisions/0036).

What was complete when the broker was asked stays so, whatever is stored since. So an answer may rest on what was said
up to ``TOLD_SECONDS`` ago, and up to ``ASKING_SECONDS`` ago while the broker is being asked: at a thousand events a
second that takes it a quarter of a second, and longer where others ask it too. It is asked again meanwhile, by one for
all; who comes after a rest waits for it.

So an instant that was complete is not claimed less of later on, where a transaction has been opened since: of those
partitions the broker's answer alone would prove no more than what is stored.
"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from ledger.errors import Unavailable
from queries.answer import read_clock
from queries.completeness import AskedTails, Tails, ask_tails, is_reached
from sinks.frontier import Frontier

TOLD_SECONDS: Final = 1.0
ASKING_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 0.1
STEADY_SECONDS: Final = 1.0


class ProvedInstant(NamedTuple):
    """The greatest instant that was proved complete, of which positions, and by which clocks.

    Attributes:
        at: of the clock that nobody sets, in seconds.
        clock: of this machine's, by which it was proved.
    """

    through: datetime
    positions: Mapping[int, int]
    at: float
    clock: datetime

    def is_steady(self) -> bool:
        """Tell whether this machine's clock has gone on evenly since: what a clock that was set proved is dropped."""
        passed = (read_clock() - self.clock).total_seconds()
        return abs(passed - (time.monotonic() - self.at)) < STEADY_SECONDS


class RecentTails:
    """Asks for who takes moments of one store. Safe to use from several threads."""

    def __init__(self, published: Tails) -> None:
        self._published = published
        self._aside = ThreadPoolExecutor(4, "completeness")
        self._lock = threading.Lock()
        self._told: tuple[float, AskedTails] | None = None
        self._asking: Future[AskedTails] | None = None
        self._proved: ProvedInstant | None = None

    def begin_finding(self, frontiers: Mapping[int, Frontier]) -> Future[datetime | None]:
        """Begin to find through which instant these frontiers are complete: at once, where the broker said lately."""
        told, asking, found = self._told, self._asking, Future[datetime | None]()
        lasts = TOLD_SECONDS if asking is None or asking.done() else ASKING_SECONDS
        age = float("inf") if told is None else time.monotonic() - told[0]
        renewed = self._join_asking(frontiers) if age > RENEW_SECONDS else None
        if told is not None and age <= lasts and told[1].is_within(frontiers):
            found.set_result(self._find_through(told[1], frontiers))
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
            found.set_result(self._find_through(asked.result(), frontiers))
        else:
            self._await_asked(self._aside.submit(self._ask_again, frontiers), found, frontiers)

    def _ask_again(self, frontiers: Mapping[int, Frontier]) -> AskedTails:
        began = time.monotonic()
        found = ask_tails(self._published, {number: one.position for number, one in frontiers.items()})
        with self._lock:
            if self._told is None or self._told[0] < began:
                self._told = began, found
        return found

    def _find_through(self, asked: AskedTails, frontiers: Mapping[int, Frontier]) -> datetime | None:
        """Find the greatest instant that is proved complete of these frontiers: by what the broker said, or before."""
        through = asked.find_through(frontiers)
        if through is None:
            return None
        with self._lock:
            kept = self._proved if self._proved is not None and self._proved.is_steady() else None
            if kept is None or kept.through <= through:
                positions = {number: one.position for number, one in frontiers.items()}
                self._proved = ProvedInstant(through, positions, time.monotonic(), read_clock())
            return max(through, kept.through) if kept is not None and is_reached(kept.positions, frontiers) else through
