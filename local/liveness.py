"""Listening to one part, in a thread of its own: is it at work, or does it hang?

A part hangs when it shows no sign of life (``ManagedProcess.shows_life``) and uses no processor: a long fold is silent,
and busy. What a machine that was itself asleep did not do is not held against a part: each look adds a few seconds at
most.
"""

import threading
import time
from typing import Final

import psutil

from local.processes import ManagedProcess

LOOK_SECONDS: Final = 1.0
LOOK_SECONDS_MOST: Final = 5.0  # of silence that one look can prove
NAMED_SECONDS: Final = 2.5  # a beat a second, and a look a second: less is no silence
BUSY_SHARE: Final = 0.1  # of one processor
START_SILENCE_SECONDS: Final = 600.0  # a broker that reads its logs back, a store that is brought to this version
ENDLESS_SECONDS: Final = 600.0  # busy or not: nothing takes so long, and the group has given it up by then


class LivenessMonitor:
    """What is heard of one process.

    Args:
        part: whose.
        silence_seconds: after so long a part that was ready is taken to hang.
    """

    def __init__(self, part: ManagedProcess, silence_seconds: float) -> None:
        self._part = part
        self._bound = silence_seconds
        self._over = threading.Event()
        self._pid: int | None = None
        self._used = 0.0
        self._looked_at = 0.0
        self._halted = self._quiet = 0.0
        self.silence = 0.0
        threading.Thread(target=self._run, name=f"liveness {part.name}", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()

    def measure_hang(self) -> float:
        """Measure for how long it has done nothing: it was halted, or said nothing."""
        return max(self.silence, self._halted, self._quiet)

    def is_silent(self) -> bool:
        """Return whether its silence is long enough to be named."""
        return max(self.silence, self._halted) > max(NAMED_SECONDS, self._bound / 4)

    def is_hung(self, *, ready: bool) -> bool:
        """Return whether it should be killed and started again."""
        if self._part.pid != self._pid:
            return False
        if self._halted > self._bound or self._quiet > (self._bound if ready else START_SILENCE_SECONDS):
            return True
        return ready and self.silence > ENDLESS_SECONDS

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._take_sample()

    def _take_sample(self) -> None:
        pid = self._part.pid
        if pid is None or pid != self._pid:
            self._pid, self._looked_at, self._used = pid, time.monotonic(), 0.0
            self.silence = self._halted = self._quiet = 0.0
            return
        lively = self._hears_life()
        passed, self._looked_at = time.monotonic() - self._looked_at, time.monotonic()
        halted, busy = self._measure_work(pid, passed)
        passed = min(passed, LOOK_SECONDS_MOST)
        self.silence = 0.0 if lively else self.silence + passed
        self._quiet = 0.0 if lively or busy else self._quiet + passed
        self._halted = self._halted + passed if halted else 0.0

    def _hears_life(self) -> bool:
        try:
            return self._part.shows_life()
        except Exception:  # a probe that breaks proves nothing of the part
            return True

    def _measure_work(self, pid: int, passed: float) -> tuple[bool, bool]:
        """Return whether the process is halted, and whether it is busy."""
        try:
            process = psutil.Process(pid)
            times, halted = process.cpu_times(), process.status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return False, True
        used, self._used = times.user + times.system - self._used, times.user + times.system
        return halted, used >= BUSY_SHARE * max(passed, LOOK_SECONDS)
