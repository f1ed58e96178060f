"""What the store holds already, and where loading starts again.

The store's own word counts: a committed offset is a hint. Loading starts at the lower of the two, so a rewound group
reads again (and skips what is held), and a store that was lost or restored from a copy is filled again.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from infra.topics import ENTRIES, REJECTED
from sinks.block import SourcePosition
from sinks.store import Store

Place = tuple[str, int]  # a topic and one partition of it

TABLES: Final = {ENTRIES: ("entries", "part"), REJECTED: ("rejected", "0")}  # and what numbers the parts of a position
NONE_HELD: Final = SourcePosition(-1, 0)
_COLUMNS: Final = ["topic", "partition", "next_offset", "written_at"]


def held(store: Store, places: Iterable[Place]) -> dict[Place, SourcePosition]:
    """Per place, the highest source position that its table holds; offset -1 for none."""
    wanted = set(places)
    found = dict.fromkeys(wanted, NONE_HELD)
    for topic, (table, part) in TABLES.items():
        sql = f"SELECT partition, max((offset, {part})) AS highest FROM {table} GROUP BY partition"  # noqa: S608  (names of ours)
        for row in store.query(sql):
            if (topic, row["partition"]) in wanted:
                found[topic, row["partition"]] = SourcePosition(*row["highest"])
    return found


def reached(store: Store) -> dict[Place, int]:
    """Per place, the offset of the output topic up to which everything is stored."""
    rows = store.query("SELECT topic, partition, next_offset FROM progress FINAL")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def record(store: Store, places: Mapping[Place, int]) -> None:
    """Write down that everything before these offsets is stored."""
    now = datetime.now(UTC)
    store.insert_rows("progress", _COLUMNS, [[topic, partition, at, now] for (topic, partition), at in places.items()])
