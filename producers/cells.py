"""One row of a table to a draft: cells as spreadsheets write them, taken where they can mean one thing only."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from ledger.errors import Misuse
from producers.drafts import Draft
from producers.records import CellRow, Note, UnreadableRows
from producers.rows import read_cells
from producers.texts import refuse_lost

DATES: Final = frozenset({"event_date", "assessed_on", "entered_at"})
NUMBERS: Final = frozenset({"version", "source_sequence", "tier"})
MONTHS: Final = 12
SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_WHOLE: Final = re.compile(r"(-?\d+)\.0+")
_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})


class TableRows:
    """Rows of one table as drafts.

    Args:
        columns: the field of each column.
        encoding: what the file's text was decoded from.
        months_first: some date of the table can only be month/day/year.
        note: told of what was read otherwise than it stands there.
    """

    def __init__(self, columns: list[str], encoding: str, months_first: bool, note: Note) -> None:
        self._columns = columns
        self._encoding = encoding
        self._months_first = months_first
        self._note = note

    def make_draft(self, row: CellRow) -> Draft:
        """Make the draft of a row. Raises Misuse with the field and the remedy."""
        refuse_lost("".join(row.values), self._encoding)
        for place, fault in row.faults.items():
            raise Misuse(f"{self._name_column(place)}: {fault}")
        if any(cell.strip() for cell in row.values[len(self._columns) :]):
            raise Misuse("more cells than columns: quote a cell that has a comma")
        named = zip(self._columns, row.values, strict=False)
        return read_cells({name: self._read_cell(name, cell.strip()) for name, cell in named}, self._note)

    def _name_column(self, place: int) -> str:
        return (self._columns[place] if place < len(self._columns) else "") or "a cell"

    def _read_cell(self, name: str, cell: str) -> str:
        if cell in _ERRORS:
            raise Misuse(f"{name}: an error of the spreadsheet; put a value in its place")
        if name in DATES and (slashed := SLASHED.fullmatch(cell)):
            return self._read_slashed(name, *map(int, slashed.groups()))
        if name in NUMBERS and (whole := _WHOLE.fullmatch(cell)):
            return whole[1]
        if "+" in cell and _SHORTENED.fullmatch(cell):
            raise Misuse(f"{name}: a number that a spreadsheet has shortened; write it out, as text")
        return cell

    def _read_slashed(self, name: str, day: int, month: int, year: int) -> str:
        if self._months_first:
            raise Misuse(f"{name}: not all dates with slashes here are day/month/year; write it as 2022-07-01")
        try:
            found = date(year, month, day)
        except ValueError:
            raise Misuse(f"{name}: not a date such as 2022-07-01, nor 01/07/2022 for the first of July") from None
        self._note(f"dates with slashes in {name} were read as day/month/year")
        return found.isoformat()


def has_months_first(rows: Iterable[CellRow | UnreadableRows], columns: list[str]) -> bool:
    """Tell whether a date of the table can only be month/day/year: then none with slashes says which it is."""
    places = [place for place, name in enumerate(columns) if name in DATES]
    for row in rows:
        for cell in (row.values[place] for place in places if isinstance(row, CellRow) and place < len(row.values)):
            slashed = SLASHED.fullmatch(cell.strip())
            if slashed and int(slashed[1]) <= MONTHS < int(slashed[2]):
                return True
    return False


def is_blank(row: CellRow) -> bool:
    """Tell whether a row has nothing in it."""
    return not row.faults and not any(cell.strip() for cell in row.values)
