"""Keeps processes alive: health-checked start, restart with back-off, clean stop; one log line per event of a life.

The events of a part's life: ``started``, ``ready``, ``hangs``, ``exited``, ``restarting``, ``stopped``.

Order of effects:
1. stages start one after another; the parts of a stage together, and the next stage when all of them are ready;
2. what a stage prepares (topics, say) is done when it is ready, before the next one starts;
3. from then on every part is looked at ten times a second; one that has ended is started again, and one that hangs is
   killed and started again (SIGKILL: a halted process hears nothing else);
4. what there is to say of the parts is told once a second, and whenever a process starts or ends;
5. a stop takes the parts in the reverse order of their start, one kind after the other, and waits for each.

All processes are started by one thread, the supervisor's own, which outlives them: the kernel kills a child when the
thread that started it ends (``local.die_with_parent``). Nothing that happens to one part, to the disk or to the log
ends it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError, Unavailable
from local.liveness import Vigil
from local.part_history import Life
from local.processes import Part

LOOK_SECONDS = 0.1
START_TIMEOUT_SECONDS = 120.0
SILENCE_SECONDS = 20.0
TELL_SECONDS = 1.0
STOP_SECONDS, STOP_UNREADY_SECONDS = 30.0, 3.0  # a broker told to end while it starts does not listen
LOG_TAIL_CHARACTERS = 1500
FRAME = (" ", "\t", "Traceback")  # a line of a trace, or of the code that it quotes

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Parts that start together, and what is done once they are ready."""

    parts: Sequence[Part]
    prepare: Callable[[], None] = lambda: None


class Supervisor:
    """Starts the stages, tends their parts until it is told to stop.

    Args:
        stages: in the order of their start.
        log: a structlog logger.
        tell: given what there is to say of each part (``local.part_history.Life.report``), often.
        silence_seconds: after so long without a sign of life a part hangs.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        log: Any,
        tell: Callable[[list[Report]], None] = lambda _: None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._stages = stages
        self._log = log
        self._tell = tell
        self._silence = silence_seconds
        self._told_at = 0.0
        self._lives: list[Life] = []
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
        fresh = [Life(part, Vigil(part, self._silence)) for part in stage.parts]
        self._lives += fresh
        for life in fresh:
            self._launch(life)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while any(life.ready_since is None for life in fresh) and not self._stopping.wait(LOOK_SECONDS):
            self._tend()
            _give_up_on(next((life for life in fresh if life.is_hopeless(deadline)), None))
        if not self._stopping.is_set():
            stage.prepare()

    def _tend(self) -> None:
        """Look at every part once."""
        for life in self._lives:
            try:
                self._look_at(life)
            except LedgerError:
                raise  # it never came up, and is given up
            except Exception as defect:  # ours: the other parts are tended all the same
                self._say("error", "not tended", life, reason=repr(defect))
                self._stopping.wait(TELL_SECONDS)
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            self._report()

    def _look_at(self, life: Life) -> None:
        if life.part.pid is None:
            self._revive(life)
        elif life.vigil.is_hung(ready=life.ready_since is not None):
            self._kill(life)
        elif life.ready_since is None:
            self._welcome(life)
        else:
            life.settle()

    def _welcome(self, life: Life) -> None:
        if life.part.is_ready():
            life.welcome()
            self._say("info", "ready", life, seconds=round(time.monotonic() - life.started_at, 2))

    def _kill(self, life: Life) -> None:
        life.hung_seconds = life.vigil.silence
        self._say("error", "hangs", life, silent_seconds=round(life.hung_seconds))
        life.part.kill()

    def _revive(self, life: Life) -> None:
        """Announce a process that has ended once, then start it again when its back-off is over."""
        if life.next_try is None:
            pause = life.mourn()
            why = life.last_end["why"] if life.last_end else ""
            self._say("warning", "exited", life, code=life.part.exit_code, why=why, log=str(life.part.log))
            self._say("info", "restarting", life, attempt=life.attempts, in_seconds=round(pause, 1))
            self._report()
        elif time.monotonic() >= life.next_try:
            self._launch(life)

    def _launch(self, life: Life) -> None:
        life.begin()
        try:
            life.part.launch()
        except (LedgerError, OSError) as error:
            self._miss(life, error)
            return
        self._say("info", "started", life, pid=life.part.pid)
        self._report()

    def _miss(self, life: Life, error: Exception) -> None:
        """Note that it could not even be started: at the start that is the caller's, later it is tried again."""
        if not life.was_ready:
            raise error if isinstance(error, LedgerError) else Unavailable(f"{life.part.name} did not start: {error}")
        life.not_started = f"it cannot be started: {error}"
        self._say("error", "not started", life, reason=str(error))

    def _report(self) -> None:
        self._told_at = time.monotonic()
        with suppress(OSError):
            self._tell([life.report() for life in self._lives])

    def _say(self, level: str, event: str, life: Life, **said: Any) -> None:
        with suppress(OSError):  # the disk of the log is full, say
            getattr(self._log, level)(event, part=life.part.name, **said)

    def _stop_all(self) -> None:
        for life in self._lives:
            life.vigil.end()
        backwards = reversed(self._lives)
        for _, together in groupby(
            backwards, key=lambda life: type(life.part).__name__ + life.part.name.rstrip("-0123456789")
        ):
            lives = list(together)
            for life in lives:
                life.part.ask_to_stop()
            for life in lives:
                life.part.stop(STOP_SECONDS if life.ready_since else STOP_UNREADY_SECONDS)
                life.stopped = True
                self._say("info", "stopped", life, code=life.part.exit_code)


def _give_up_on(life: Life | None) -> None:
    if life is not None:
        said = life.part.last_words() or _read_tail(life.part.log)
        raise Unavailable(f"{life.part.name} did not start; the end of {life.part.log}:\n{said}")


def _read_tail(log: Path) -> str:
    """Return the end of a log, without the frames of a trace."""
    try:
        lines = log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:].splitlines()
    except OSError:
        return ""
    return "\n".join(line for line in lines if line and not line.startswith(FRAME))
