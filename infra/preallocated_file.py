"""A small file that is written in place, so that it can be written while the disk is full.

Its room is taken when it is made. A reader that meets a half-written one reads nothing, and reads again.
"""

import json
import os
from pathlib import Path
from typing import Any


class PreallocatedFile:
    """One JSON object in ``size`` bytes, overwritten as often as one likes.

    Args:
        file: where; its directory is made if missing.
        size: bytes; what does not fit is not written.
    """

    def __init__(self, file: Path, size: int) -> None:
        self._file = file
        self._size = size
        self._descriptor: int | None = None

    def write(self, content: dict[str, Any]) -> bool:
        """Replace what it says; False where that cannot be done: there is no room, or no permission."""
        text = json.dumps(content).encode()
        if len(text) >= self._size:
            return False
        try:
            os.pwrite(self._open(), text.ljust(self._size - 1) + b"\n", 0)
        except OSError:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Let go of the file; what was written stays."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.ftruncate(self._descriptor, self._size)
            os.posix_fallocate(self._descriptor, 0, self._size)
        return self._descriptor


def read_json_object(file: Path) -> dict[str, Any]:
    """Return the JSON object in a file; empty where there is none, or it is torn, or it is no such thing."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
