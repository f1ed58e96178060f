"""Rows of a file on their way: as cells of text, as drafts that can be sent, and those that cannot be read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ledger.errors import Misuse
from producers.drafts import Draft

Note = Callable[[str], None]  # told, in a sentence, of what was read otherwise than it stands in a file
Raw = TypeVar("Raw")


class CellRow(NamedTuple):
    """A row of a table by its number: its cells as text, and what is wrong with some of them, by their place."""

    number: int
    values: list[str]
    faults: dict[int, str] = {}


class UnreadableRows(NamedTuple):
    """Rows ``number`` to ``last`` that cannot be sent, and why; no value of theirs."""

    number: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReadableRow(Draft):
    """A row that can be sent; ``number`` counts a file's lines (NDJSON) or a spreadsheet's rows (tables, from 1)."""

    number: int


def make_row(number: int, make: Callable[[Raw], Draft], raw: Raw) -> ReadableRow | UnreadableRows:
    """Make the row that ``make`` makes of what stands in the file; unread when it raises Misuse."""
    try:
        draft = make(raw)
    except Misuse as refused:
        return UnreadableRows(number, number, str(refused))
    return ReadableRow(draft.fact, draft.numbered, number)
