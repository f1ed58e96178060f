"""The same job as a plain confluent-kafka loop: decode, fold, encode, produce, acknowledged, committed.

    python -m bench.peers.plain    works until it is killed

It has no recovery, no snapshots and no rebalances to care for: what it is faster by is what those cost.
"""

import signal
import sys
from typing import Any, NamedTuple

from confluent_kafka import Consumer, TopicPartition

from infra.settings import load_settings
from infra.topics import PUBLISHED
from methodology.book import Book
from schemas.codec import Codec
from schemas.registry import pin_ids
from streams.intake import FoldProgress, Intake, decode_records
from streams.outputs import OutputProducer

BATCH_MESSAGES = 5_000
PATIENCE_SECONDS = 60.0
CONSUMING: dict[str, Any] = {
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "fetch.wait.max.ms": 50,
    "queued.max.messages.kbytes": 64 * 1024,
}


class PeerRecord(NamedTuple):
    """What the fold reads of a record."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class PlainBooks:
    """Books in memory alone."""

    def __init__(self) -> None:
        self.live: dict[str, Book] = {}
        self.touched: set[str] = set()

    def fetch_book(self, threat_id: str) -> Book:
        """Return a new book."""
        return self.live.setdefault(threat_id, Book(threat_id))


class PlainFolds:
    """One fold per partition, made when it is first met."""

    def __init__(self, partitions: int) -> None:
        self._codec = Codec(pin_ids())
        self._partitions = partitions
        self._folds: dict[int, Intake] = {}

    def list_outputs(self, partition: int, records: list[PeerRecord]) -> Any:
        """List the outputs of a run."""
        if partition not in self._folds:
            self._folds[partition] = Intake(self._codec, PlainBooks(), FoldProgress(partition), self._partitions)
        return self._folds[partition].fold(records, decode_records(self._codec, records))


def main() -> None:
    """Consume, fold, write, commit, again."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = load_settings()
    consumer = Consumer(settings.build_kafka_options() | CONSUMING | {"group.id": "bench-plain"})
    consumer.subscribe([PUBLISHED])
    outputs, folds = OutputProducer(settings), PlainFolds(settings.partitions)
    try:
        while True:
            work_batch(consumer, outputs, folds)
    finally:
        consumer.close()


def work_batch(consumer: Consumer, outputs: OutputProducer, folds: PlainFolds) -> None:
    """Do the work of one batch."""
    runs: dict[int, list[PeerRecord]] = {}
    for one in consumer.consume(BATCH_MESSAGES, 0.1):
        if one.error() is None:
            headers = tuple(one.headers() or ())
            record = PeerRecord(one.offset(), one.timestamp()[1], one.key(), one.value(), headers)
            runs.setdefault(one.partition(), []).append(record)
    for partition, records in runs.items():
        outputs.send_outputs(partition, folds.list_outputs(partition, records))
    if runs:
        outputs.await_acks(PATIENCE_SECONDS)
        ends = [TopicPartition(PUBLISHED, one, records[-1].offset + 1) for one, records in runs.items()]
        consumer.commit(offsets=ends, asynchronous=False)


if __name__ == "__main__":
    main()
