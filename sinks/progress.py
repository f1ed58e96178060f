"""How far a reader of topics has come, and where the loader begins to read again.

How far it has come (everything before was read and written) is for who measures it. Where loading begins again is told
by an *extent*: every record of the place before ``offset`` is an output of a source position before ``reach``. That is
true of the topic, for ever, whatever is lost of the store. So, when loading begins:

1. Where the store's unbroken chain (``sinks.positions``) ends at ``reach`` or later, the store holds all of them, and
   loading begins at ``offset``.
2. Where it ends earlier, or no extent is known, outputs were lost: loading begins at the first record.

In both cases whatever is not held lies there or later, every occurrence of it; the first one comes first and is stored.
An extent is written down once the chain has come to its reach, so who was killed at work never finds 2.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from infra.topic_identity import TopicPartitionPair
from sinks.frontier import BEGINNING
from sinks.positions import find_frontiers
from sinks.store import Store

_COLUMNS: Final = ["topic", "partition", "next_offset", "start_offset", "start_reach", "written_at"]


class ReadExtent(NamedTuple):
    """How far a place was read: each record before ``offset`` is of a source position before ``reach``."""

    offset: int
    reach: int


NOTHING: Final = ReadExtent(0, 0)
_NONE: Final[Mapping[TopicPartitionPair, ReadExtent]] = MappingProxyType({})


def read_progress(store: Store) -> dict[TopicPartitionPair, int]:
    """Read, per place, the offset up to which everything was read and written."""
    rows = store.query("SELECT topic, partition, next_offset FROM progress FINAL")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def read_starts(store: Store) -> dict[TopicPartitionPair, ReadExtent]:
    """Read, per place of the output topics, the last extent to whose reach the store had come."""
    rows = store.query("SELECT topic, partition, start_offset, start_reach FROM progress FINAL")
    return {(row["topic"], row["partition"]): ReadExtent(row["start_offset"], row["start_reach"]) for row in rows}


def write_progress(
    store: Store, come: Mapping[TopicPartitionPair, int], starts: Mapping[TopicPartitionPair, ReadExtent] = _NONE
) -> None:
    """Write down that everything before these offsets is written, and where loading begins again."""
    now = datetime.now(UTC)
    rows = [[*place, at, *starts.get(place, NOTHING), now] for place, at in come.items()]
    store.insert_aside("progress", _COLUMNS, rows)


class LoadingProgress:
    """Knows how far the places of one loader are read and written, and writes it down.

    Attributes:
        read: per place, all of which is written.
    """

    def __init__(self, store: Store) -> None:
        self.read: dict[TopicPartitionPair, ReadExtent] = {}
        self._awaited: dict[TopicPartitionPair, ReadExtent] = {}  # read once; the store is to come to its reach
        self._starts: dict[TopicPartitionPair, ReadExtent] = {}
        self._store = store
        self._is_saved = True
        self._saved_at = time.monotonic()

    def begin_places(self, starts: Mapping[TopicPartitionPair, ReadExtent]) -> None:
        """Begin to read places here: the store has come to the reach of these."""
        for known in (self.read, self._awaited, self._starts):
            known.update(starts)

    def forget_places(self, places: Iterable[TopicPartitionPair]) -> None:
        """Forget places that are another's now."""
        for place in places:
            for known in (self.read, self._awaited, self._starts):
                known.pop(place, None)

    def note_read(self, read: Mapping[TopicPartitionPair, ReadExtent]) -> None:
        """Note what was read and written."""
        if read:
            self.read |= read
            self._is_saved = False

    def save_progress(self, *, every: float) -> None:
        """Write down what is new, at most once in so many seconds. Raises Unavailable."""
        if self._is_saved or time.monotonic() - self._saved_at < every:
            return
        self._move_starts()
        write_progress(self._store, {place: read.offset for place, read in self.read.items()}, self._starts)
        self._is_saved, self._saved_at = True, time.monotonic()

    def _move_starts(self) -> None:
        """Move each start to the newest extent that is known to lie within what the store holds."""
        frontiers = find_frontiers(self._store)
        for place, read in self.read.items():
            covered = frontiers.get(place[1], BEGINNING).position
            within = [one for one in (self._awaited[place], read) if one.reach <= covered]
            if within:
                self._starts[place], self._awaited[place] = within[-1], read

    def find_reached(self) -> dict[int, int]:
        """Find, per partition, how far the store had come when that was last written down."""
        return find_reaches(self._starts)


def find_reaches(extents: Mapping[TopicPartitionPair, ReadExtent]) -> dict[int, int]:
    """Find, per partition, the greatest reach of its places."""
    found: dict[int, int] = {}
    for (_, partition), one in extents.items():
        found[partition] = max(one.reach, found.get(partition, 0))
    return found
