"""A small disk of its own, where one can be mounted, and filling it; a directory that turns read-only."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILLER = "filler"


@contextmanager
def mount_disk(disk: Path, size: str) -> Iterator[str]:
    """Mount a file system in memory; gives why it cannot be, or nothing."""
    disk.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        yield mounted.stderr.strip() or "mount failed" if mounted.returncode else ""
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", "-l", str(disk)], check=False)


@contextmanager
def lock_directory(directory: Path) -> Iterator[str]:
    """Let nobody make anything anew under a directory; gives why that cannot be, or nothing. What is open stays so."""
    steps = (["--bind", str(directory), str(directory)], ["-o", "remount,bind,ro", str(directory)])
    done = [subprocess.run(["mount", *step], capture_output=True, text=True, check=False) for step in steps]
    try:
        yield next((one.stderr.strip() or "mount failed" for one in done if one.returncode), "")
    finally:
        if not done[0].returncode:
            subprocess.run(["umount", "-l", str(directory)], check=False)


def fill_disk(disk: Path, left_bytes: int = 0) -> Path:
    """Leave so many bytes of a disk, at most; the file that takes the rest. Others may write meanwhile."""
    filler = disk / FILLER
    with filler.open("wb") as file:
        taken = 0
        while (more := measure_free(disk) - left_bytes) > 0:
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), taken, more)
                taken += more
    return filler


def measure_free(disk: Path) -> int:
    """Bytes that are free."""
    room = os.statvfs(disk)
    return room.f_bavail * room.f_frsize
