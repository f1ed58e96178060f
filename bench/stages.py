"""When the output of each event was appended, by the broker's clock: outputs carry their source position."""

from confluent_kafka import Consumer, TopicPartition

from infra.settings import Settings
from infra.topics import ENTRIES, REJECTED
from schemas.registry import pinned
from sinks.block import Writers

BATCH_MESSAGES = 10_000
ASK_SECONDS = 10.0

Place = tuple[str, int]
Source = tuple[int, int]
"""Partition and offset of an event."""


def output_ends(settings: Settings) -> dict[Place, int]:
    """Where each partition of the outputs ends."""
    consumer = _consumer(settings)
    places = [(topic, one) for topic in (ENTRIES, REJECTED) for one in range(settings.partitions)]
    ends = {place: consumer.get_watermark_offsets(TopicPartition(*place), ASK_SECONDS)[1] for place in places}
    consumer.close()
    return ends


def output_times(settings: Settings, starts: dict[Place, int]) -> dict[Source, float]:
    """By event, when its output was appended, in seconds of the wall clock; outputs from ``starts`` to their ends."""
    left = sum(end - starts[place] for place, end in output_ends(settings).items())
    writers, consumer = Writers(pinned()), _consumer(settings)
    consumer.assign([TopicPartition(*place, at) for place, at in starts.items()])
    times: dict[Source, float] = {}
    while left > 0:
        for message in consumer.consume(BATCH_MESSAGES, 0.1):
            topic, partition = message.topic(), message.partition()
            _, (offset, _) = writers.read_position(topic, partition, message.value())
            times.setdefault((partition, offset), message.timestamp()[1] / 1000)
            left -= 1
    consumer.close()
    return times


def _consumer(settings: Settings) -> Consumer:
    return Consumer(settings.kafka() | {"group.id": "bench-stages", "enable.auto.commit": False})
