"""Which source positions the store holds already, so that what comes again is left out and the first occurrence stays.

What the chain of stored outputs proves (``sinks.positions``) is held; past its end, exactly the positions that are
there. Never "all up to the highest": one forged record of a far position would make everything before it look held.
"""

from collections.abc import Iterable
from typing import Final

from infra.topic_identity import TopicPartitionPair
from infra.topics import ENTRIES, REJECTED
from sinks.block import SourcePosition
from sinks.positions import find_frontiers, select_after
from sinks.store import Store

TABLES: Final = {ENTRIES: ("entries", "part"), REJECTED: ("rejected", "0")}  # and what numbers the parts of a position
BEYOND_MOST: Final = 50_000  # of a place, until the store is asked again how far it reaches
ASKED_MOST: Final = 1_000_000  # positions past the chain's end; what is not known to be held is written again


class HeldPositions:
    """Those of one place. ``below``: the first offset that is not proved to be held."""

    def __init__(self, below: int = 0) -> None:
        self.below = below
        self._beyond: set[SourcePosition] = set()

    def take_new(self, position: SourcePosition) -> bool:
        """Note a position as held, or on its way; False where it was already."""
        if position.offset < self.below or position in self._beyond:
            return False
        self._beyond.add(position)
        return True

    def is_large(self) -> bool:
        """Return whether it is time to ask the store how far it reaches."""
        return len(self._beyond) > BEYOND_MOST

    def forget_below(self, offset: int) -> None:
        """Let go of what the chain proves by now."""
        self.below = max(self.below, offset)
        self._beyond = {one for one in self._beyond if one.offset >= offset}


def find_held(store: Store, places: Iterable[TopicPartitionPair]) -> dict[TopicPartitionPair, HeldPositions]:
    """Find what each place's table holds: nothing past the first damaged row counts. Raises Unavailable."""
    frontiers = find_frontiers(store)
    found = {
        (topic, partition): HeldPositions(frontiers[partition].position if partition in frontiers else 0)
        for topic, partition in places
    }
    for topic, (table, part) in TABLES.items():
        sql = f"SELECT partition, offset, {part} AS part FROM {table}{select_after(frontiers)} LIMIT {ASKED_MOST}"  # noqa: S608  (names and numbers of ours)
        for row in store.query(sql):
            place = topic, row["partition"]
            if place in found and row["partition"] not in store.damaged:
                found[place].take_new(SourcePosition(row["offset"], row["part"]))
    return found
