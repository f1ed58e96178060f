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
from sinks.writing import OutputRecord, UnloadableRecord


@dataclass(slots=True)
class SortedBatch:
    """Consumed records: ``records`` to write, ``bad`` to set aside, and per place the ``next`` offset to consume.

    Attributes:
        learnt: of the first new record of each place: its ledger time, which is the oldest there.
        headers: of its messages, while they are traced.
    """

    records: list[OutputRecord] = field(default_factory=list)
    bad: list[UnloadableRecord] = field(default_factory=list)
    next: dict[TopicPartitionPair, int] = field(default_factory=dict)
    learnt: list[Millis] = field(default_factory=list)
    headers: Sequence[Any] = ()

    def __bool__(self) -> bool:
        return bool(self.next)


class BatchSorter:
    """Sorts messages by what the store holds.

    Attributes:
        held: per place of ours, what is there or on its way.
        come: per place of ours, the offset before which all was stored once, or set aside, if it is read again.
        aside: the records before that which were set aside.
    """

    def __init__(self, writers: RecordSchemas) -> None:
        self._writers = writers
        self.held: dict[TopicPartitionPair, HeldPositions] = {}
        self.come: dict[TopicPartitionPair, int] = {}
        self.aside: set[tuple[TopicPartitionPair, int]] = set()

    def sort_messages(self, messages: Sequence[Message]) -> SortedBatch:
        """Sort messages; those of places that are not ours any more are left out.

        Raises:
            KafkaException: the broker's trouble, handed on.
            Unavailable: the registry does not answer.
        """
        batch = SortedBatch()
        for place, run in groupby(messages, _find_place):
            if place in self.held:
                self._add_run(batch, place, run)
        batch.records.sort(key=attrgetter("topic"))  # by topic; stable: keeps the order within each
        return batch

    def _add_run(self, batch: SortedBatch, place: TopicPartitionPair, run: Iterable[Message]) -> None:
        """Add messages that follow each other in one partition: what is the same for all is looked up once."""
        topic, partition = place
        before = len(batch.records)
        read_position, take_new, add = self._writers.read_position, self.held[place].take_new, batch.records.append
        come = self.come.get(place, 0)
        for message in run:
            value, offset = message.value(), message.offset()
            if offset < come and (place, offset) in self.aside:
                continue
            try:
                schema_id, position = read_position(topic, partition, value)
            except UnreadableRecord as error:
                batch.bad.append(
                    UnloadableRecord(topic, partition, offset, message.key() or b"", value or b"", str(error))
                )
            else:
                if take_new(position):
                    add(OutputRecord(topic, partition, offset, position, schema_id, value))
        batch.next[place] = offset + 1
        if len(batch.records) > before:
            learnt = self._writers.read_ledger_time(topic, batch.records[before].value)
            batch.learnt += [] if learnt is None else [learnt]


def _find_place(message: Message) -> TopicPartitionPair:
    """Return where a message lies. Raises KafkaException where it is the broker's trouble."""
    error = message.error()
    if error is not None:
        raise KafkaException(error)
    return message.topic(), message.partition()
