"""What was consumed, sorted: what is new, what is held already, what cannot be read, and how far it went."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from confluent_kafka import KafkaException, Message

from infra.topic_identity import TopicPartitionPair
from sinks.block import Unreadable, Writers
from sinks.held import HeldPositions
from sinks.writing import Bad, Record


@dataclass(slots=True)
class Batch:
    """Consumed records: ``records`` to write, ``bad`` to set aside, and per place the ``next`` offset to consume."""

    records: list[Record] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    next: dict[TopicPartitionPair, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.next)


class Sorting:
    """Sorts messages by what the store holds. ``held`` is, per place of ours, what is there or on its way."""

    def __init__(self, writers: Writers) -> None:
        self._writers = writers
        self.held: dict[TopicPartitionPair, HeldPositions] = {}

    def sort(self, messages: Sequence[Message]) -> Batch:
        """Messages of places that are not ours any more are left out.

        Raises:
            KafkaException: the broker's trouble, handed on.
            Unavailable: the registry does not answer.
        """
        batch = Batch()
        for message in messages:
            if message.error() is not None:
                raise KafkaException(message.error())
            place = (message.topic(), message.partition())
            if place in self.held:
                self._add(batch, place, message.offset(), message)
        batch.records.sort(key=itemgetter(0))  # by topic; stable: keeps the order within each
        return batch

    def _add(self, batch: Batch, place: TopicPartitionPair, offset: int, message: Message) -> None:
        batch.next[place] = offset + 1
        topic, partition = place
        value = message.value()
        try:
            schema_id, position = self._writers.read_position(topic, partition, value)
        except Unreadable as error:
            batch.bad.append(Bad(topic, partition, offset, message.key() or b"", value or b"", str(error)))
            return
        if self.held[place].take_new(position):
            batch.records.append(Record(topic, partition, offset, position, schema_id, value))
