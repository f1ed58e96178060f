"""When the output of each event was appended, by the broker's clock: outputs carry their source position."""

from confluent_kafka import Consumer, TopicPartition

from infra.settings import Settings
from infra.topics import ENTRIES, REJECTED
from schemas.registry import pin_ids
from sinks.block import RecordSchemas

BATCH_MESSAGES = 10_000
ASK_SECONDS = 10.0

OutputPartition = tuple[str, int]
"""Topic and partition."""
EventPosition = tuple[int, int]
"""Partition and offset of an event."""


def find_output_ends(settings: Settings) -> dict[OutputPartition, int]:
    """Find where each partition of the outputs ends."""
    consumer = _make_consumer(settings)
    places = [(topic, one) for topic in (ENTRIES, REJECTED) for one in range(settings.partitions)]
    ends = {place: consumer.get_watermark_offsets(TopicPartition(*place), ASK_SECONDS)[1] for place in places}
    consumer.close()
    return ends


def read_output_times(settings: Settings, starts: dict[OutputPartition, int]) -> dict[EventPosition, float]:
    """Read when each event's output was appended, by the wall clock; outputs from ``starts`` to their ends."""
    left = sum(end - starts[place] for place, end in find_output_ends(settings).items())
    writers, consumer = RecordSchemas(pin_ids()), _make_consumer(settings)
    consumer.assign([TopicPartition(*place, at) for place, at in starts.items()])
    times: dict[EventPosition, float] = {}
    while left > 0:
        for message in consumer.consume(BATCH_MESSAGES, 0.1):
            topic, partition = message.topic(), message.partition()
            _, (offset, _) = writers.read_position(topic, partition, message.value())
            times.setdefault((partition, offset), message.timestamp()[1] / 1000)
            left -= 1
    consumer.close()
    return times


def _make_consumer(settings: Settings) -> Consumer:
    return Consumer(settings.build_kafka_options() | {"group.id": "bench-stages", "enable.auto.commit": False})
