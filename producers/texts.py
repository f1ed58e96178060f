"""Bytes to lines of text, whatever a spreadsheet wrote them in; memory is bounded by the longest line allowed."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from ledger.errors import Misuse

LINE_CHARACTERS_MAX: Final = 1_000_000
LOST: Final = "\ufffd"  # what stands for bytes that UTF-16 cannot be made of
UTF_8: Final = "utf-8"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TextLine(NamedTuple):
    """A line with its end, by its number from 1; of one that is too long, the first part and ``whole`` False."""

    number: int
    text: str
    whole: bool


def find_encoding(head: bytes) -> str:
    """Find the encoding that a file's first bytes state; UTF-8 unless they state another.

    Raises:
        Misuse: it is an encoding that nothing states.
    """
    stated = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if stated is None and b"\0" in head:
        raise Misuse("neither text in UTF-8 nor a workbook; save it as CSV UTF-8, as .xlsx, or as NDJSON")
    return stated or UTF_8


def open_text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Open a text with its line ends as they are; what is no text in the encoding is left for ``refuse_lost`` to
    find.
    """
    errors = "surrogateescape" if encoding.startswith(UTF_8) else "replace"
    return io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")


def refuse_lost(text: str, encoding: str) -> None:
    """Refuse text that has bytes in it which the encoding cannot have.

    Raises:
        Misuse: says which encoding was expected, and the likely one.
    """
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Misuse("not UTF-8, perhaps Windows-1252: save the file as CSV UTF-8") from None
    if LOST in text and not encoding.startswith(UTF_8):
        raise Misuse(f"not whole {encoding.upper()}: save the file as CSV UTF-8")


def write_utf_8(text: str, encoding: str) -> bytes:
    """Write text that was read in an encoding, in UTF-8.

    Raises:
        Misuse: as ``refuse_lost``, but of bytes that are no UTF-8 in a file of it, which stay as they are.
    """
    if not encoding.startswith(UTF_8):
        refuse_lost(text, encoding)
    return text.encode(errors="surrogateescape")


def read_lines(text: io.TextIOWrapper) -> Iterator[TextLine]:
    """Read the lines from here to the end; a line beyond ``LINE_CHARACTERS_MAX`` is cut, and its rest passed over."""
    number = 0
    while line := text.readline(LINE_CHARACTERS_MAX):
        number += 1
        whole = len(line) < LINE_CHARACTERS_MAX or line[-1] in "\r\n"
        yield TextLine(number, line, whole)
        rest = line
        while len(rest) == LINE_CHARACTERS_MAX and rest[-1] not in "\r\n":
            rest = text.readline(LINE_CHARACTERS_MAX)
