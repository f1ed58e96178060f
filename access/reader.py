"""Who asks, and the log of what they read from a server's store themselves."""

import getpass
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from access.reads import Read, ReadLog, decode_reader, encode_reader
from ledger.errors import Misuse, Unavailable

STORE = "store"


def find_reader() -> str:
    """Return the login name, as text whatever its bytes; the number of a user that has none."""
    try:
        return decode_reader(encode_reader(getpass.getuser()))
    except (KeyError, OSError):  # an account without a name: containers, or a directory service that is away
        return f"uid {os.getuid()}"


class DirectReads:
    """Notes for the log of reads under ``state`` where no read API stands between the reader and the store."""

    def __init__(self, state: Path) -> None:
        self._log = ReadLog(state)
        self._reader = find_reader()

    @contextmanager
    def note_question(self, question: str, filters: dict[str, str]) -> Iterator[None]:
        """Note the read that the block is, answered or refused, with the status that the read API would give.

        Raises:
            Unavailable: it cannot be written down; what the block found must not be shown.
        """
        started, status = time.perf_counter(), 500
        try:
            yield
            status = 200
        except Misuse:
            status = 400
            raise
        except Unavailable:
            status = 503
            raise
        finally:
            seconds = time.perf_counter() - started
            read = Read(reader=self._reader, via=STORE, question=question, filters=filters)
            self._log.note_read(read, status=status, seconds=seconds)
