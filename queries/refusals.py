"""What intake refused, as it is stored."""

from datetime import UTC, datetime
from typing import Any

from queries.record_queries import LISTED_MOST, RejectionQuery
from sinks.store import Row, Store

_LISTING = """
SELECT event_id, code, message, partition, offset, ledger_time, threat_id, disruption_id,
    original_size, original_digest
FROM rejected FINAL
WHERE {code:String} = '' OR code = {code:String}
ORDER BY partition, offset
LIMIT {most:UInt64}
"""
_COUNTS = """
SELECT code, count() AS n FROM rejected FINAL WHERE {code:String} = '' OR code = {code:String}
GROUP BY code ORDER BY n DESC, code
"""


def find_refusals(store: Store, query: RejectionQuery) -> tuple[list[Row], dict[str, int]]:
    """Find the first refusals in the order of positions, and how many there are of each code."""
    rows = listing(store, code=query.code, most=query.limit)
    numbers = by_code(store, code=query.code)  # after the rows: whatever is cut off is in them
    return rows, {row["code"]: row["n"] for row in numbers}


def listing(store: Store, *, code: str | None = None, most: int = LISTED_MOST) -> list[Row]:
    """Refusals in the order of the positions: ``event_id``, ``code``, ``message``, ``partition``, ``offset``…"""
    return [_aware(row) for row in store.query(_LISTING, {"code": code or "", "most": most})]


def by_code(store: Store, *, code: str | None = None) -> list[Row]:
    """How many refusals there are of each code, most first: ``code``, ``n``."""
    return store.query(_COUNTS, {"code": code or ""})


def _aware(row: Row) -> Row:
    return {name: aware(found) for name, found in row.items()}


def aware(found: Any) -> Any:
    """Instants of the store, which are all UTC, as aware ones."""
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found
