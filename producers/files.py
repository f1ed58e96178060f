"""Files to events: NDJSON and CSV, read as they are sent, each bad row told by its number and the reason.

NDJSON: one record a line, ``record`` names its type. CSV: the same names as columns, ``record`` among them; an empty
cell is null, tags are parted by ``;``. A row without ``source_sequence`` is numbered by the publisher.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeVar

from ledger.errors import Misuse
from producers.delivery import Receipt
from producers.drafts import Draft
from producers.rows import from_cells, from_json

REFUSED_ROWS_KEPT: Final = 10_000
Raw = TypeVar("Raw", bytes, list[str])


@dataclass(frozen=True, slots=True)
class Row(Draft):
    """A row that can be sent; ``number`` counts a file's lines (NDJSON) or a spreadsheet's rows (CSV, header 1)."""

    number: int


class RefusedRow(NamedTuple):
    """A row that cannot be encoded; ``reason`` names the field and the remedy, never the value."""

    file: str
    number: int
    reason: str


@dataclass(slots=True)
class Summary:
    """Of files: rows sent, rows acknowledged, rows refused (the first of them in ``refused``)."""

    sent: int = 0
    acknowledged: int = 0
    refused_count: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


class BulkPublisher(Protocol):
    """What is asked of ``producers.Publisher``."""

    def publish_many(
        self,
        events: Iterable[Draft],
        *,
        on_refused: Callable[[Draft, str], None],
        on_progress: Callable[[int], None],
    ) -> Receipt:
        """Take all events in order; return when all are acknowledged, or spooled."""
        ...


def read(path: Path) -> Iterator[Row | RefusedRow]:
    """The rows of a file in their order, one at a time; ``.csv`` is CSV, anything else NDJSON.

    Raises:
        Misuse: the file cannot be read.
    """
    rows = _read_csv(path) if path.suffix.lower() == ".csv" else _read_ndjson(path)
    try:
        yield from rows
    except OSError as error:
        raise Misuse(f"{path}: {error.strerror or 'cannot be read'}") from None


def publish_files(
    paths: Iterable[Path],
    publisher: BulkPublisher,
    on_progress: Callable[[Summary], None] | None = None,
    on_refused: Callable[[RefusedRow], None] | None = None,
) -> Summary:
    """Publish the rows of all files in order; memory is bounded by the publisher's queue.

    Args:
        paths: the files.
        publisher: where the rows go.
        on_progress: called now and then with the summary so far.
        on_refused: called with each refused row as it is met.
    """
    summary = Summary()

    def refuse(row: RefusedRow) -> None:
        summary.refused_count += 1
        if len(summary.refused) < REFUSED_ROWS_KEPT:
            summary.refused.append(row)
        if on_refused:
            on_refused(row)

    for path in paths:
        _publish_file(path, publisher, summary, refuse, on_progress)
    return summary


def _publish_file(
    path: Path,
    publisher: BulkPublisher,
    summary: Summary,
    refuse: Callable[[RefusedRow], None],
    on_progress: Callable[[Summary], None] | None,
) -> None:
    before = summary.acknowledged

    def good() -> Iterator[Row]:
        for row in read(path):
            if isinstance(row, Row):
                summary.sent += 1
                yield row
            else:
                refuse(row)

    def turned_down(row: Draft, reason: str) -> None:
        summary.sent -= 1
        refuse(RefusedRow(str(path), row.number if isinstance(row, Row) else 0, reason))

    def progress(acknowledged: int) -> None:
        summary.acknowledged = before + acknowledged
        if on_progress:
            on_progress(summary)

    progress(publisher.publish_many(good(), on_refused=turned_down, on_progress=progress).acknowledged)


def _read_ndjson(path: Path) -> Iterator[Row | RefusedRow]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.strip().removeprefix(b"\xef\xbb\xbf")
            if text:
                yield _row(path, number, from_json, text)


def _read_csv(path: Path) -> Iterator[Row | RefusedRow]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        cells = csv.reader(file, strict=True)
        number, header = 1, [name.strip() for name in next(cells, [])]
        if "record" not in header:
            yield RefusedRow(str(path), 1, "record: no such column; the first row names the columns")
            return

        def named(row: list[str]) -> Draft:
            return from_cells(_named(header, row))

        while True:
            number += 1
            try:
                row = next(cells)
            except StopIteration:
                return
            except csv.Error:
                yield RefusedRow(str(path), number, "not a row of CSV: see its quotes")
                continue
            if any(row):
                yield _row(path, number, named, row)


def _named(header: list[str], row: list[str]) -> dict[str, str]:
    if any(cell.strip() for cell in row[len(header) :]):
        raise Misuse("more cells than columns: quote a cell that has a comma")
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        raise Misuse("not UTF-8: save the file as CSV UTF-8") from None
    return dict(zip(header, row, strict=False))


def _row(path: Path, number: int, make: Callable[[Raw], Draft], raw: Raw) -> Row | RefusedRow:
    try:
        draft = make(raw)
    except Misuse as refused:
        return RefusedRow(str(path), number, str(refused))
    return Row(draft.fact, draft.numbered, number)
