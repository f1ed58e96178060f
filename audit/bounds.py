"""The fixed last positions of a replay, taken at its start in an order that makes them safe to compare.

1. What the intake and the loader committed. Each commits only what it has finished, so a published record below the
   first has an output, and an output below the second is stored; what lies past them may just be on its way.
2. The ends of the outputs.
3. The ends of what was published: past every output's source.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException

from audit.topic_reader import CALL_TIMEOUT_SECONDS, PublishedTopicReader, TopicReader
from infra.groups import INTAKE_GROUP, LOADER_GROUP
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable

Committed = dict[tuple[str, int], int]


class PartitionBounds(NamedTuple):
    """Of one partition: first offsets that are there, ends, and what had been committed when the replay began."""

    partition: int
    published: tuple[int, int]
    entries: tuple[int, int]
    rejected: tuple[int, int]
    judged: int
    loaded_entries: int
    loaded_rejected: int
    until: int | None = None
    """The first offset that is left out, where the replay is to end before the end."""

    @property
    def end(self) -> int:
        """Where the replay of it ends."""
        return self.published[1] if self.until is None else self.until


class TopicReaders(NamedTuple):
    """The three topics."""

    published: TopicReader
    entries: TopicReader
    rejected: TopicReader

    def close(self) -> None:
        """Give the connections back."""
        for reader in self:
            reader.close()


def open_topics(settings: Settings) -> TopicReaders:
    """Open the three topics of the settings' broker."""
    return TopicReaders(
        PublishedTopicReader(settings, PUBLISHED), TopicReader(settings, ENTRIES), TopicReader(settings, REJECTED)
    )


def take_bounds(
    settings: Settings, readers: TopicReaders, partitions: Sequence[int], loader_group: str = LOADER_GROUP
) -> list[PartitionBounds]:
    """Take the bounds of the partitions, in the order that the module's head gives.

    Raises:
        Unavailable: the broker did not answer.
    """
    judged = find_committed(settings, INTAKE_GROUP)
    loaded = find_committed(settings, loader_group)
    entries = [readers.entries.find_bounds(p) for p in partitions]
    rejected = [readers.rejected.find_bounds(p) for p in partitions]
    published = [readers.published.find_bounds(p) for p in partitions]
    return [
        PartitionBounds(
            p,
            published[i],
            entries[i],
            rejected[i],
            judged.get((PUBLISHED, p), 0),
            loaded.get((ENTRIES, p), 0),
            loaded.get((REJECTED, p), 0),
        )
        for i, p in enumerate(partitions)
    ]


def find_committed(settings: Settings, group: str) -> Committed:
    """Find what a group has committed; it is asked, not joined."""
    client = build_admin_client(settings)
    futures = client.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group)], request_timeout=CALL_TIMEOUT_SECONDS
    )
    try:
        found = futures[group].result()
    except KafkaException as error:
        raise Unavailable(f"offsets of {group}: {error.args[0].str()}") from error
    return {(one.topic, one.partition): one.offset for one in found.topic_partitions if one.offset >= 0}


def list_undecided(readers: TopicReaders, bounds: Sequence[PartitionBounds]) -> Iterator[int]:
    """List the append times of the first records that may not have been judged when the replay began."""
    for bound in bounds:
        low, end = bound.published
        first = next(readers.published.read_records(bound.partition, max(low, bound.judged), end), None)
        if first is not None:
            yield first.appended_at
