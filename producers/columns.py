"""Which row of a table names its columns, what parts its cells, and which field each column is."""

import csv
import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from ledger.errors import Misuse
from ledger.events import DisruptionEvent, ThreatEvent
from producers.quotes import NOT_A_ROW
from producers.records import Note

Found = TypeVar("Found")
LEAST_FIELDS: Final = 3  # a title may have a word that is a column's name, and not three
HEADER_ROWS: Final = 10  # a title and the like may stand above the names of the columns
FIELDS: Final = frozenset({"record", *DisruptionEvent.__struct_fields__, *ThreatEvent.__struct_fields__})
NO_COLUMN: Final = "record: no such column; the first row names the columns"
DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}
_SEPARATOR: Final = re.compile(r'"?sep=([^\w\s"]|\t)"?\s*', re.IGNORECASE)
_NAME: Final = re.compile(r"\w[\w .-]{0,40}")


class ColumnLayout(NamedTuple):
    """Where the columns are named (a row's number), the names as they stand there, and what parts the cells."""

    number: int
    names: list[str]
    delimiter: str


def find_layout(lines: list[str], note: Note) -> ColumnLayout:
    """Find the row that names the columns among a file's first lines, of which there is one at least.

    Raises:
        Misuse: there is none.
    """
    stated = _SEPARATOR.fullmatch(lines[0])
    delimiters = stated[1] if stated else "".join(DELIMITERS)
    splits = [
        ColumnLayout(n, _split_leniently(line, each), each) for n, line in enumerate(lines, 1) for each in delimiters
    ]
    found = choose_header([(each, each.names) for each in splits])
    if found is None:
        split_strictly(lines[0], delimiters[0])
        raise Misuse(NO_COLUMN)
    if found.delimiter != ",":
        note(f"cells were parted by {DELIMITERS.get(found.delimiter, 'the character that its first row states')}")
    note_header(found.number, 2 if stated else 1, note)
    return found


def choose_header(rows: Sequence[tuple[Found, Sequence[str]]]) -> Found | None:
    """Choose the row that names columns: the first with the record's type and others, or else with that alone."""
    for least in (LEAST_FIELDS, 1):
        for row, names in rows:
            fields = FIELDS.intersection(_fold_name(name) for name in names)
            if "record" in fields and len(fields) >= least:
                return row
    return None


def name_columns(names: list[str], note: Note) -> list[str]:
    """Find the field of each column, by the name above it; letter case and spaces around it do not matter.

    Raises:
        Misuse: a column stands twice.
    """
    found = [_find_field(name.strip(), note) for name in names]
    for place, name in enumerate(found):
        if name and name in found[:place]:
            shown = name if _NAME.fullmatch(name) else "a name"
            raise Misuse(f"{shown}: the column stands twice; take one out")
    while found and not found[-1]:
        found.pop()
    return found


def split_strictly(line: str, delimiter: str) -> list[str]:
    """Split one line into its cells.

    Raises:
        Misuse: its quotes are not those of a row.
    """
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        raise Misuse(NOT_A_ROW) from None


def note_header(number: int, expected: int, note: Note) -> None:
    """Note that the columns are named further below than expected."""
    if number > expected:
        note(f"the columns are named in row {number}; what stands above was passed over")


def _fold_name(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


def _find_field(name: str, note: Note) -> str:
    field = _fold_name(name)
    if field not in FIELDS or field == name:
        return name
    note(f"the column {name} was read as {field}")
    return field


def _split_leniently(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except (csv.Error, TypeError, ValueError):  # no row of this delimiter, or no delimiter
        return []
