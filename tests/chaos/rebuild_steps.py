"""Says, in the processes of a whole, which step of a rebuild each has reached, and waits there for whoever strikes it.

``name_steps(directory)`` is the environment of a whole whose processes read ``tests/chaos/stepped/sitecustomize.py`` as
they start. A process that reaches the step which the file ``trap`` names says so in the file ``held``, and waits until
the trap is gone. So a strike falls where its seed says, on however slow a machine. The product has no switch for it.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.chaos.breaks import load_modules
from tests.chaos.rebuild_breaks import break_rebuild

STEPS, BROKEN = "CHAOS_STEPS", "CHAOS_BROKEN_STEP"
HERE: Final = Path(__file__).parent
HELD_SECONDS: Final = 5.0  # less than a supervisor takes for a hang
LOOK_SECONDS: Final = 0.005
WRITE_RECORDS: Final = 50  # so that a build has many writes to be killed between
GRACE_SECONDS: Final = 0.5  # nobody reads for longer here

LOADING: Final = ("database made", "tables made", "write begun", "postings written", "rows written", "progress noted")
ASKING: Final = ("followed", "compared")
SWITCHING: Final = (
    *("certificate held", "parts stopped", "covered", "build stopped", "feeds finished"),
    *("row written", "shown", "parts started"),
)
DROPPING: Final = ("forgotten", "tables dropped", "dropped")


class Trap(NamedTuple):
    """Where a process is to wait: at a step, once so many rows of a build are written by it."""

    step: str
    rows: int = 0


class Held(NamedTuple):
    """Who waits, and where."""

    pid: int
    step: str


class StepFiles:
    """The files by which an outsider and the processes speak."""

    def __init__(self, directory: Path) -> None:
        self._trap, self._held = directory / "trap", directory / "held"

    def set_trap(self, trap: Trap) -> None:
        """Let whoever reaches it wait."""
        self._held.unlink(missing_ok=True)
        replace_text(self._trap, f"{trap.rows} {trap.step}")

    def clear_trap(self) -> None:
        """Let it go on."""
        self._trap.unlink(missing_ok=True)

    def is_trap(self, step: str, rows: int) -> bool:
        """Tell whether to wait here."""
        try:
            least, _, named = self._trap.read_text().partition(" ")
        except FileNotFoundError:
            return False
        return named == step and rows >= int(least)

    def note_held(self, step: str) -> None:
        """Note that this process waits."""
        replace_text(self._held, f"{os.getpid()} {step}")

    def read_held(self) -> Held | None:
        """Read who waits; None while nobody does."""
        try:
            pid, _, step = self._held.read_text().partition(" ")
        except FileNotFoundError:
            return None
        return Held(int(pid), step)


class StepTrace:
    """The steps of one process."""

    def __init__(self, directory: Path) -> None:
        self._files = StepFiles(directory)
        self._lock = threading.Lock()
        self.rows = 0  # of a build, that this process has written
        self.builds = threading.local()  # whether this thread writes what is being built

    def reach_step(self, step: str, rows: int = 0) -> None:
        """Say that a step was reached, and wait where somebody wants it."""
        if not self._files.is_trap(step, rows):
            return
        with self._lock:
            self._files.note_held(step)
            deadline = time.monotonic() + HELD_SECONDS
            while self._files.is_trap(step, rows) and time.monotonic() < deadline:
                time.sleep(LOOK_SECONDS)

    def note_after(self, owner: Any, name: str, step: str) -> None:
        """Reach a step whenever this function has done its work."""
        sound = getattr(owner, name)

        @wraps(sound)
        def call_sound(*given: Any, **named: Any) -> Any:
            found = sound(*given, **named)
            self.reach_step(step)
            return found

        setattr(owner, name, call_sound)


def name_steps(directory: Path, broken: str = "") -> dict[str, str]:
    """Return what the environment of such a whole has beside others; ``broken``: the step that is taken out."""
    path = os.pathsep.join((str(HERE / "stepped"), str(HERE.parents[1])))
    return {STEPS: str(directory), BROKEN: broken, "PYTHONPATH": path}


def trace_process(environment: Mapping[str, str] = os.environ) -> None:
    """Trace this process, where it is one that a rebuild is made by; break it first, where a break is named."""
    programs: dict[str, Callable[[StepTrace], None]] = {"services.store": trace_service, "rebuild": trace_command}
    for program, trace_program in programs.items():
        if program in sys.orig_argv[1:]:
            trace = StepTrace(Path(environment[STEPS]))
            trace_program(trace)
            break_rebuild(environment[BROKEN], program, trace.reach_step)


def trace_command(trace: StepTrace) -> None:
    """Trace what somebody typed."""
    (command,) = load_modules("cli.audit_rebuild")
    trace.note_after(command, "await_following", "followed")
    trace.note_after(command, "compare_next", "compared")


def trace_service(trace: StepTrace) -> None:
    """Trace what builds, switches and drops."""
    rebuild, build, loading = load_modules("services.rebuild", "services.table_build", "services.loading")
    generations, store, gathering = load_modules("sinks.generations", "sinks.store", "sinks.gathering")
    gathering.RECORDS_MOST = WRITE_RECORDS
    rebuild.GRACE_SECONDS = GRACE_SECONDS
    trace.note_after(rebuild, "make_database", "database made")
    trace.note_after(build, "migrate_anew", "tables made")
    trace.note_after(rebuild, "hold_certificate", "certificate held")
    trace.note_after(loading.LoadingParts, "stop", "parts stopped")
    trace.note_after(build.TableBuild, "await_cover", "covered")
    trace_switch(trace, rebuild.Rebuild)
    trace.note_after(build.TableBuild, "finish_feeds", "feeds finished")
    trace.note_after(rebuild, "show_built", "row written")
    trace.note_after(store.Store, "switch_to", "shown")
    trace.note_after(loading.LoadingParts, "start", "parts started")
    trace.note_after(rebuild, "forget_previous", "forgotten")
    trace.note_after(generations, "_drop_generation", "tables dropped")
    trace.note_after(rebuild, "drop_unnamed", "dropped")
    trace_writes(trace)


def trace_switch(trace: StepTrace, rebuild: Any) -> None:
    """Trace that a switch stops the build: to begin one, or to cancel it, stops one too, and is no step of a switch."""
    switch, stop = rebuild.switch_tables, rebuild._stop_build
    switches = threading.local()

    def switch_and_note(self: Any, *given: Any) -> Any:
        switches.now = True
        try:
            return switch(self, *given)
        finally:
            switches.now = False

    def stop_and_trace(self: Any) -> None:
        stop(self)
        if getattr(switches, "now", False):
            trace.reach_step("build stopped")

    rebuild.switch_tables, rebuild._stop_build = switch_and_note, stop_and_trace


def trace_writes(trace: StepTrace) -> None:
    """Trace what the loader of a build writes, and count its rows."""
    session, store = load_modules("sinks.session", "sinks.store")
    write_batch, run_session = session.LoaderSession._write_batch, session.LoaderSession.run
    insert_avro = store.Store.insert_avro

    def write_and_trace(self: Any, batch: Any) -> Any:
        trace.builds.now = self._role.is_aside
        if trace.builds.now:
            trace.reach_step("write begun", trace.rows)
        found = write_batch(self, batch)
        if trace.builds.now:
            trace.rows += len(batch.records)
            trace.reach_step("rows written", trace.rows)
        return found

    def insert_and_trace(self: Any, table: str, *given: Any) -> None:
        insert_avro(self, table, *given)
        if table == "arrivals" and getattr(trace.builds, "now", False):
            trace.reach_step("postings written", trace.rows)

    def run_and_trace(self: Any, stop: Any) -> None:
        progress, save_progress = self._progress, self._progress.save_progress

        def save_and_trace(**given: Any) -> None:
            before = progress._saved_at
            save_progress(**given)
            if progress._saved_at != before:
                trace.reach_step("progress noted", trace.rows)

        if self._role.is_aside:
            progress.save_progress = save_and_trace
        run_session(self, stop)

    session.LoaderSession._write_batch = write_and_trace
    session.LoaderSession.run = run_and_trace
    store.Store.insert_avro = insert_and_trace


def replace_text(path: Path, text: str) -> None:
    """Put a text in place of another at once: whoever reads finds the one or the other."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(text)
    beside.replace(path)
