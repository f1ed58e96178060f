"""Which partition a key names."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aiokafka.partitioner import murmur2

KEYS_KEPT: Final = 100_000
"""So many keys are remembered with their answers: hashing one costs more than all else that is asked of it."""


def place_key(key: bytes, partitions: int) -> int:
    """Return the partition, of so many, that Java's default partitioner gives a key: every standard publisher's."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def remember_places(partition: int, partitions: int) -> Callable[[bytes], bool]:
    """Return what says whether a key names this partition, and remembers the answers."""
    return lru_cache(KEYS_KEPT)(lambda key: place_key(key, partitions) == partition)
