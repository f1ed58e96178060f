"""Appending one record, and waiting for the broker to have it."""

from typing import Any

from confluent_kafka import Message, Producer


def append_record(producer: Producer, place: tuple[str, int], key: Any, value: bytes, seconds: float) -> int | None:
    """Append a record; its offset, or None where it is not acknowledged in time: its outcome is not known then.

    Args:
        place: topic and partition.
        seconds: how long to wait.

    Raises:
        KafkaException: the client does not take it.
    """
    delivered: list[Message] = []
    topic, partition = place
    producer.produce(
        topic,
        value,
        key,
        partition,
        on_delivery=lambda error, message: None if error else delivered.append(message),
    )
    producer.flush(seconds)
    return int(delivered[0].offset() or 0) if delivered else None
