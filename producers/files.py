"""Files to events: every row ends as acknowledged, or as refused or unknown by its number.

NDJSON: one record a line, ``record`` names its type. Tables: the same names as columns, ``record`` among them; an empty
cell is null, tags are parted by ``;``. A row without ``source_sequence`` is numbered by the publisher.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from producers.bulk import OnProgress, OnRefused, OnUnknown
from producers.delivery import Receipt
from producers.drafts import Draft
from producers.reading import ReadOptions, read_file
from producers.records import ReadableRow

REFUSED_ROWS_KEPT: Final = 10_000
TAKEN_KEPT: Final = 100  # sentences


class RefusedRow(NamedTuple):
    """A row that was not sent, or rows ``number`` to ``last``; ``reason`` names the field and the remedy."""

    file: str
    number: int
    reason: str
    last: int | None = None

    @property
    def rows(self) -> int:
        """How many rows."""
        return 1 if self.last is None else self.last - self.number + 1


class UnknownRows(NamedTuple):
    """Rows of which nobody knows whether the broker has them; ``rows`` such as ``7, 20 to 31``."""

    file: str
    rows: str


@dataclass(slots=True)
class PublishSummary:
    """Of files: rows sent, which are acknowledged or unknown; rows refused; what was taken, in sentences."""

    sent: int = 0
    acknowledged: int = 0
    refused_count: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    unknown: list[UnknownRows] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    @property
    def unknown_count(self) -> int:
        """Rows sent and not acknowledged."""
        return self.sent - self.acknowledged

    def take_note(self, file: str, sentence: str) -> None:
        """Keep what was taken of a file, once."""
        said = f"{file}: {sentence}"
        if len(self.taken) < TAKEN_KEPT and said not in self.taken:
            self.taken.append(said)


class BulkPublisher(Protocol):
    """What is asked of ``producers.Publisher``."""

    def publish_many(
        self,
        events: Iterable[Draft],
        *,
        on_refused: OnRefused,
        on_progress: OnProgress,
        on_unknown: OnUnknown,
    ) -> Receipt:
        """Take all events in order; return when all are acknowledged, or spooled."""
        ...


def read_rows(path: Path, wanted: ReadOptions | None = None) -> Iterator[ReadableRow | RefusedRow]:
    """Read the rows of a file in their order, one at a time.

    Raises:
        Misuse: the file cannot be read.
    """
    yield from _read_noted(path, wanted or ReadOptions(), PublishSummary())


def publish_files(  # noqa: PLR0913 - options, each by its name and with a default
    paths: Iterable[Path],
    publisher: BulkPublisher,
    on_progress: Callable[[PublishSummary], None] | None = None,
    on_refused: Callable[[RefusedRow], None] | None = None,
    *,
    wanted: ReadOptions | None = None,
    summary: PublishSummary | None = None,
) -> PublishSummary:
    """Publish the rows of all files in order; memory is bounded by the publisher's queue.

    Args:
        paths: the files; ``-`` is standard input.
        publisher: where the rows go.
        on_progress: called now and then with the summary so far.
        on_refused: called with each refused row as it is met.
        wanted: how the files shall be read where they do not say it themselves.
        summary: what is counted in; it stays right when an error ends the work.

    Raises:
        LedgerError: as ``Publisher.publish_many`` does; rows not acknowledged are in the summary's ``unknown``.
    """
    summary = PublishSummary() if summary is None else summary

    def keep_refusal(row: RefusedRow) -> None:
        summary.refused_count += row.rows
        if len(summary.refused) < REFUSED_ROWS_KEPT:
            summary.refused.append(row)
        if on_refused:
            on_refused(row)

    for path in paths:
        _FileDelivery(path, summary, keep_refusal, on_progress).publish_rows(publisher, wanted or ReadOptions())
    return summary


class _FileDelivery:
    """One file's rows: read, sent, and counted in the summary as they end."""

    def __init__(
        self,
        path: Path,
        summary: PublishSummary,
        refuse: Callable[[RefusedRow], None],
        on_progress: Callable[[PublishSummary], None] | None,
    ) -> None:
        self._path = path
        self._summary = summary
        self._refuse = refuse
        self._on_progress = on_progress
        self._before = summary.acknowledged

    def publish_rows(self, publisher: BulkPublisher, wanted: ReadOptions) -> None:
        receipt = publisher.publish_many(
            self._read_good(wanted),
            on_refused=self._refuse_row,
            on_progress=self._show_progress,
            on_unknown=self._keep_unknown,
        )
        self._show_progress(receipt.acknowledged)

    def _read_good(self, wanted: ReadOptions) -> Iterator[ReadableRow]:
        for row in _read_noted(self._path, wanted, self._summary):
            if isinstance(row, ReadableRow):
                self._summary.sent += 1
                yield row
            else:
                self._refuse(row)

    def _refuse_row(self, row: object, reason: str) -> None:
        self._summary.sent -= 1
        self._refuse(RefusedRow(str(self._path), row.number if isinstance(row, ReadableRow) else 0, reason))

    def _show_progress(self, acknowledged: int) -> None:
        self._summary.acknowledged = self._before + acknowledged
        if self._on_progress:
            self._on_progress(self._summary)

    def _keep_unknown(self, drafts: list[Draft]) -> None:
        numbers = [draft.number for draft in drafts if isinstance(draft, ReadableRow)]
        if numbers:
            self._summary.unknown.append(UnknownRows(str(self._path), spell_ranges(numbers)))


def spell_ranges(numbers: Iterable[int]) -> str:
    """Spell numbers as ``7, 20 to 31``."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ", ".join(f"{first} to {last}" if last > first else str(first) for first, last in ranges)


def _read_noted(path: Path, wanted: ReadOptions, summary: PublishSummary) -> Iterator[ReadableRow | RefusedRow]:
    def take_note(sentence: str) -> None:
        summary.take_note(str(path), sentence)

    for row in read_file(path, wanted, take_note):
        if isinstance(row, ReadableRow):
            yield row
        else:
            last = row.last if row.last > row.number else None
            yield RefusedRow(str(path), row.number, row.reason, last)
