"""What is left of an output that cannot be written: nothing that would end the process by a code of Python's own."""

import os
import sys
from typing import Any


def drop_output(file: Any) -> None:
    """Let go of an output that cannot be written: what is still to be flushed, now or at the end, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file.fileno())
    os.close(nowhere)


def flush_errors() -> None:
    """Write what standard error still holds; nowhere, where that fails.

    Python ends with 120 where it cannot flush a standard stream at its end, whatever was to be the exit code.
    """
    try:
        sys.stderr.flush()
    except OSError:
        drop_output(sys.stderr)
