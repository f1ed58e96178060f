"""Reading a topic from its first record to a fixed end. It assigns and never joins a group, and commits nothing."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from infra.groups import AUDIT_GROUP
from infra.published_reader import PublishedReader
from infra.settings import Settings
from ledger.errors import Unavailable
from ledger.facts import Millis
from ledger.originals import Misfit

CALL_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.2
BATCH_RECORDS = 2_000
QUEUE_KILOBYTES = 16_384

TopicHeaders = tuple[tuple[str, bytes | None], ...]


class TopicRecord(NamedTuple):
    """One record as the broker holds it."""

    offset: int
    appended_at: Millis
    key: bytes | None
    value: bytes | None
    headers: TopicHeaders
    misfit: Misfit | None = None
    """Why it is rejected by how it is packed, where it is; the fields before are then what its rejection carries."""


class TopicReader:
    """One topic, read partition by partition; each reading ends the one before.

    Args:
        patience: how many seconds the broker may take for each answer.
    """

    def __init__(self, settings: Settings, topic: str, patience: float = CALL_TIMEOUT_SECONDS) -> None:
        self.topic = topic
        self._patience = patience
        self._consumer = Consumer(
            settings.build_kafka_options()
            | {
                "group.id": AUDIT_GROUP,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 20,  # at an end nothing more is waited for
                "queued.max.messages.kbytes": QUEUE_KILOBYTES,
                "fetch.queue.backoff.ms": 10,  # usually 1,000: so long a queue that was full is not filled again
                "log_level": 2,
            }
        )

    def find_bounds(self, partition: int) -> tuple[int, int]:
        """Find the first offset that is still there, and the end: the last one plus 1.

        Raises:
            Unavailable: the broker did not answer.
        """
        try:
            low, high = self._consumer.get_watermark_offsets(
                TopicPartition(self.topic, partition), timeout=self._patience
            )
        except KafkaException as error:
            raise Unavailable(f"{self.topic}/{partition}: {error.args[0].str()}") from error
        return low, high

    def find_offset(self, partition: int, instant: Millis, end: int) -> int:
        """Find the offset of the first record that was appended at an instant or later; ``end`` where there is none.

        The broker finds markers of transactions too, and in a restored topic those are younger than what follows them.

        Raises:
            Unavailable: the broker did not answer.
        """
        try:
            (found,) = self._consumer.offsets_for_times(
                [TopicPartition(self.topic, partition, instant)], timeout=self._patience
            )
        except KafkaException as error:
            raise Unavailable(f"{self.topic}/{partition}: {error.args[0].str()}") from error
        first = int(found.offset) if found.offset >= 0 else end
        return next((one.offset for one in self.read_records(partition, first, end) if one.appended_at >= instant), end)

    def read_records(self, partition: int, first: int, end: int) -> Iterator[TopicRecord]:
        """Read the records from ``first`` to before ``end``.

        Raises:
            Unavailable: the broker stopped answering.
        """
        if first >= end:
            return
        self._consumer.assign([TopicPartition(self.topic, partition, first)])
        for message in self._read_messages(partition, first, end):
            if message.offset() >= end:
                return
            yield make_record(message)
            if message.offset() == end - 1:
                return

    def close(self) -> None:
        """Give the connection back."""
        self._consumer.close()

    def _read_messages(self, partition: int, first: int, end: int) -> Iterator[Message]:
        """Read messages until the end; each batch asks for no more than there can be, so that none waits for more."""
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            for message in self._consumer.consume(min(BATCH_RECORDS, end - first), timeout=POLL_SECONDS):
                if self._has_ended(message):
                    return
                first = message.offset() + 1
                deadline = time.monotonic() + self._patience
                yield message
        raise Unavailable(f"{self.topic}/{partition}: nothing more came for {self._patience:.0f} s")

    def _has_ended(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return False
        if error.code() == KafkaError._PARTITION_EOF:
            return True
        raise Unavailable(f"{self.topic}: {error.str()}")


class PublishedTopicReader(TopicReader):
    """``soc.published``, read as the intake reads it: whatever a publisher packed, every position gives a record."""

    def __init__(self, settings: Settings, topic: str) -> None:
        super().__init__(settings, topic)
        self._reader = PublishedReader(settings, topic)

    def read_records(self, partition: int, first: int, end: int) -> Iterator[TopicRecord]:
        """Read the records from ``first`` to before ``end``.

        Raises:
            Unavailable: the broker stopped answering, or holds bytes that nobody can read.
        """
        for found in self._reader.read_records(partition, first, end):
            misfit = found if isinstance(found, Misfit) else None
            yield TopicRecord(found.offset, found.timestamp, found.key, found.value, tuple(found.headers), misfit)

    def close(self) -> None:
        """Give the connections back."""
        super().close()
        self._reader.close()


def make_record(message: Message) -> TopicRecord:
    """Make a record without its client."""
    headers = tuple((name, value) for name, value in message.headers() or ())
    return TopicRecord(message.offset(), message.timestamp()[1], message.key(), message.value(), headers)
