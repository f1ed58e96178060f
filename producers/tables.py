"""Tables as rows: text with any of the usual separators and encodings, and workbooks; the header is found in both."""

from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from itertools import islice

from ledger.errors import Misuse
from producers.cells import SLASHED, TableRows, has_months_first, is_blank
from producers.columns import (
    HEADER_ROWS,
    NO_COLUMN,
    choose_header,
    find_layout,
    name_columns,
    note_header,
    split_strictly,
)
from producers.quotes import QuotedRows
from producers.records import CellRow, Note, ReadableRow, UnreadableRows, make_row
from producers.sources import InputSource, copy_to_disk
from producers.texts import UTF_8, find_encoding, open_text, read_lines, refuse_lost
from producers.workbooks import Workbook

MakeRows = Callable[[], Iterable[CellRow | UnreadableRows]]


def read_text_table(source: InputSource, note: Note) -> Iterator[ReadableRow | UnreadableRows]:
    """Read the rows of CSV and its kin. It is read twice: what its dates mean is known at its end.

    Raises:
        Misuse: it is no text, or it has no header.
    """
    encoding = find_encoding(source.head)
    if not encoding.startswith(UTF_8):
        note(f"text was read as {encoding.upper()}")
    text = open_text(source.stream if source.rewinds else copy_to_disk(source.stream), encoding)
    first = [line.text if line.whole else "" for line in islice(read_lines(text), HEADER_ROWS)]
    if not any(line.strip() for line in first):
        return
    layout = find_layout(first, note)
    try:
        names = split_strictly(first[layout.number - 1], layout.delimiter)
        refuse_lost("".join(names), encoding)
        columns = name_columns(names, note)
    except Misuse as refused:
        yield UnreadableRows(layout.number, layout.number, str(refused))
        return

    def make_rows() -> QuotedRows:
        _go_to_line(text, layout.number)
        return QuotedRows(text, layout.delimiter, names, layout.number)

    months_first = _has_slashes(text) and has_months_first(make_rows(), columns)
    yield from _make_drafts(make_rows, TableRows(columns, encoding, months_first, note))


def read_workbook(source: InputSource, sheet: str | None, note: Note) -> Iterator[ReadableRow | UnreadableRows]:
    """Read the rows of a workbook's sheet.

    Raises:
        Misuse: it is no workbook, it is not clear which sheet is meant, or that has no header.
    """
    rewinds = source.rewinds and not source.packed  # back and forth within gzip would take for ever
    book = Workbook(source.stream if rewinds else copy_to_disk(source.stream), sheet, note)
    number, names = _find_header(book)
    note_header(number, 1, note)
    try:
        columns = name_columns(names, note)
    except Misuse as refused:
        yield UnreadableRows(number, number, str(refused))
        return

    def make_rows() -> Iterator[CellRow | UnreadableRows]:
        return islice(book.read_rows(), number, None)

    yield from _make_drafts(make_rows, TableRows(columns, UTF_8, has_months_first(make_rows(), columns), note))


def _find_header(book: Workbook) -> tuple[int, list[str]]:
    rows = list(islice(book.read_rows(), HEADER_ROWS))
    found = choose_header([(row, row.values) for row in rows if isinstance(row, CellRow)])
    if found is None:
        raise Misuse(rows[-1].reason if rows and isinstance(rows[-1], UnreadableRows) else NO_COLUMN)
    return found.number, found.values


def _make_drafts(make_rows: MakeRows, table: TableRows) -> Iterator[ReadableRow | UnreadableRows]:
    for row in make_rows():
        if isinstance(row, UnreadableRows):
            yield row
        elif not is_blank(row):
            yield make_row(row.number, table.make_draft, row)


def _go_to_line(text: TextIOWrapper, number: int) -> None:
    """Go to where a line has ended."""
    text.seek(0)
    for _ in islice(read_lines(text), number):
        pass


def _has_slashes(text: TextIOWrapper) -> bool:
    text.seek(0)
    return any(SLASHED.search(line.text) for line in read_lines(text))
