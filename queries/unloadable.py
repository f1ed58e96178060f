"""The records of the output topics that the store did not take, as a list."""

from typing import Any

from queries.record_queries import LISTED_USUALLY
from queries.rejections import add_zone
from sinks.store import Store

_FIRST = """
SELECT topic, partition, offset, reason, quarantined_at FROM unloadable FINAL ORDER BY topic, partition, offset
LIMIT {most:UInt64}
"""


def list_unloadable(store: Store, most: int = LISTED_USUALLY) -> list[dict[str, Any]]:
    """List the first that were set aside: ``topic``, ``partition``, ``offset``, ``reason``, ``quarantined_at``."""
    return [{name: add_zone(found) for name, found in row.items()} for row in store.query(_FIRST, {"most": most})]
