"""What the supervisor remembers of one part: its attempts, its ends and why, and what it says of that to health."""

import signal
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from local.liveness import LivenessMonitor
from local.processes import ManagedProcess

BACK_OFF_FIRST_SECONDS, BACK_OFF_LAST_SECONDS = 0.2, 10.0
STEADY_SECONDS: Final = 30.0  # a part that was ready for so long has its back-off forgotten
OFTEN, OFTEN_SECONDS = 3, 600.0  # so many ends within so long are a trouble by themselves
START_ATTEMPTS: Final = 3  # of one part before it was ready once; a part that ran once is restarted for ever
RESTARTED: Final = "`up` starts it again by itself; when it does not stay up, see what it said and its log"


@dataclass(slots=True)
class SupervisedProcess:
    """One process under supervision."""

    part: ManagedProcess
    monitor: LivenessMonitor
    attempts: int = 0
    ready_since: float | None = None
    was_ready: bool = False
    next_try: float | None = None
    started_at: float = field(default_factory=time.monotonic)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    restarts: int = 0
    stopped: bool = False
    hung_seconds: float | None = None
    not_started: str | None = None
    last_end: dict[str, str] | None = None
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=OFTEN))

    def note_launch(self) -> None:
        """Note that its process is about to be started."""
        self.next_try, self.started_at, self.since = None, time.monotonic(), datetime.now(UTC)
        self.not_started = None

    def note_ready(self) -> None:
        """Note that it is ready."""
        self.ready_since, self.was_ready = time.monotonic(), True

    def forget_back_off(self) -> None:
        """Forget the back-off of what has been ready for long."""
        if self.attempts and self.ready_since and time.monotonic() - self.ready_since > STEADY_SECONDS:
            self.attempts = 0

    def note_end(self) -> float:
        """Remember that its process has ended, and why; return the seconds until the next try."""
        pause = min(BACK_OFF_FIRST_SECONDS * float(2 ** min(self.attempts, 10)), BACK_OFF_LAST_SECONDS)
        self.attempts, self.restarts = self.attempts + 1, self.restarts + 1
        self.ready_since, self.next_try = None, time.monotonic() + pause
        self.since = datetime.now(UTC)
        self.last_end = {"at": self.since.isoformat(timespec="seconds"), "why": self._tell_end()}
        self.ends.append(time.monotonic())
        self.hung_seconds = None
        return pause

    def is_hopeless(self, deadline: float) -> bool:
        """Return whether it should be given up: it was never ready."""
        unready = self.ready_since is None and not self.was_ready
        return unready and (self.attempts >= START_ATTEMPTS or time.monotonic() > deadline)

    def _tell_end(self) -> str:
        if self.hung_seconds is not None:
            return f"it hung: no sign of life for {self.hung_seconds:.0f} s, so it was killed"
        code = self.part.exit_code
        if self.not_started or code is None:
            return self.not_started or "it could not be started"
        if words := self.part.last_words():
            return words
        if code < 0:
            return f"killed by {_name_signal(-code)}, not by `up`: by somebody, or by the kernel for want of memory"
        return f"ended with exit code {code}; see {self.part.log}"

    def describe_health(self) -> dict[str, Any]:
        """Return what health is to know: name, state, trouble and remedy, restarts, since when, how it ended last."""
        state, trouble = self._judge_state()
        return {
            "name": self.part.name,
            "state": state,
            "pid": self.part.pid,
            "trouble": trouble,
            "remedy": RESTARTED if trouble else None,
            "restarts": self.restarts,
            "since": self.since.isoformat(timespec="seconds"),
            "last_end": self.last_end,
        }

    def _judge_state(self) -> tuple[str, str | None]:
        why = self.last_end["why"] if self.last_end else ""
        if self.stopped:
            return "stopped", None
        if self.part.pid is None:
            return "restarting", f"it does not run: {why or self.not_started or 'it is being started'}"
        if self.monitor.is_silent() and self.ready_since is not None:
            silent = self.monitor.measure_hang()
            return "silent", f"no sign of life for {silent:.0f} s; what hangs is killed and started again"
        if self.ready_since is None:
            return "starting", f"it is starting again: {why}" if why else None
        if self.attempts > 1 or self._ends_often():
            return "running", f"it was started again {self.restarts} times; the last time: {why}"
        return "running", None

    def _ends_often(self) -> bool:
        return len(self.ends) == OFTEN and time.monotonic() - self.ends[0] < OFTEN_SECONDS


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
