"""Locks on directories: one process at a time works in one, and a lock ends with its process, however that ends.

The lock is the kernel's, on an open file; that the file exists says nothing. What it holds, the number of the process
that has it, is for people.
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ledger.errors import Misuse, Unavailable

HOLDER_BYTES = 20


class DirectoryLock:
    """A lock held from here until ``release``, or for as long as a ``with`` block lasts.

    Args:
        file: the lock file; made, with its directory, if it is missing.
        describe: makes the sentence for who comes second, of the number of the process that has the lock.

    Raises:
        Misuse: another has it.
        Unavailable: the file system locks nothing.
        OSError: the file cannot be made or opened.
    """

    def __init__(self, file: Path, describe: Callable[[str], str]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            taken = try_lock(self._descriptor)
        except OSError as error:
            self.release()
            raise Unavailable(f"{file} cannot be locked: {error.strerror}") from None
        if not taken:
            holder = os.pread(self._descriptor, HOLDER_BYTES, 0).decode(errors="replace").strip()
            self.release()
            raise Misuse(describe(holder or "unknown"))
        self._name_holder()

    def __enter__(self) -> Self:
        """Hold it for a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let it go at the end of the block."""
        self.release()

    def release(self) -> None:
        """Let another have it; once it is let go, this does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _name_holder(self) -> None:
        with suppress(OSError):  # the disk may be full
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)


def is_locked(file: Path) -> bool:
    """Return whether somebody has the lock, or whether that cannot be seen; False where there is no such file."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Lock an open file; False when somebody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
