"""Files as people have them, as rows that can be sent: each by its number, or why it cannot be.

What is unambiguous is taken, and said; the rest is refused. Memory is bounded by a row, whatever the file is.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from ledger.errors import Misuse
from producers.lines import read_json_lines
from producers.records import Note, ReadableRow, UnreadableRows
from producers.sources import CUT_OFF, DAMAGED, InputSource, open_source
from producers.tables import read_text_table, read_workbook
from producers.texts import find_encoding
from producers.workbooks import MAGIC

FORMS: Final = ("csv", "tsv", "ndjson", "xlsx")
NO_SHEETS: Final = "no workbook, so it has no sheets; leave --sheet away"
_LINES: Final = frozenset({".ndjson", ".jsonl", ".json"})
_FOREIGN: Final = {
    b"\xd0\xcf\x11\xe0": "an old .xls workbook, or one with a password: save it as .xlsx, or as CSV UTF-8",
    b"%PDF": "a PDF: give the table that it was made from, as .xlsx or CSV UTF-8",
}


class ReadOptions(NamedTuple):
    """How a file shall be read where it does not say it itself: one of ``FORMS``, and a workbook's sheet."""

    form: str | None = None
    sheet: str | None = None


def read_file(path: Path, wanted: ReadOptions, note: Note) -> Iterator[ReadableRow | UnreadableRows]:
    """Read the rows of a file in their order, one at a time.

    Args:
        path: the file; ``-`` is standard input.
        wanted: how it shall be read.
        note: told, in a sentence, of what was taken otherwise than it stands in the file.

    Raises:
        Misuse: the file cannot be opened or read.
    """
    last = 0
    try:
        with open_source(path) as source, closing(_read_source(path, source, wanted, note)) as rows:
            for row in rows:
                last = row.last if isinstance(row, UnreadableRows) else row.number
                yield row
    except DAMAGED:
        yield UnreadableRows(last + 1, last + 1, CUT_OFF)
    except OSError as error:
        raise Misuse(f"{path}: {error.strerror or 'cannot be read'}") from None


def _read_source(
    path: Path, source: InputSource, wanted: ReadOptions, note: Note
) -> Generator[ReadableRow | UnreadableRows]:
    if source.packed:
        note("the file was unpacked by gzip")
    try:
        form = wanted.form or _find_form(path, source.head)
        if form == "xlsx":
            yield from read_workbook(source, wanted.sheet, note)
        elif wanted.sheet is not None:
            yield UnreadableRows(1, 1, NO_SHEETS)
        elif form == "ndjson":
            yield from read_json_lines(source, note)
        else:
            yield from read_text_table(source, note)
    except Misuse as refused:
        yield UnreadableRows(1, 1, str(refused))


def _find_form(path: Path, head: bytes) -> str:
    """Find the form by the first bytes, then by the name; a table when neither says."""
    for magic, reason in _FOREIGN.items():
        if head.startswith(magic):
            raise Misuse(reason)
    if head.startswith(MAGIC):
        return "xlsx"
    if _is_json_begun(head):
        return "ndjson"
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return "ndjson" if suffixes and suffixes[-1] in _LINES else "csv"


def _is_json_begun(head: bytes) -> bool:
    text = head.decode(find_encoding(head), errors="ignore").strip("\ufeff \t\r\n")
    return text[:1] in ("{", "[")
