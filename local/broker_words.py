"""What a broker says as it ends: what it could have no more of, with what to do, and the last error of its own log.

A Java machine that cannot have what it needs says so in the log of its broker, or on its console, or in both.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

TAIL_BYTES: Final = 20_000
SENTENCE_CHARACTERS: Final = 300
ERROR_LINE: Final = re.compile(r" (?:ERROR|FATAL) +(?P<said>.*)(?:\n[\w.$]+(?:Exception|Error): (?P<why>.*))?")
NO_MEMORY: Final = "it may have no more memory: raise the limit, or give it more"
LACKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Too many open files": "it may open no more files: raise `ulimit -n`",
        "OutOfMemoryError": NO_MEMORY,
        "insufficient memory for the Java Runtime": NO_MEMORY,
        "No space left on device": "its disk is full: make room",
    }
)
"""By what a Java machine says of it, what it lacks."""


def measure_log(log: Path) -> int:
    """Measure a log, so that the next life's part of it is known."""
    return log.stat().st_size if log.exists() else 0


def read_life(log: Path, began: int) -> str:
    """Read the end of a log past ``began``; of the whole log where it was rolled."""
    try:
        written = log.read_bytes()
    except OSError:
        return ""
    return written[began if len(written) >= began else 0 :][-TAIL_BYTES:].decode(errors="replace")


def tell_end(own: str, console: str) -> str:
    """Tell how a life ended, by the log of the broker and by its console; empty where neither says."""
    lack = next((what for sign, what in LACKS.items() if sign in own or sign in console), "")
    return ": ".join(filter(None, (lack, find_last_error(own))))[:SENTENCE_CHARACTERS]


def find_last_error(text: str) -> str:
    """Find the last error of a log, with its exception's sentence."""
    errors = [": ".join(filter(None, found.group("said", "why"))) for found in ERROR_LINE.finditer(text)]
    return errors[-1] if errors else ""
