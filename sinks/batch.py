"""What was consumed, sorted: what is new, what is held already, what cannot be read, and how far it went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from confluent_kafka import KafkaException, Message

from infra.topic_identity import TopicPartitionPair
from ledger.facts import Millis
from sinks.block import RecordSchemas, UnreadableRecord
from sinks.held import HeldPositions
from sinks.progress import ReadExtent
from sinks.writing import OutputRecord, UnloadableRecord


@dataclass(slots=True)
class SortedBatch:
    """Consumed records: ``records`` to write, ``bad`` to set aside.

    Attributes:
        read: per place of them, how far it is read with this batch.
        learnt: of the first new record of each place: its ledger time, which is the oldest there.
        headers: of its messages, while they are traced.
    """

    records: list[OutputRecord] = field(default_factory=list)
    bad: list[UnloadableRecord] = field(default_factory=list)
    read: dict[TopicPartitionPair, ReadExtent] = field(default_factory=dict)
    learnt: list[Millis] = field(default_factory=list)
    headers: Sequence[Any] = ()

    def __bool__(self) -> bool:
        return bool(self.read)


@dataclass(slots=True)
class LoadedPlace:
    """A place of ours.

    Attributes:
        held: what of it the store holds, or is on its way there.
        aside: offsets of the records that were set aside before.
        reach: past the source positions of all that was read of it.
    """

    held: HeldPositions
    aside: frozenset[int]
    reach: int


class BatchSorter:
    """Sorts messages by what the store holds. ``places``: those of ours."""

    def __init__(self, writers: RecordSchemas) -> None:
        self._writers = writers
        self.places: dict[TopicPartitionPair, LoadedPlace] = {}

    def sort_messages(self, messages: Sequence[Message]) -> SortedBatch:
        """Sort messages; those of places that are not ours any more are left out.

        Raises:
            KafkaException: the broker's trouble, handed on.
            Unavailable: the registry does not answer.
        """
        batch = SortedBatch()
        for place, run in groupby(messages, _find_place):
            if place in self.places:
                self._add_run(batch, place, run)
        batch.records.sort(key=attrgetter("topic"))  # by topic; stable: keeps the order within each
        return batch

    def _add_run(self, batch: SortedBatch, place: TopicPartitionPair, run: Iterable[Message]) -> None:
        """Add messages that follow each other in one partition: what is the same for all is looked up once."""
        (topic, partition), known = place, self.places[place]
        before, reach, aside = len(batch.records), known.reach, known.aside
        read_position, take_new, add = self._writers.read_position, known.held.take_new, batch.records.append
        for message in run:
            value, offset = message.value(), message.offset()
            try:
                schema_id, position = read_position(topic, partition, value)
            except UnreadableRecord as error:
                if offset not in aside:
                    key = message.key() or b""
                    batch.bad.append(UnloadableRecord(topic, partition, offset, key, value or b"", str(error)))
                continue
            if position.offset >= reach:
                reach = position.offset + 1
            if offset not in aside and take_new(position):
                add(OutputRecord(topic, partition, offset, position, schema_id, value))
        known.reach = reach
        batch.read[place] = ReadExtent(offset + 1, reach)
        if len(batch.records) > before:
            learnt = self._writers.read_ledger_time(topic, batch.records[before].value)
            batch.learnt += [] if learnt is None else [learnt]


def _find_place(message: Message) -> TopicPartitionPair:
    """Return where a message lies. Raises KafkaException where it is the broker's trouble."""
    error = message.error()
    if error is not None:
        raise KafkaException(error)
    return message.topic(), message.partition()
