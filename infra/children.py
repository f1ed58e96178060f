"""Child processes that cannot outlive who started them: spawn, stop politely, kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LIFELINE = Path(__file__).parent / "lifeline.py"
STOP_TIMEOUT_SECONDS = 30.0
LARGEST_LOG_BYTES = 20_000_000


class Child(subprocess.Popen[bytes]):
    """A process of ours."""

    asked_to_stop = False


def spawn(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Child:
    """Start ``command``, its output appended to ``log``, in a session of its own (a terminal's Ctrl-C is not for it).

    The child is killed when the *thread* that called this ends: call it from the main thread or one that lives as long.
    """
    _make_room(log)
    tied = [sys.executable, "-I", "-S", str(LIFELINE), str(os.getpid()), *command]
    with log.open("ab") as output:
        return Child(
            tied,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=None if environment is None else {**os.environ, **environment},
        )


def _make_room(log: Path) -> None:
    """A log that has grown large makes way for a new one; one old one is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.old"))


def stop(child: Child, timeout_seconds: float = STOP_TIMEOUT_SECONDS) -> int:
    """Ask the child to end (SIGTERM), kill it if it does not; its exit code."""
    ask_to_stop(child)
    try:
        return child.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        return kill(child)


def ask_to_stop(child: Child) -> None:
    """SIGTERM, without waiting; once, as a second one means "at once" to a part that is finishing its work."""
    if child.poll() is None and not child.asked_to_stop:
        child.asked_to_stop = True
        child.send_signal(signal.SIGTERM)


def kill(child: Child) -> int:
    """SIGKILL, and wait until the child is gone."""
    if child.poll() is None:
        child.kill()
    return child.wait()
