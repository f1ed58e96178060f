"""Counts by several dimensions, and their sums by fewer: one answer of the store, many tables of a page. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Self

CubeRows = list[Mapping[str, Any]]


class Cube:
    """The rows of one answer."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = list(rows)

    def hold_rows(self, **held: str) -> Self:
        """Hold it to the rows whose dimensions have these values."""
        return type(self)(_hold_rows(self._rows, held))

    def sum_total(self, **held: str) -> int:
        """Sum the rows whose dimensions have these values."""
        return sum(int(row["n"]) for row in _hold_rows(self._rows, held))

    def sum_by(self, dimension: str, **held: str) -> dict[str, int]:
        """Sum by the values of one dimension, in their order; those that have none are left out."""
        found: Counter[str] = Counter()
        for row in _hold_rows(self._rows, held):
            found[str(row[dimension])] += int(row["n"])
        return dict(sorted(found.items()))


def _hold_rows(rows: CubeRows, held: Mapping[str, str]) -> CubeRows:
    for name, value in held.items():
        rows = [row for row in rows if row[name] == value]
    return rows
