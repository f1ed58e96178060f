"""The same job in quixstreams: a batching sink folds and writes each partition's batch, then quixstreams commits.

    .bench-venv/bin/python -m bench.peers.quix    works until it is killed

The sink is quixstreams' fastest way in; like the plain loop it has no recovery of books and no snapshots.
"""

from typing import Any

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from bench.peers.plain import PATIENCE_SECONDS, PeerRecord, PlainFolds
from infra.settings import Settings, load_settings
from infra.topics import PUBLISHED
from streams.outputs import OutputProducer

COMMIT_RECORDS = 20_000
COMMIT_SECONDS = 1.0


class IntakeSink(BatchingSink):
    """PlainFolds a batch and writes its outputs; returns once they are acknowledged."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._outputs = OutputProducer(settings)
        self._folds = PlainFolds(settings.partitions)

    def write(self, batch: SinkBatch) -> None:
        """Write the outputs of one partition's records since the last commit."""
        records = [_make_record(item) for item in batch]
        self._outputs.send_outputs(batch.partition, self._folds.list_outputs(batch.partition, records))
        self._outputs.await_acks(PATIENCE_SECONDS)


def _make_record(item: Any) -> PeerRecord:
    return PeerRecord(item.offset, item.timestamp, item.key, item.value, tuple(item.headers or ()))


def main() -> None:
    """Run until told to stop."""
    settings = load_settings()
    app = Application(
        broker_address=settings.kafka_bootstrap_servers,
        consumer_group="bench-quix",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        commit_every=COMMIT_RECORDS,
        commit_interval=COMMIT_SECONDS,
        loglevel="WARNING",
    )
    topic = app.topic(PUBLISHED, value_deserializer="bytes", key_deserializer="bytes")
    app.dataframe(topic).sink(IntakeSink(settings))
    app.run()


if __name__ == "__main__":
    main()
