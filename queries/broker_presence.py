"""Whether a broker answered who asked it last: one that did not keeps nobody who comes next."""

import time
from typing import Final

from ledger.errors import Unavailable

AWAY_SECONDS: Final = 2.0
"""So long a broker that did not answer is not asked again."""


class BrokerPresence:
    """What the last asking found, for whoever comes next. Noted by one thread at a time, read by any."""

    def __init__(self) -> None:
        self._away: tuple[float, str] | None = None

    @property
    def has_answered(self) -> bool:
        """Tell whether it answered when it was asked last; before the first asking it is taken to."""
        return self._away is None

    def note_answer(self) -> None:
        """Note that it answered."""
        self._away = None

    def note_absence(self, why: str) -> None:
        """Note that it did not answer, and the sentence that says so."""
        self._away = time.monotonic(), why

    def hold_presence(self) -> None:
        """Refuse at once while a broker that did not answer is not asked again. Raises Unavailable."""
        away = self._away
        if away is not None and time.monotonic() - away[0] < AWAY_SECONDS:
            raise Unavailable(away[1])
