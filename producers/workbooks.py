"""Rows of an .xlsx workbook's sheet as cells of text, read a row at a time.

Dates are dates, whole numbers have no fraction, and text is text, whatever it begins with. What the sheet computes or
has rounded is not what was recorded: a formula, an error or a number of more than 15 digits is a fault of its cell.
"""

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from ledger.errors import Misuse
from producers.records import CellRow, Note, UnreadableRows

MAGIC: Final = b"PK\x03\x04"
UNPACKED_BYTES_MAX: Final = 1 << 30
EXACT_BELOW: Final = 10**15
FORMULA: Final = "a formula; put its value in its place"
ERROR: Final = "an error of the spreadsheet; put a value in its place"
ROUNDED: Final = "a number that the spreadsheet has rounded; write it as text"
TIME: Final = "a time without a date"
DAMAGED: Final = "no workbook that can be read, or a damaged one: save it again as .xlsx, or as CSV UTF-8"

CellText = tuple[str, str | None]


class Workbook:
    """One sheet of a workbook.

    Args:
        stream: the file; seekable.
        sheet: the sheet's name; the only one that is not empty unless given.
        note: told which sheet is read where there are several.

    Raises:
        Misuse: it is no workbook, or it is not clear which sheet is meant.
    """

    def __init__(self, stream: BinaryIO, sheet: str | None, note: Note) -> None:
        self._book = _open_book(stream)
        self._sheet = _choose_sheet(self._book, sheet)
        if len(self._book.worksheets) > 1 and sheet is None:
            note("of the workbook's sheets the only one with rows was read")

    def read_rows(self) -> Iterator[CellRow | UnreadableRows]:
        """Read every row of the sheet from the first on; from where it is damaged, one that says so."""
        number = 0
        try:
            for number, row in enumerate(_read_sheet(self._sheet), 1):
                found = [_read_cell(cell) for cell in row]
                faults = {place: fault for place, (_, fault) in enumerate(found) if fault}
                yield CellRow(number, [text for text, _ in found], faults)
        except Exception:  # whatever a damaged file makes of the reader
            yield UnreadableRows(number + 1, number + 1, f"{DAMAGED}; nothing after row {number} was read")


def _open_book(stream: BinaryIO) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415  (a tenth of a second, for workbooks alone)

    try:
        with zipfile.ZipFile(stream) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked <= UNPACKED_BYTES_MAX:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and the like that are not read
                return load_workbook(stream, read_only=True, keep_links=False)
    except Exception:  # whatever a damaged file makes of the reader
        raise Misuse(DAMAGED) from None
    raise Misuse("the workbook unpacks to over a gigabyte: save the sheet as CSV UTF-8")


def _choose_sheet(book: Any, name: str | None) -> Any:
    if name is not None:
        for sheet in book.worksheets:
            if sheet.title == name:
                return sheet
        raise Misuse("no sheet of that name; see --sheet")
    filled = [sheet for sheet in book.worksheets if _has_rows(sheet)]
    if len(filled) > 1:
        raise Misuse(f"{len(filled)} sheets with rows: name one with --sheet")
    if not filled:
        raise Misuse("no sheet with rows")
    return filled[0]


def _has_rows(sheet: Any) -> bool:
    try:
        return any(cell.value is not None for row in _read_sheet(sheet) for cell in row)
    except Exception:  # as above; reading it says what is wrong
        return True


def _read_sheet(sheet: Any) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet.reset_dimensions()  # what a writer states of them may be wrong
        yield from sheet.iter_rows()


def _read_cell(cell: Any) -> CellText:
    """Read the cell's text, or what is wrong with it."""
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type in ("f", "e"):
        return "", FORMULA if cell.data_type == "f" else ERROR
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int | float):
        return _read_number(value)
    if isinstance(value, dt.date):
        return _spell_date(value, cell.number_format or ""), None
    return (value, None) if isinstance(value, str) else ("", TIME)


def _spell_date(value: dt.date, shown_as: str) -> str:
    """Spell a date; an instant, which has no zone here, where the sheet shows a time of day or there is one."""
    if isinstance(value, dt.datetime) and "h" not in shown_as.lower() and value.time() == dt.time():
        value = value.date()
    return value.isoformat()


def _read_number(value: float) -> CellText:
    if not abs(value) < EXACT_BELOW:  # also what is no number
        return "", ROUNDED
    return str(int(value) if value == int(value) else value), None
