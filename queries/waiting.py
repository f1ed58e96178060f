"""Whether a record lies between a position of ``soc.published`` and a later one: read committed, and looked at.

Markers of transactions, and what aborted ones wrote, take offsets and are no records: only reading tells. What was
found to be no record stays none, and a record that was found stays there, so each offset is looked at once.
"""

import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from confluent_kafka import (
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from infra.groups import QUESTIONS_GROUP
from infra.settings import Settings
from infra.topics import PUBLISHED
from ledger.errors import Unavailable
from ledger.facts import Millis

CALL_TIMEOUT_SECONDS: Final = 5.0
OPTIONS: Final[Mapping[str, str | int | float | bool]] = {
    "group.id": QUESTIONS_GROUP,
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "isolation.level": "read_committed",
    "auto.offset.reset": "error",  # deleted before it was judged: not looked past, never taken for nothing
    "fetch.wait.max.ms": 10,
    "fetch.message.max.bytes": 65_536,  # one record is enough to see
    "queued.min.messages": 1,
    "fetch.queue.backoff.ms": 0,  # usually 1,000: a partition that had been read would be read again that much later
    "log_level": 2,
}


class Looked(NamedTuple):
    """No record lies from ``start`` to before ``end``; whether one at ``end`` was seen, and when it was appended."""

    start: int
    end: int
    seen: bool = False
    appended: Millis | None = None


class RecordSearch:
    """Looks for the first record of partitions; connects when first asked. One thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer: Consumer | None = None
        self._looked: dict[int, Looked] = {}

    def find_waiting(self, begun: Mapping[int, int], ends: Mapping[int, int]) -> set[int]:
        """Find the partitions with a record from ``begun`` to before ``ends``, or with more stored than published.

        A partition that cannot be read there counts among them: what is not shown to be nothing is not taken for it.

        Raises:
            Unavailable: the broker did not answer in time.
            KafkaException: it is away.
        """
        self._looked |= {number: self._remember(number, position) for number, position in begun.items()}
        wanted = {n: self._looked[n].end for n in begun if not self._looked[n].seen and self._looked[n].end < ends[n]}
        if wanted:
            self._search_partitions(wanted)
        return {n for n, position in begun.items() if self._looked[n].end < ends[n] or position > ends[n]}

    def find_appended(self, number: int) -> Millis | None:
        """Find when the first record of a partition was appended that waits; None where none was seen."""
        return self._looked[number].appended

    def has_own_time(self, number: int, offset: int) -> bool:
        """Tell whether a record has its time from its broker, and not from whoever wrote it.

        Raises:
            Unavailable: the broker did not give it in time.
        """
        consumer = self._open()
        consumer.assign([TopicPartition(PUBLISHED, number, offset)])
        try:
            message = consumer.poll(CALL_TIMEOUT_SECONDS)
        finally:
            consumer.unassign()
        if message is None or message.error() is not None or message.offset() != offset:
            raise Unavailable(f"{PUBLISHED} could not be read within {CALL_TIMEOUT_SECONDS:.0f} s")
        return bool(message.timestamp()[0] == TIMESTAMP_LOG_APPEND_TIME)

    def _remember(self, number: int, position: int) -> Looked:
        looked = self._looked.get(number)
        return looked if looked and looked.start <= position <= looked.end else Looked(position, position)

    def _search_partitions(self, wanted: Mapping[int, int]) -> None:
        consumer = self._open()
        consumer.assign([TopicPartition(PUBLISHED, number, start) for number, start in wanted.items()])
        try:
            self._await_all(consumer, set(wanted))
        finally:
            consumer.unassign()

    def _await_all(self, consumer: Consumer, open_: set[int]) -> None:
        deadline = time.monotonic() + CALL_TIMEOUT_SECONDS
        while open_:
            message = consumer.poll(max(0.0, deadline - time.monotonic()))
            if message is None:
                raise Unavailable(f"{PUBLISHED} could not be read within {CALL_TIMEOUT_SECONDS:.0f} s")
            if message.partition() in open_:
                open_.remove(message.partition())
                self._note_message(message)
            elif message.topic() is None:
                raise KafkaException(message.error())

    def _note_message(self, message: Message) -> None:
        error, looked = message.error(), self._looked[message.partition()]
        if error is None:
            self._looked[message.partition()] = Looked(looked.start, message.offset(), True, message.timestamp()[1])
        elif error.code() == KafkaError._PARTITION_EOF:
            self._looked[message.partition()] = Looked(looked.start, message.offset())

    def _open(self) -> Consumer:
        if self._consumer is None:
            self._consumer = Consumer(self._settings.build_kafka_options() | dict(OPTIONS))
        return self._consumer

    def forget_consumer(self) -> None:
        """Give up a client that was not answered, as ``infra.kept_admin`` does; the next search makes another."""
        self._consumer = None

    def close(self) -> None:
        """Leave the broker."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
