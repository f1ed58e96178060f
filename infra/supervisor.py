"""Keeps processes alive: health-checked start, restart with back-off, clean stop; one log line per event of a life.

The events of a part's life: ``started``, ``ready``, ``exited``, ``restarting``, ``stopped``.

Order of effects:
1. stages start one after another; the parts of a stage together, and the next stage when all of them are ready;
2. what a stage prepares (topics, say) is done when it is ready, before the next one starts;
3. from then on every part is looked at ten times a second; one that has ended is started again;
4. a stop takes the parts in the reverse order of their start, one kind after the other, and waits for each.

All processes are started by one thread, the supervisor's own, which outlives them: the kernel kills a child when the
thread that started it ends (``infra.lifeline``).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from infra.parts import Part
from ledger.errors import LedgerError, Unavailable

LOOK_SECONDS = 0.1
START_TIMEOUT_SECONDS = 120.0
START_ATTEMPTS = 3  # of one part before it was ready once; a part that ran once is restarted for ever
BACK_OFF_FIRST_SECONDS, BACK_OFF_LAST_SECONDS = 0.2, 10.0
STEADY_SECONDS = 30.0  # a part that was ready for so long has its back-off forgotten
STOP_SECONDS, STOP_UNREADY_SECONDS = 30.0, 3.0  # a broker told to end while it starts does not listen
LOG_TAIL_CHARACTERS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Parts that start together, and what is done once they are ready."""

    parts: Sequence[Part]
    prepare: Callable[[], None] = lambda: None


@dataclass(slots=True)
class _Life:
    """What the supervisor remembers of one part."""

    part: Part
    attempts: int = 0
    ready_since: float | None = None
    was_ready: bool = False
    next_try: float | None = None
    started_at: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts the stages, tends their parts until it is told to stop.

    Args:
        stages: in the order of their start.
        log: a structlog logger.
        changed: called with name and pid of every running part whenever a process starts.
    """

    def __init__(
        self, stages: Sequence[Stage], log: Any, changed: Callable[[dict[str, int]], None] = lambda _: None
    ) -> None:
        self._stages = stages
        self._log = log
        self._changed = changed
        self._lives: list[_Life] = []
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Return when every part is ready.

        Raises:
            Unavailable: a part did not become ready; the message has the end of its log. Everything is stopped again.
        """
        self._thread.start()
        while not self._started.wait(LOOK_SECONDS):
            self.check()
        self.check()

    def check(self) -> None:
        """Raise what made the supervisor itself give up, if anything did."""
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop all parts in order; return when no process is left."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            for stage in self._stages:
                self._bring_up(stage)
            self._started.set()
            while not self._stopping.wait(LOOK_SECONDS):
                self._tend()
        except BaseException as failure:  # handed to the caller's thread by check()
            self._failure = failure
        finally:
            self._stop_all()
            self._started.set()

    def _bring_up(self, stage: Stage) -> None:
        fresh = [_Life(part) for part in stage.parts]
        self._lives += fresh
        for life in fresh:
            self._launch(life)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while any(life.ready_since is None for life in fresh) and not self._stopping.wait(LOOK_SECONDS):
            self._tend()
            self._give_up_on(next((life for life in fresh if _is_hopeless(life, deadline)), None))
        if not self._stopping.is_set():
            stage.prepare()

    def _tend(self) -> None:
        """Look at every part once."""
        for life in self._lives:
            if life.part.pid is None:
                self._revive(life)
            elif life.ready_since is None:
                self._welcome(life)
            elif life.attempts and time.monotonic() - life.ready_since > STEADY_SECONDS:
                life.attempts = 0

    def _welcome(self, life: _Life) -> None:
        if life.part.is_ready():
            life.ready_since, life.was_ready = time.monotonic(), True
            self._log.info("ready", part=life.part.name, seconds=round(life.ready_since - life.started_at, 2))

    def _revive(self, life: _Life) -> None:
        """A part that has ended is announced once, then started again when its back-off is over."""
        if life.next_try is None:
            pause = min(BACK_OFF_FIRST_SECONDS * 2**life.attempts, BACK_OFF_LAST_SECONDS)
            life.attempts += 1
            life.ready_since, life.next_try = None, time.monotonic() + pause
            self._log.warning("exited", part=life.part.name, code=life.part.exit_code, log=str(life.part.log))
            self._log.info("restarting", part=life.part.name, attempt=life.attempts, in_seconds=round(pause, 1))
        elif time.monotonic() >= life.next_try:
            self._launch(life)

    def _launch(self, life: _Life) -> None:
        life.next_try, life.started_at = None, time.monotonic()
        try:
            life.part.launch()
        except LedgerError as error:
            if not life.was_ready:
                raise
            self._log.error("not started", part=life.part.name, reason=str(error))
            return
        self._log.info("started", part=life.part.name, pid=life.part.pid)
        self._changed({other.part.name: pid for other in self._lives if (pid := other.part.pid) is not None})

    def _give_up_on(self, life: _Life | None) -> None:
        if life is not None:
            tail = life.part.log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:] if life.part.log.exists() else ""
            raise Unavailable(f"{life.part.name} did not start; the end of {life.part.log}:\n{tail}")

    def _stop_all(self) -> None:
        backwards = reversed(self._lives)
        for _, together in groupby(
            backwards, key=lambda life: type(life.part).__name__ + life.part.name.rstrip("-0123456789")
        ):
            lives = list(together)
            for life in lives:
                life.part.ask_to_stop()
            for life in lives:
                life.part.stop(STOP_SECONDS if life.ready_since else STOP_UNREADY_SECONDS)
                self._log.info("stopped", part=life.part.name, code=life.part.exit_code)


def _is_hopeless(life: _Life, deadline: float) -> bool:
    unready = life.ready_since is None and not life.was_ready
    return unready and (life.attempts >= START_ATTEMPTS or time.monotonic() > deadline)
