"""What the store holds already, and where loading starts again.

The store's own word counts: a committed offset is a hint. Loading starts at the lower of the two, so a rewound group
reads again (and skips what is held), and a store that was lost or restored from a copy is filled again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from infra.topic_identity import TopicPartitionPair
from sinks.store import Store

_COLUMNS: Final = ["topic", "partition", "next_offset", "written_at"]


def read_progress(store: Store) -> dict[TopicPartitionPair, int]:
    """Read, per place, the offset of the output topic up to which everything is stored."""
    rows = store.query("SELECT topic, partition, next_offset FROM progress FINAL")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def write_progress(store: Store, places: Mapping[TopicPartitionPair, int]) -> None:
    """Write down that everything before these offsets is stored."""
    now = datetime.now(UTC)
    store.insert_aside("progress", _COLUMNS, [[topic, partition, at, now] for (topic, partition), at in places.items()])
