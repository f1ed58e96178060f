"""Where rows come from: a file or standard input, perhaps packed by gzip, as bytes of which the first are known.

What a file is, is told by its first bytes before its name: names are given by people.
"""

import errno
import gzip
import io
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from ledger.errors import Misuse, Unavailable

STDIN: Final = Path("-")
HEAD_BYTES: Final = 64
GZIP_MAGIC: Final = b"\x1f\x8b"
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
DAMAGED: Final = (EOFError, zlib.error, gzip.BadGzipFile)  # what reading raises where a packed file is
CUT_OFF: Final = "the compressed file is damaged or cut off here: nothing after this was read"


class InputSource(NamedTuple):
    """Bytes from their beginning, and the first of them; ``rewinds`` when they can be read again."""

    stream: BinaryIO
    head: bytes
    packed: bool
    rewinds: bool


class RejoinedStream(io.RawIOBase):
    """A stream whose first bytes were read already, from its beginning."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """Answer yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what is there; 0 at the end."""
        size = len(buffer)
        found, self._head = self._head[:size], self._head[size:]
        found = found or cast(io.BufferedReader, self._rest).read1(size)
        buffer[: len(found)] = found
        return len(found)


@contextmanager
def open_source(path: Path) -> Iterator[InputSource]:
    """Open a file, or standard input for ``-``; unpacks gzip, whatever the file is called.

    Raises:
        Misuse: there is no standard input.
    """
    with ExitStack() as stack:
        stream = open_stdin() if path == STDIN else stack.enter_context(path.open("rb"))
        rewinds = path != STDIN and stream.seekable()
        stream, head = _look_at(stream, rewinds)
        packed = head.startswith(GZIP_MAGIC)
        if packed:
            unpacked = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=stream)))
            stream, head = _look_at(unpacked, rewinds)
        yield InputSource(stream, head, packed, rewinds)


def copy_to_disk(stream: BinaryIO) -> BinaryIO:
    """Copy what can be read only once to a temporary file, from its beginning.

    Raises:
        Unavailable: the disk is full.
    """
    copy = tempfile.TemporaryFile()  # noqa: SIM115  (it has no name, and ends with its last reader)
    try:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise Unavailable(
            f"no room in {tempfile.gettempdir()} for a copy of what is read; set TMPDIR to a directory that has"
        ) from None
    return cast(BinaryIO, copy)


def open_stdin() -> BinaryIO:
    """Open standard input.

    Raises:
        Misuse: it is closed.
    """
    if sys.stdin is None:
        raise Misuse("-: standard input is closed; give it a file or a pipe, or name a file")
    return sys.stdin.buffer


def _look_at(stream: BinaryIO, rewinds: bool) -> tuple[BinaryIO, bytes]:
    """Return the stream from its beginning, and its first bytes."""
    head = stream.read(HEAD_BYTES)
    if rewinds:
        stream.seek(0)
        return stream, head
    return cast(BinaryIO, io.BufferedReader(RejoinedStream(head, stream))), head
