"""One process at a time may have the engine's directory open: two would each write what the other never sees.

The engine in process does not see to it itself (tried: a second process opens the directory without a word), so a lock
of the operating system does, which ends with its process however that ends.
"""

import fcntl
import os
from pathlib import Path

from ledger.errors import Misuse


class Hold:
    """The lock on a directory, from here until ``release``.

    Raises:
        Misuse: somebody else has it.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = os.open(directory / "held.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Misuse(
                f"the store in {directory} is open in another process (the read API of a running `up`?): "
                "ask that, or stop it first"
            ) from None

    def release(self) -> None:
        """Let somebody else have it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
