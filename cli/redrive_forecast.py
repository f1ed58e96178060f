"""What sending mended events would change: foretold by the fold itself, over copies of the stored books.

No worker's book is touched. What is published meanwhile, or not stored yet, is not in it.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

from ledger.entries import Leg
from ledger.facts import Millis
from ledger.vocabulary import Verdict
from methodology.book import Book
from methodology.judging import judge_event
from methodology.posting import restore_event
from methodology.rejection_sentences import Rejection
from producers.mended import MendedRow
from queries.record_queries import StoredRowsQuery
from schemas.codec import Codec


class RowSource(Protocol):
    """Who has the stored entries; ``queries.client.Client`` is one."""

    def read_rows(self, query: StoredRowsQuery) -> Iterable[bytes]:
        """Read stored rows, one JSON object a line."""
        ...


class MovedCell(NamedTuple):
    """A cell of the balances that would move."""

    org: str
    pillar: str
    crime_type: str
    type: str
    standing: str


class ForetoldRejection(NamedTuple):
    """A line that would be rejected again."""

    row: int
    answers: str
    code: str
    message: str


@dataclass(slots=True)
class Forecast:
    """What would come of each line, and by how much balances would move."""

    admitted: list[MendedRow] = field(default_factory=list)
    rejected: list[ForetoldRejection] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    moved: Counter[MovedCell] = field(default_factory=Counter)

    def list_moves(self) -> list[tuple[MovedCell, int]]:
        """List the cells that would have another value, in their order."""
        return sorted((cell, by) for cell, by in self.moved.items() if by)


def foresee_rows(rows: Iterable[MendedRow], source: RowSource, codec: Codec, ledger_time: Millis) -> Forecast:
    """Foresee what would come of the rows, sent in this order at this time. Raises Unavailable, Misuse."""
    forecast, books = Forecast(), BookCopies(source, codec)
    for row in rows:
        key = row.fact.threat_id.encode()
        outcome = judge_event(row.fact, key, ledger_time, lambda _: True, books.open_book)
        if isinstance(outcome, Rejection):
            rejection = ForetoldRejection(row.number, row.answers, outcome.code.value, outcome.message)
            forecast.rejected.append(rejection)
        elif outcome.verdict == Verdict.DUPLICATE:
            forecast.duplicates.append(row.number)
        else:
            forecast.admitted.append(row)
            count_legs(forecast.moved, outcome.legs)
    return forecast


def count_legs(moved: Counter[MovedCell], legs: Iterable[Leg]) -> None:
    """Count by how much legs move each cell."""
    for leg in legs:
        account = leg.account
        cell = MovedCell(account.organisation, account.pillar, account.crime_type, account.type, account.standing)
        moved[cell] += leg.sign


class BookCopies:
    """Books as the stored entries leave them, each made when it is first asked for."""

    def __init__(self, source: RowSource, codec: Codec) -> None:
        self._source = source
        self._codec = codec
        self._books: dict[str, Book] = {}

    def open_book(self, threat_id: str) -> Book:
        """Open the copy of a threat's book. Raises Unavailable, Misuse."""
        if threat_id not in self._books:
            self._books[threat_id] = self._copy_book(threat_id)
        return self._books[threat_id]

    def _copy_book(self, threat_id: str) -> Book:
        book, seen = Book(threat_id), set[tuple[int, int]]()
        for line in self._source.read_rows(StoredRowsQuery(table="entries", threat_id=threat_id)):
            row: Mapping[str, Any] = msgspec.json.decode(line)
            place = row["partition"], row["offset"]
            if row["verdict"] == Verdict.ADMITTED and row["part"] == 0 and place not in seen:
                seen.add(place)  # a row that was written twice is one
                restore_event(book, self._codec.decode(*take_original(row)))
        return book


def take_original(row: Mapping[str, Any]) -> tuple[bytes | None, list[tuple[str, bytes | None]]]:
    """Take value and headers of a stored row."""
    headers = zip(row["header_names"], map(_read_base64, row["header_values"]), strict=True)
    return _read_base64(row["value"]), list(headers)


def _read_base64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
