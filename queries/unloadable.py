"""The records of the output topics that the store did not take, as a list."""

from typing import Any

from queries.record_queries import LISTED_USUALLY
from sinks.store import Store

_FIRST = """
SELECT topic, partition, offset, reason, quarantined_at FROM unloadable FINAL ORDER BY topic, partition, offset
LIMIT {most:UInt64}
"""


def list_unloadable(store: Store, most: int = LISTED_USUALLY) -> list[dict[str, Any]]:
    """List the first that were set aside: ``topic``, ``partition``, ``offset``, ``reason``, ``quarantined_at``."""
    return store.query(_FIRST, {"most": most})
