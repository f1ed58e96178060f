"""An answer and what makes it repeatable: instants, positions, filters, measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ledger.facts import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Rows, each with its dimensions by name and ``n``, and everything needed to get the same rows again.

    ``position`` is read before the rows, so the rows hold at least what it says. ``complete``: every partition is
    stored up to the first offset appended later than ``known_at``; the same question then has the same answer for ever.
    """

    rows: list[dict[str, str | int]]
    position: dict[int, int]
    as_at: datetime
    known_at: datetime
    complete: bool
    measure: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    newest: datetime | None = None


def now() -> datetime:
    """This instant, in whole milliseconds as the ledger keeps them."""
    found = datetime.now(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def millis(instant: datetime) -> Millis:
    """An aware instant as milliseconds."""
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1000 + instant.microsecond // 1000
