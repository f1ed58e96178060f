"""The log of reads (Data Protection Act 2018 s.62): who asked what and when, whichever way the answer went out.

One file, ``logs/reads.log`` under the state directory, one JSON object a line. The read API writes it for whoever asks
it, the command line where it asks a server's store itself. A line holds no value of a record beyond the filters asked
for. What cannot be written down is not answered. The file is opened for each line, so it may be moved away at any time;
it is never thrown away here.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from ledger.errors import Unavailable
from ledger.instants import format_instant

FILE: Final = Path("logs") / "reads.log"  # under the state directory
READER_LONGEST_CHARACTERS: Final = 64
UNLOGGED: Final = frozenset({"health", "invariants", "live", "positions", "ready", "/metrics"})
"""They say how far the ledger has come, and of no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One question.

    Args:
        reader: who asked, by their own word: on loopback nobody else can.
        via: the address that asked the read API, or ``store`` for one that was asked directly.
        question: as the read API's paths have it, without ``/v1/``.
        filters: what was asked for, by name.
    """

    reader: str
    via: str
    question: str
    filters: Mapping[str, Any]


class ReadLog:
    """The log of reads of one state directory."""

    def __init__(self, state: Path) -> None:
        self._file = state / FILE

    def note_read(self, read: Read, *, status: int, seconds: float) -> None:
        """Write one read down: with the status that the read API answers, and how long the answer took.

        Raises:
            Unavailable: the line could not be written; nothing may be answered.
        """
        if read.question in UNLOGGED:
            return
        line = {
            "at": format_instant(datetime.now(UTC)),
            **asdict(replace(read, reader=read.reader[:READER_LONGEST_CHARACTERS], filters=dict(read.filters))),
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        self._append_line(json.dumps(line).encode() + b"\n")

    def _append_line(self, line: bytes) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab", buffering=0) as file:
                written = file.write(line)
        except OSError as error:
            raise self._explain_unwritten(os.strerror(error.errno or 0)) from None
        if written != len(line):
            raise self._explain_unwritten("no room")

    def _explain_unwritten(self, why: str) -> Unavailable:
        return Unavailable(f"the log of reads {self._file} cannot be written ({why}): no read is answered without it")


def encode_reader(name: str) -> str:
    """Return a reader's name as a header can carry it: percent-encoded, without loss."""
    return quote(name, safe="", errors="surrogateescape")


def decode_reader(header: str) -> str:
    """Return the name that ``encode_reader`` was given; bytes of it that are no text are spelled out."""
    return unquote(header, errors="backslashreplace")
