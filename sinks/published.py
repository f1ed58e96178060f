"""How far ``soc.published`` goes: to its end, and to what had been appended by an instant."""

import threading
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from infra.settings import Settings
from infra.topics import PUBLISHED
from ledger.errors import Unavailable
from ledger.facts import Millis

CALL_TIMEOUT_SECONDS: Final = 5.0
GROUP: Final = "disruption-ledger-asks"  # never joined: this consumer only asks about offsets


class Published:
    """Asks the broker; connects when first asked. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._consumer: Consumer | None = None

    def ends(self) -> dict[int, int]:
        """Per partition, the offset after its last record. Raises Unavailable."""
        return self._ask(
            lambda consumer: {number: self._end(consumer, number) for number in self._partitions(consumer)}
        )

    def horizon(self, known_at: Millis) -> dict[int, int]:
        """Per partition, its first offset appended later than ``known_at``, or else its end. Raises Unavailable."""
        return self._ask(lambda consumer: self._horizon(consumer, known_at))

    def _horizon(self, consumer: Consumer, known_at: Millis) -> dict[int, int]:
        asked = [TopicPartition(PUBLISHED, number, known_at + 1) for number in self._partitions(consumer)]
        found = consumer.offsets_for_times(asked, timeout=CALL_TIMEOUT_SECONDS)
        return {one.partition: one.offset if one.offset >= 0 else self._end(consumer, one.partition) for one in found}

    def _end(self, consumer: Consumer, number: int) -> int:
        return int(consumer.get_watermark_offsets(TopicPartition(PUBLISHED, number), timeout=CALL_TIMEOUT_SECONDS)[1])

    def _partitions(self, consumer: Consumer) -> list[int]:
        found = consumer.list_topics(PUBLISHED, timeout=CALL_TIMEOUT_SECONDS).topics[PUBLISHED]
        if found.error is not None:
            raise Unavailable(f"the broker does not have {PUBLISHED}")
        return sorted(found.partitions)

    def _ask(self, question: Any) -> dict[int, int]:
        with self._lock:
            try:
                found: dict[int, int] = question(self._open())
            except KafkaException as error:
                raise Unavailable(f"the broker did not answer: {error.args[0].str()}") from error
        return found

    def _open(self) -> Consumer:
        if self._consumer is None:
            options = {"group.id": GROUP, "enable.auto.commit": False, "log_level": 2}
            self._consumer = Consumer(self._settings.kafka() | options)
        return self._consumer

    def close(self) -> None:
        """Leave the broker."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None
