"""The topics whose records a store holds, by their identities: a topic that was made again has another, and its offsets
mean nothing here. Looked at when loading begins, every few seconds while it goes on, and for every answer.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from infra.kept_admin import KeptAdmin
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import TopicPartitionPair, find_highs, find_lows, find_other_topics, identify_topics
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Misuse, Unavailable
from sinks.store import Store

TOPICS: Final = (PUBLISHED, ENTRIES, REJECTED)
LOOK_SECONDS: Final = 3.0


class StoredTopics:
    """Holds the broker's topics against those that one store remembers. Connects when first asked."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._admin = KeptAdmin(lambda: build_admin_client(settings))
        self._stored: dict[str, Any] = {}
        self._looked_at = float("-inf")

    def hold_topics(self) -> None:
        """Make sure that the topics are those whose records the store holds; a new store remembers them.

        Raises:
            Misuse: a topic was deleted, or made again, or is another cluster's.
            Unavailable: the broker or the store does not answer.
        """
        found, stored = self._find_ids(), self._read_ids()
        other = find_other_topics(stored, found)
        if other:
            raise Misuse(say_other(other))
        missing = [name for name, one in found.items() if not one]
        if missing:
            raise Unavailable(f"topic {', '.join(missing)} is not there")
        new = [[name, one] for name, one in found.items() if name not in stored]
        if new:
            self._store.insert_rows("topics", ["name", "id"], new)
        self._looked_at = time.monotonic()

    def hold_again(self) -> None:
        """Hold the topics again, at most every ``LOOK_SECONDS``."""
        if time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self.hold_topics()

    def find_left(
        self, starts: dict[TopicPartitionPair, int], come: Mapping[TopicPartitionPair, int]
    ) -> dict[TopicPartitionPair, int]:
        """Move starts of loading past records that are gone and were stored (``come``: how far each place is stored).

        Raises:
            Misuse: records are gone that this store does not hold: it cannot be filled.
            Unavailable: the broker does not answer.
        """
        lows = self._admin.ask_broker(lambda client: find_lows(client, starts))
        for place, low in sorted(lows.items()):
            if starts[place] < low and come.get(place, 0) < low:
                raise Misuse(say_unfillable(place, low))
        return {place: max(start, lows[place]) for place, start in starts.items()}

    def find_ends(self, places: Iterable[TopicPartitionPair]) -> dict[TopicPartitionPair, int]:
        """Find where these partitions end, open transactions included. Raises Unavailable."""
        return self._admin.ask_broker(lambda client: find_highs(client, places))

    def hold_answer(self) -> None:
        """Make sure that the broker speaks of the topics that the store is of. Raises Unavailable."""
        other = find_other_topics(self._read_ids(), self._find_ids())
        if other:
            raise Unavailable(say_other(other))

    def _find_ids(self) -> dict[str, str]:
        found = self._admin.ask_broker(lambda client: identify_topics(client, TOPICS))
        return {name: one.topic_id for name, one in found.items()}

    def _read_ids(self) -> dict[str, Any]:
        """Read what the store remembers, for ever once it remembers all."""
        if len(self._stored) < len(TOPICS):
            self._stored = read_known_ids(self._store)
        return self._stored


def read_known_ids(store: Store) -> dict[str, str]:
    """Read which topics a store is of, by name: their identities; none while it is new. Raises Unavailable."""
    return {row["name"]: row["id"] for row in store.query("SELECT name, id FROM topics FINAL")}


def find_published_id(store: Store) -> str:
    """Find the identity of the ``soc.published`` that a store is of; empty while it is new. Raises Unavailable.

    Once it is known it is asked no more: a store is of these topics for ever.
    """
    if not store.published_id:
        store.keep_published_id(read_known_ids(store).get(PUBLISHED, ""))
    return store.published_id


def say_unfillable(place: TopicPartitionPair, low: int) -> str:
    """Say that a store cannot be filled from what is left of the topics."""
    topic, partition = place
    return (
        f"records of {topic} were deleted, partition {partition} before offset {low}, and this store does not "
        f"hold them: put {topic} back from its copy, or the store from a copy of its own; nothing is loaded meanwhile"
    )


def say_other(names: list[str]) -> str:
    """Say that a store and its topics are not of one ledger, and what to do."""
    return (
        f"topic {', '.join(names)} is not the one whose records this store holds: it was deleted, made again, "
        "or is another cluster's. Begin an empty store (another --state directory, or an empty database in "
        "CLICKHOUSE_DSN) and it is filled from the topics; what this store holds is left as it is"
    )
