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


def find_rejections(store: Store, query: RejectionQuery) -> tuple[list[Row], dict[str, int]]:
    """Find the first rejections in the order of positions, and how many there are of each code."""
    rows = list_rejections(store, code=query.code, most=query.limit)
    numbers = count_by_code(store, code=query.code)  # after the rows: whatever is cut off is in them
    return rows, {row["code"]: row["n"] for row in numbers}


def list_rejections(store: Store, *, code: str | None = None, most: int = LISTED_MOST) -> list[Row]:
    """List rejections in the order of positions: ``event_id``, ``code``, ``message``, ``partition``, ``offset``…"""
    return [_add_zones(row) for row in store.query(_LISTING, {"code": code or "", "most": most})]


def count_by_code(store: Store, *, code: str | None = None) -> list[Row]:
    """Count the rejections of each code, most first: ``code``, ``n``."""
    return store.query(_COUNTS, {"code": code or ""})


def _add_zones(row: Row) -> Row:
    return {name: add_zone(found) for name, found in row.items()}


def add_zone(found: Any) -> Any:
    """Add their zone to instants of the store, which are all UTC."""
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) and found.tzinfo is None else found
