"""How far behind a stage is, in seconds: since when the ledger has more than the stage has come to."""

import time
from collections import deque
from typing import Final

REMEMBERED: Final = 2_000  # samples: over an hour; what lags longer is at least so old


class LagClock:
    """Remembers when the end of the ledger passed which number of offsets, and reads off when a stage's was the end."""

    def __init__(self) -> None:
        self._ends: deque[tuple[float, int]] = deque(maxlen=REMEMBERED)

    def measure_age(self, end: int, reached: int) -> float:
        """Measure the seconds since the ledger first had more than a stage has reached; 0 where it has all."""
        now = time.monotonic()
        if not self._ends or self._ends[-1][1] < end:
            self._ends.append((now, end))
        while self._ends and self._ends[0][1] <= reached:
            self._ends.popleft()
        return now - self._ends[0][0] if self._ends else 0.0
