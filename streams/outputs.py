"""What intake writes: entries and rejections, each into the partition of its event, acknowledged before anything else.

The producer is idempotent and never gives up by itself: an output is delivered, or the worker ends without having
committed what it covers.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from confluent_kafka import KafkaError, Producer

from infra.settings import Settings
from ledger.bounds import LARGEST_OUTPUT_BYTES
from ledger.entries import SourceRecord
from ledger.errors import Unavailable

POLL_SECONDS = 0.5
PREFIX = "__connect.errors."
DeadLetterHeaders = list[tuple[str, bytes]] | None


ProducedOutput = tuple[str, bytes | None, bytes, DeadLetterHeaders]
"""One record to write: topic, key, value, headers."""


class OutputProducer:
    """The producer of one worker. ``send_outputs`` of a run, then ``await_acks``."""

    def __init__(self, settings: Settings) -> None:
        self._failures: list[KafkaError] = []
        self._producer = Producer(settings.build_kafka_options() | _OPTIONS | {"on_delivery": self._note_failure})

    def _note_failure(self, error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            self._failures.append(error)

    def send_outputs(
        self, partition: int, outputs: Iterable[ProducedOutput], traced: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Queue outputs, in order; librdkafka begins to write at once. ``traced``: headers that say of which trace."""
        produce = self._producer.produce
        for topic, key, value, said in outputs:
            headers = [*(said or ()), *traced] if traced else said
            while True:
                try:
                    produce(topic, value, key, partition, headers=headers)
                    break
                except BufferError:
                    self._producer.poll(POLL_SECONDS)

    def await_acks(self, patience_seconds: float) -> None:
        """Return once everything sent is acknowledged by all in-sync replicas.

        Raises:
            Unavailable: an output was refused, or is not acknowledged in time; its outcome is unknown.
        """
        deadline = time.monotonic() + patience_seconds
        while self._producer.flush(POLL_SECONDS):
            if time.monotonic() > deadline:
                raise Unavailable(f"outputs are not acknowledged after {patience_seconds:.0f} s")
        if self._failures:
            raise Unavailable(f"an output was refused: {self._failures[0].name()}")


_OPTIONS: dict[str, str | int | float | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    "message.timeout.ms": 0,  # never given up here
    "max.in.flight.requests.per.connection": 5,
    "message.max.bytes": LARGEST_OUTPUT_BYTES,
    "queue.buffering.max.messages": 1_000_000,
    "queue.buffering.max.kbytes": 256 * 1024,
    "linger.ms": 5,
    "batch.num.messages": 10_000,
    "batch.size": 1024 * 1024,
    "compression.type": "none",
    "delivery.report.only.error": True,
    "reconnect.backoff.max.ms": 1_000,
    "log_level": 2,
}


def make_error_headers(
    topic: str, source: SourceRecord, stage: str, code: str, message: str
) -> list[tuple[str, bytes]]:
    """Make Kafka Connect's dead-letter headers, so that its tools read ours; none holds a value of the record."""
    said = {
        "topic": topic,
        "partition": str(source.partition),
        "offset": str(source.offset),
        "stage": stage,
        "class.name": "streams.intake",
        "exception.class.name": code,
        "exception.message": message,
    }
    return [(PREFIX + name, text.encode()) for name, text in said.items()]
