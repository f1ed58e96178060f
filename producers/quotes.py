"""Rows of CSV by their numbers, also those that a stray quote swallows: each row is read, or said not to be.

A quoted cell may have line breaks, so a quote that is never closed, or closed rows later by another stray one, swallows
whole rows. They are counted, one a line, and reported; what looks like a row in the middle of a cell is such a row.
"""

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from typing import Final

from ledger.facts import DisruptionFact, ThreatFact
from producers.records import CellRow, UnreadableRows
from producers.texts import read_lines

ROW_CHARACTERS_MAX: Final = 100_000  # below csv's own bound of a cell; what keeps to the fields' bounds is far shorter
RECORD_NAMES: Final = frozenset({DisruptionFact.record, ThreatFact.record})
ROW_LIKE: Final = 0.75  # of the columns: a line with so many cells is no line of prose
NOT_A_ROW: Final = "not a row of CSV: see its quotes"
TOO_LONG: Final = f"the row is longer than {ROW_CHARACTERS_MAX:,} characters"
CUT_OFF: Final = "fewer cells than columns, and no line end: the file seems to be cut off here"


class RowTooLong(Exception):
    """The row being read is longer than any that could be sent."""


class LineFeed:
    """The lines of a table as ``csv.reader`` asks for them; remembers those of the row being read."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._lines = read_lines(text)
        self.held: list[str] = []
        self.ended = False
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        """Return the feed itself."""
        return self

    def __next__(self) -> str:
        """Return the next line.

        Raises:
            RowTooLong: the row has become too long.
        """
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.held.append(line.text)
        self._characters += len(line.text)
        if self._characters > ROW_CHARACTERS_MAX:
            raise RowTooLong
        return line.text

    def start_row(self) -> None:
        """Forget the lines of the row before."""
        self.held, self._characters = [], 0

    def count_lines(self) -> int:
        """Count the lines of the row; empty ones at the end of the file are none of it."""
        held = len(self.held)
        while self.ended and held > 1 and not self.held[held - 1].strip():
            held -= 1
        return held

    def count_rest(self) -> int:
        """Read to the end; return how many lines there were, empty ones at the end left out."""
        return max((seen for seen, line in enumerate(self._lines, 1) if line.text.strip()), default=0)


class QuotedRows:
    """The rows of a table after its header.

    Args:
        text: the table, from the line after the header on.
        delimiter: what parts its cells.
        header: names of its columns.
        number: the header's own.
    """

    def __init__(self, text: TextIOWrapper, delimiter: str, header: list[str], number: int) -> None:
        self._feed = LineFeed(text)
        self._rows = csv.reader(self._feed, delimiter=delimiter, strict=True)
        self._delimiter = delimiter
        self._header = header
        self._number = number

    def __iter__(self) -> Iterator[CellRow | UnreadableRows]:
        """Give each row, or rows that could not be read, in order; no number is left out."""
        while row := self._read_next():
            self._number = row.last if isinstance(row, UnreadableRows) else row.number
            yield row

    def _read_next(self) -> CellRow | UnreadableRows | None:
        self._feed.start_row()
        try:
            values = next(self._rows)
        except StopIteration:
            return None
        except RowTooLong:
            return self._refuse_long()
        except csv.Error:
            return self._refuse_torn()
        if any(map(self._looks_like_row, self._feed.held[1:])):
            return self._refuse_torn()
        if self._is_cut_off(values):
            return self._refuse_row(1, CUT_OFF)
        return CellRow(self._number + 1, values)

    def _refuse_row(self, lines: int, reason: str) -> UnreadableRows:
        return UnreadableRows(self._number + 1, self._number + lines, reason)

    def _refuse_long(self) -> UnreadableRows:
        if len(self._feed.held) == 1:
            return self._refuse_row(1, TOO_LONG)
        lines = len(self._feed.held) + self._feed.count_rest()
        return self._refuse_row(lines, f"{self._find_opened()} is not closed within {ROW_CHARACTERS_MAX:,} characters")

    def _refuse_torn(self) -> UnreadableRows:
        lines = self._feed.count_lines()
        if self._feed.ended:
            return self._refuse_row(lines, f"{self._find_opened()} is never closed")
        if lines == 1:
            return self._refuse_row(1, NOT_A_ROW)
        return self._refuse_row(lines, f"{self._find_opened()} is closed only in row {self._number + lines}")

    def _find_opened(self) -> str:
        return f"not sent, as the quote opened in row {self._number + 1}"

    def _looks_like_row(self, line: str) -> bool:
        """Tell whether a line in the middle of a cell is a row that the cell swallowed."""
        cells = [cell.replace('"', "").strip() for cell in line.split(self._delimiter)]
        return len(cells) >= max(2, ROW_LIKE * len(self._header)) or not RECORD_NAMES.isdisjoint(cells)

    def _is_cut_off(self, values: list[str]) -> bool:
        """Tell whether a row without line end is short of a cell: the last one of a file that was cut."""
        return bool(values) and self._feed.held[-1][-1] not in "\r\n" and len(values) < len(self._header)
