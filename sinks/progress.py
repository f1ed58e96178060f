"""What the store holds already, and where loading starts again.

The store's own word counts: a committed offset is a hint. Loading starts at the lower of the two, so a rewound group
reads again (and skips what is held), and a store that was lost or restored from a copy is filled again.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Misuse
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


def hold_topics(settings: Settings, store: Store) -> None:
    """Make sure that the topics are those whose records the store holds; a new store remembers them.

    Raises:
        Misuse: a topic was deleted and made again, or is another cluster's.
        Unavailable: the broker or the store does not answer.
    """
    from infra.admin import topic_ids  # noqa: PLC0415  (only a loader needs an admin client)

    found = topic_ids(settings, (PUBLISHED, ENTRIES, REJECTED))
    stored = {row["name"]: row["id"] for row in store.query("SELECT name, id FROM topics FINAL")}
    other = [name for name in found if stored.get(name, found[name]) != found[name]]
    if other:
        raise Misuse(
            f"topic {', '.join(other)} is not the one whose records this store holds: it was deleted and made again, "
            "or is another cluster's. Begin an empty store (another --state directory, or an empty database in "
            "CLICKHOUSE_DSN) and it is filled from the topics; what this store holds is left as it is"
        )
    new = [[name, found[name]] for name in found if name not in stored]
    if new:
        store.insert_rows("topics", ["name", "id"], new)
