"""An answer and what makes it repeatable: instants, positions, filters, measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Rows, each with its dimensions by name and ``n``, and everything needed to get the same rows again.

    The rows are those of exactly ``position``. ``complete_through`` is the greatest instant through which nothing can
    be added any more, None while there is none (``queries.completeness``).
    """

    rows: list[dict[str, str | int]]
    position: dict[int, int]
    as_at: datetime
    known_at: datetime
    complete_through: datetime | None
    measure: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    newest: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether the same question, as at and known at these instants, has this answer for ever."""
        return self.complete_through is not None and self.known_at <= self.complete_through


def read_clock() -> datetime:
    """Return this instant, in whole milliseconds as the ledger keeps them."""
    found = datetime.now(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)
