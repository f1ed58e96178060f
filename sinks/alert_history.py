"""``soc.alerts`` into tables that nobody judges by yet: stored as the judge's process does it, and handed to nobody.

It joins no group, so that who judges stays who it is.
"""

from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from infra.groups import REBUILD_GROUP
from infra.settings import Settings
from infra.topics import ALERTS
from ledger.errors import Unavailable
from schemas.registry import SchemaIds
from sinks.alerts import (
    PARTITION,
    consume_log,
    find_next_alert,
    find_standing,
    read_logged,
    select_telling,
    store_alerts,
)
from sinks.store import Store

ASK_SECONDS: Final = 10.0


class AlertHistory:
    """Follows the log of alerts into one store. Used by one thread."""

    def __init__(self, settings: Settings, store: Store, ids: SchemaIds) -> None:
        self._store = store
        self._ids = ids
        self._consumer = Consumer(settings.build_kafka_options() | _OPTIONS)
        self._next = find_next_alert(store)
        self._standing = find_standing(store, self._next)
        self._consumer.assign([TopicPartition(ALERTS, PARTITION, self._next)])

    def take_some(self, seconds: float) -> int:
        """Store what comes within so many seconds; how many records came. Raises Unavailable."""
        found = consume_log(self._consumer, seconds)
        store_alerts(self._store, select_telling((read_logged(one, self._ids) for one in found), self._standing))
        if found:
            self._next = int(found[-1].offset()) + 1
        return len(found)

    def has_read_all(self) -> bool:
        """Tell whether all that lies in the log now has been read. Raises Unavailable."""
        try:
            low, high = self._consumer.get_watermark_offsets(TopicPartition(ALERTS, PARTITION), ASK_SECONDS)
        except KafkaException as error:
            raise Unavailable(f"the log of alerts cannot be asked: {error.args[0].str()}") from error
        return bool(self._next >= high or low == high)

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()


_OPTIONS: Final = {
    "group.id": REBUILD_GROUP,
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 100,
    "log_level": 2,
}
