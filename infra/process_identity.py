"""Which process a number means: numbers are used again, so a process is known by when it and its machine began."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_FIELD = 19  # of /proc/PID/stat, counted after the command's closing bracket


class ProcessIdentity(NamedTuple):
    """A process that no other one can be taken for."""

    pid: int
    started: str  # the kernel's own ticks where it tells them: they do not change with the clock
    boot: str


def identify_process(pid: int) -> ProcessIdentity | None:
    """Return the process that has this number now, or None."""
    started = _read_start(pid)
    return None if started is None else ProcessIdentity(pid, started, _read_boot())


def find_recorded_process(recorded: Any) -> psutil.Process | None:
    """Return the process recorded as ``ProcessIdentity._asdict``, if it still runs and is the same one."""
    try:
        wanted = ProcessIdentity(int(recorded["pid"]), str(recorded["started"]), str(recorded["boot"]))
        return psutil.Process(wanted.pid) if identify_process(wanted.pid) == wanted else None
    except (KeyError, TypeError, ValueError, psutil.Error):
        return None


def _read_start(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[START_FIELD]
    except (OSError, IndexError):
        return _ask_start(pid)


def _ask_start(pid: int) -> str | None:
    try:
        return str(psutil.Process(pid).create_time())
    except (psutil.Error, ValueError):
        return None


def _read_boot() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return f"{os.uname().nodename} {psutil.boot_time():.0f}"
