"""Lines of NDJSON as rows; a file that is one JSON document over many lines is refused once, not line by line."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec

from producers.drafts import Draft
from producers.records import Note, ReadableRow, UnreadableRows, make_row
from producers.rows import ARRAY, read_json
from producers.sources import InputSource
from producers.texts import LINE_CHARACTERS_MAX, UTF_8, find_encoding, open_text, read_lines, write_utf_8

MARK: Final = "\ufeff"  # of byte order: also within a file that was joined from several
TOO_LONG: Final = f"the line is longer than {LINE_CHARACTERS_MAX:,} characters"
PRETTY: Final = "a JSON record over several lines: write one whole record a line"
NOTHING_SENT: Final = "; nothing of this file was sent"


def read_json_lines(source: InputSource, note: Note) -> Iterator[ReadableRow | UnreadableRows]:
    """Read the rows of NDJSON in their order, one at a time, as they come.

    Raises:
        Misuse: it is no text.
    """
    encoding = find_encoding(source.head)
    if not encoding.startswith(UTF_8):
        note(f"text was read as {encoding.upper()}")
    make = partial(_make_draft, encoding=encoding, note=note)
    first = True
    for line in read_lines(open_text(source.stream, encoding)):
        text = line.text.strip().removeprefix(MARK)
        if not text:
            continue
        if first and (fault := _find_document(text)):
            yield UnreadableRows(line.number, line.number, fault + NOTHING_SENT)
            return
        first = False
        if line.whole:
            yield make_row(line.number, make, text)
        else:
            yield UnreadableRows(line.number, line.number, TOO_LONG)


def _make_draft(text: str, encoding: str, note: Note) -> Draft:
    return read_json(write_utf_8(text, encoding), note)


def _find_document(text: str) -> str | None:
    """Tell what a file is that goes on with one JSON value over several lines; None when its first line is a line."""
    if text[0] not in "[{" or (text[0] == "{" and text[-1] not in "{[,:"):
        return None
    try:
        msgspec.json.decode(text.rstrip(",").encode(errors="surrogateescape"))  # a comma after a record is its line's
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ARRAY if text[0] == "[" else PRETTY
    return None
