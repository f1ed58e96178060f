"""Answers as CSV, for a spreadsheet: marked, with the question above the rows, and no cell a formula."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from fastapi.responses import Response

from dashboard.rendering import MARKING

MEDIA_TYPE: Final = "text/csv"
_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""The last four signs are the wide forms, which spreadsheets set up for East Asian text take for the others."""


def write_spreadsheet(
    name: str, preface: Mapping[str, Any], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> Response:
    """Write a file: the marking, what was asked and what holds of it, an empty line, the columns' names, the rows."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([MARKING])
    writer.writerows([name_, neutralise_cell(value)] for name_, value in preface.items())
    writer.writerow([])
    writer.writerow(columns)
    writer.writerows([neutralise_cell(row[column]) for column in columns] for row in rows)
    disposition = f'attachment; filename="{MARKING} {name}.csv"'
    return Response(text.getvalue(), media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})


def order_columns(row: type, *first: str) -> tuple[str, ...]:
    """Order the fields of an answer's row as columns: these first, and the others as they stand."""
    return (*first, *(name for name in row.__annotations__ if name not in first))


def neutralise_cell(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would work out, whatever stands in it."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_BEGINS):
        return f"'{value}"
    return value
