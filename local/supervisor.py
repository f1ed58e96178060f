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
from local.liveness import LivenessMonitor
from local.processes import ManagedProcess
from local.supervised_process import SupervisedProcess

LOOK_SECONDS = 0.1
START_TIMEOUT_SECONDS = 120.0
SILENCE_SECONDS = 20.0
TELL_SECONDS = 1.0
STOP_SECONDS, STOP_UNREADY_SECONDS = 30.0, 3.0  # a broker told to end while it starts does not listen
LOG_TAIL_CHARACTERS = 1500
FRAME = (" ", "\t", "Traceback")  # a line of a trace, or of the code that it quotes

HealthReport = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartStage:
    """Parts that start together, and what is done once they are ready."""

    parts: Sequence[ManagedProcess]
    prepare: Callable[[], None] = lambda: None


class Supervisor:
    """Starts the stages, tends their parts until it is told to stop.

    Args:
        stages: in the order of their start.
        log: a structlog logger.
        tell: given what there is to say of each part (``SupervisedProcess.describe_health``), often.
        silence_seconds: after so long without a sign of life a part hangs.
    """

    def __init__(
        self,
        stages: Sequence[StartStage],
        log: Any,
        tell: Callable[[list[HealthReport]], None] = lambda _: None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._stages = stages
        self._log = log
        self._tell = tell
        self._silence = silence_seconds
        self._told_at = 0.0
        self._processes: list[SupervisedProcess] = []
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
                self._tend_processes()
        except BaseException as failure:  # handed to the caller's thread by check()
            self._failure = failure
        finally:
            self._stop_all()
            self._started.set()

    def _bring_up(self, stage: StartStage) -> None:
        fresh = [SupervisedProcess(part, LivenessMonitor(part, self._silence)) for part in stage.parts]
        self._processes += fresh
        for process in fresh:
            self._launch_process(process)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while any(process.ready_since is None for process in fresh) and not self._stopping.wait(LOOK_SECONDS):
            self._tend_processes()
            _give_up_on(next((process for process in fresh if process.is_hopeless(deadline)), None))
        if not self._stopping.is_set():
            stage.prepare()

    def _tend_processes(self) -> None:
        """Look at every part once."""
        for process in self._processes:
            try:
                self._look_at(process)
            except LedgerError:
                raise  # it never came up, and is given up
            except Exception as defect:  # ours: the other parts are tended all the same
                self._log_event("error", "not tended", process, reason=repr(defect))
                self._stopping.wait(TELL_SECONDS)
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            self._report_health()

    def _look_at(self, process: SupervisedProcess) -> None:
        if process.part.pid is None:
            self._restart_ended(process)
        elif process.monitor.is_hung(ready=process.ready_since is not None):
            self._kill_hung(process)
        elif process.ready_since is None:
            self._check_ready(process)
        else:
            process.forget_back_off()

    def _check_ready(self, process: SupervisedProcess) -> None:
        if process.part.is_ready():
            process.note_ready()
            self._log_event("info", "ready", process, seconds=round(time.monotonic() - process.started_at, 2))

    def _kill_hung(self, process: SupervisedProcess) -> None:
        process.hung_seconds = process.monitor.measure_hang()
        self._log_event("error", "hangs", process, silent_seconds=round(process.hung_seconds))
        process.part.kill()

    def _restart_ended(self, process: SupervisedProcess) -> None:
        """Announce a process that has ended once, then start it again when its back-off is over."""
        if process.next_try is None:
            pause = process.note_end()
            why = process.last_end["why"] if process.last_end else ""
            self._log_event(
                "warning", "exited", process, code=process.part.exit_code, why=why, log=str(process.part.log)
            )
            self._log_event("info", "restarting", process, attempt=process.attempts, in_seconds=round(pause, 1))
            self._report_health()
        elif time.monotonic() >= process.next_try:
            self._launch_process(process)

    def _launch_process(self, process: SupervisedProcess) -> None:
        process.note_launch()
        try:
            process.part.launch()
        except (LedgerError, OSError) as error:
            self._note_failed_launch(process, error)
            return
        self._log_event("info", "started", process, pid=process.part.pid)
        self._report_health()

    def _note_failed_launch(self, process: SupervisedProcess, error: Exception) -> None:
        """Note that it could not even be started: at the start that is the caller's, later it is tried again."""
        if not process.was_ready:
            raise (
                error if isinstance(error, LedgerError) else Unavailable(f"{process.part.name} did not start: {error}")
            )
        process.not_started = f"it cannot be started: {error}"
        self._log_event("error", "not started", process, reason=str(error))

    def _report_health(self) -> None:
        self._told_at = time.monotonic()
        with suppress(OSError):
            self._tell([process.describe_health() for process in self._processes])

    def _log_event(self, level: str, event: str, process: SupervisedProcess, **said: Any) -> None:
        with suppress(OSError):  # the disk of the log is full, say
            getattr(self._log, level)(event, part=process.part.name, **said)

    def _stop_all(self) -> None:
        for process in self._processes:
            process.monitor.close()
        backwards = reversed(self._processes)
        for _, together in groupby(
            backwards, key=lambda process: type(process.part).__name__ + process.part.name.rstrip("-0123456789")
        ):
            processes = list(together)
            for process in processes:
                process.part.ask_to_stop()
            for process in processes:
                process.part.stop(STOP_SECONDS if process.ready_since else STOP_UNREADY_SECONDS)
                process.stopped = True
                self._log_event("info", "stopped", process, code=process.part.exit_code)


def _give_up_on(process: SupervisedProcess | None) -> None:
    if process is not None:
        said = process.part.last_words() or _read_tail(process.part.log)
        raise Unavailable(f"{process.part.name} did not start; the end of {process.part.log}:\n{said}")


def _read_tail(log: Path) -> str:
    """Return the end of a log, without the frames of a trace."""
    try:
        lines = log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:].splitlines()
    except OSError:
        return ""
    return "\n".join(line for line in lines if line and not line.startswith(FRAME))
