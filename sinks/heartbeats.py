"""``soc.heartbeats`` into the store: of each recorder the newest. What is none is passed over, and the log says why.

The order of effects: consume, write, then write down how far it went. What is read twice is the same row.
"""

from datetime import UTC, datetime
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from infra.groups import HEARTBEAT_GROUP
from infra.settings import Settings
from infra.topic_identity import TopicPartitionPair
from infra.topics import HEARTBEATS
from ledger.errors import Rejected, Unavailable
from ledger.heartbeats import Heartbeat
from ledger.instants import make_instant
from methodology.feeds import find_heartbeat_fault
from schemas.codec import Codec
from sinks.progress import read_progress, write_progress
from sinks.store import Store

COLUMNS: Final = [*Heartbeat._fields, "partition", "offset", "written_at"]
ASK_TIMEOUT_SECONDS: Final = 10.0
TAKEN_MOST: Final = 1_000
_log = structlog.get_logger("sinks.heartbeats")


class HeartbeatReader:
    """Reads heartbeats into one store; used by one thread. Connects when first asked."""

    def __init__(self, settings: Settings, store: Store, codec: Codec) -> None:
        self._settings = settings
        self._store = store
        self._codec = codec
        self._consumer: Consumer | None = None

    def take_some(self, seconds: float) -> int:
        """Store what comes within so many seconds; how many records came.

        Raises:
            Unavailable: the broker, the registry or the store is; begin again by ``close``.
        """
        try:
            messages = self._open_consumer().consume(TAKEN_MOST, seconds)
            places = dict(map(_find_next, messages))
        except KafkaException as error:
            raise Unavailable(f"the broker: {error.args[0].str()}") from error
        rows = [row for one in messages if (row := self.read_row(one)) is not None]
        if rows:
            self._store.insert_aside("heartbeats", COLUMNS, rows)
        if places:
            write_progress(self._store, places)
        return len(messages)

    def read_row(self, message: Message) -> list[Any] | None:
        """Read the row of a record; None for one that is no heartbeat. Raises Unavailable: the registry is away."""
        try:
            found = self._codec.decode_heartbeat(message.value(), tuple(message.headers() or ()))
            fault = find_heartbeat_fault(found, message.key())
        except Rejected as refused:
            fault = refused.sentence
        if fault is not None:
            _log.warning("no heartbeat", partition=message.partition(), offset=message.offset(), reason=fault)
            return None
        said = found._asdict() | {"sent_at": make_instant(found.sent_at)}
        return [*said.values(), message.partition(), message.offset(), find_written(message)]

    def close(self) -> None:
        """Let go of the broker; the next call connects again."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _open_consumer(self) -> Consumer:
        """Open the consumer of all partitions, each from where the store has come."""
        if self._consumer is None:
            self._consumer = Consumer(build_heartbeat_options(self._settings))
            topic = self._consumer.list_topics(HEARTBEATS, timeout=ASK_TIMEOUT_SECONDS).topics[HEARTBEATS]
            if topic.error is not None:
                raise KafkaException(topic.error)
            come = read_progress(self._store)
            self._consumer.assign(
                [TopicPartition(HEARTBEATS, one, come.get((HEARTBEATS, one), 0)) for one in sorted(topic.partitions)]
            )
        return self._consumer


def find_written(message: Message) -> datetime:
    """Find when the broker had a record: now, where its clock says later. None that comes after it would hold else."""
    return min(make_instant(message.timestamp()[1]), datetime.now(UTC))


def _find_next(message: Message) -> tuple[TopicPartitionPair, int]:
    """Find the offset after a message. Raises KafkaException where it is the broker's trouble."""
    if message.error() is not None:
        raise KafkaException(message.error())
    return (HEARTBEATS, message.partition()), message.offset() + 1


def build_heartbeat_options(settings: Settings) -> dict[str, str | int | float | bool]:
    """Build the options of the consumer, said in one place. Its group is a name: every reader takes all."""
    return settings.build_kafka_options() | {
        "group.id": HEARTBEAT_GROUP,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",  # compacted, or made again: what is gone is old
        "fetch.wait.max.ms": 500,
        "log_level": 2,
    }
