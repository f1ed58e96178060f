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
BEYOND_TOLD_MOST: Final = 1_000  # where that takes no question
ASKED_MOST: Final = 1_000_000  # positions past the chain's end; what is not known to be held is written again


class HeldPositions:
    """Those of one place. ``below``: the first offset that is not proved to be held."""

    def __init__(self, below: int = 0) -> None:
        self.below = below
        self._beyond: set[tuple[int, int]] = set()  # plain: of hundreds of thousands no collection looks at one

    def take_new(self, position: SourcePosition) -> bool:
        """Note a position as held, or on its way; False where it was already."""
        plain = position.offset, position.part
        if position.offset < self.below or plain in self._beyond:
            return False
        self._beyond.add(plain)
        return True

    def is_large(self, *, asks: bool) -> bool:
        """Return whether it is time to find how far the store reaches, which ``asks`` it or is told."""
        return len(self._beyond) > (BEYOND_MOST if asks else BEYOND_TOLD_MOST)

    def forget_below(self, offset: int) -> None:
        """Let go of what the chain proves by now."""
        self.below = max(self.below, offset)
        self._beyond = {one for one in self._beyond if one[0] >= offset}


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
