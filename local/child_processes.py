"""Child processes that cannot outlive who started them: spawn, stop politely, kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

DIE_WITH_PARENT = Path(__file__).parent / "die_with_parent.py"
MARK = "DISRUPTIONS_CHILD_OF"  # in the environment of what `up` starts: the state directory that it serves
STOP_TIMEOUT_SECONDS = 30.0
KILL_TIMEOUT_SECONDS = 10.0  # what a dead disk holds in the kernel ends later, or never
LARGEST_LOG_BYTES = 20_000_000


class ChildProcess(subprocess.Popen[bytes]):
    """A process of ours."""

    asked_to_stop = False


def spawn_child(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None, directory: Path | None = None
) -> ChildProcess:
    """Start ``command``, its output appended to ``log``, in a session of its own (a terminal's Ctrl-C is not for it).

    The child is killed when the *thread* that called this ends: call it from the main thread or one that lives as long.
    A log that cannot be opened (a full disk) is done without. ``directory`` is the child's working directory.
    """
    tied = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid()), *command]
    output = _open_log(log)
    try:
        return ChildProcess(
            tied,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=directory,
            env=None if environment is None else {**os.environ, **environment},
        )
    finally:
        if not isinstance(output, int):
            output.close()


def _open_log(log: Path) -> IO[bytes] | int:
    try:
        _make_room(log)
        return log.open("ab")
    except OSError:
        return subprocess.DEVNULL


def _make_room(log: Path) -> None:
    """Move a log that has grown large out of the way of a new one; one old one is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.old"))


def stop_child(child: ChildProcess, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> int:
    """Ask the child to end (SIGTERM), kill it if it does not; return its exit code."""
    ask_to_stop(child)
    try:
        return child.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        return kill_child(child)


def ask_to_stop(child: ChildProcess) -> None:
    """Send SIGTERM, without waiting; once, as a second means "at once" to a part that is finishing its work.

    A process that was halted (SIGSTOP) is let go on, or it would never hear.
    """
    if child.poll() is None and not child.asked_to_stop:
        child.asked_to_stop = True
        child.send_signal(signal.SIGTERM)
        child.send_signal(signal.SIGCONT)


def kill_child(child: ChildProcess) -> int:
    """Send SIGKILL, and wait until the child is gone."""
    if child.poll() is None:
        child.kill()
        with suppress(subprocess.TimeoutExpired):
            return child.wait(KILL_TIMEOUT_SECONDS)
    code = child.poll()
    return -signal.SIGKILL if code is None else code


class OwnsChild:
    """What owns one child process at a time: what of owning is the same whatever the process is."""

    __slots__ = ()
    _child: ChildProcess | None

    @property
    def exit_code(self) -> int | None:
        """How its last process ended; None while it runs or before the first."""
        return None if self._child is None else self._child.poll()

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def ask_to_stop(self) -> None:
        """Send SIGTERM, without waiting."""
        if self._child is not None:
            ask_to_stop(self._child)

    def stop(self, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> None:
        """Send SIGTERM and wait; SIGKILL if it does not end in time."""
        if self._child is not None:
            stop_child(self._child, timeout_seconds)

    def kill(self) -> None:
        """Send SIGKILL, as a power cut of the process would be, and wait until it is gone."""
        if self._child is not None:
            kill_child(self._child)
