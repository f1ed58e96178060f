"""The log of alerts: ``soc.alerts``, and the table that follows it.

The order of effects:

1. A process that is given partition 0 of the topic, by its consumer group, is the one that judges. All alerts lie
   there, so their order is total.
2. It reads from the lower of what is stored and what was handed over (the committed offset) to the end, and stores it.
   What was read then says which alerts stand: the judge's state is its output.
3. An alert is produced and acknowledged; it is stored and handed over when it is read back.
4. A group cannot stop a judge that does not know yet that it was replaced. So the log decides: what is raised while it
   stands, or cleared while it does not, says nothing, and is neither stored nor handed over.
5. An offset is committed once its alert was handed over to whom the caller tells of alerts. Twice is possible after a
   crash, never is not.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from infra.appending import append_record
from infra.groups import ALERTS_GROUP, build_session_options
from infra.settings import Settings
from infra.topics import ALERTS
from ledger.errors import Unavailable
from ledger.instants import make_instant
from ledger.vocabulary import AlertState
from schemas.alerts import Alert, decode_alert, encode_alert
from schemas.registry import SchemaIds
from sinks.store import Row, Store

PARTITION: Final = 0
ACK_SECONDS: Final = 10.0
READ_SECONDS: Final = 0.2
READ_MOST: Final = 500
COLUMNS: Final = ["partition", "offset", *Alert._fields]
_NEXT: Final = "SELECT max(offset) + 1 AS next, count() AS n FROM alerts WHERE partition = 0"
_STANDING: Final = """
SELECT kind, subject, state, at, value, bound, sentence, remedy, offset FROM alerts FINAL
WHERE state = 'RAISED' AND (kind, subject, offset) IN (
    SELECT kind, subject, max(offset) FROM alerts FINAL WHERE offset < {end:Int64} GROUP BY kind, subject
) ORDER BY offset DESC
"""
_STORED: Final = """
SELECT offset, kind, subject, state, toUnixTimestamp64Milli(at) AS at, value, bound, sentence, remedy, software
FROM alerts FINAL WHERE partition = 0 ORDER BY offset
"""
_NO_END: Final = 2**63 - 1


class LoggedAlert(NamedTuple):
    """An alert and its offset in partition 0 of ``soc.alerts``."""

    offset: int
    alert: Alert


class AlertLog:
    """One process's way to the log. Used by one thread."""

    def __init__(self, settings: Settings, store: Store, ids: SchemaIds) -> None:
        self._store = store
        self._ids = ids
        self._next = 0
        self._end = 0
        self._standing: set[tuple[str, str]] = set()
        self._given = False
        options = settings.build_kafka_options()
        self._producer = Producer(options | {"enable.idempotence": True, "acks": "all", "log_level": 2})
        session = build_session_options(settings.session_timeout_seconds)  # a judge that died is missed
        self._consumer = Consumer(options | _OPTIONS | session)
        self._consumer.subscribe([ALERTS], on_assign=self._take, on_revoke=self._give_up, on_lost=self._give_up)

    @property
    def is_given(self) -> bool:
        """Tell whether partition 0 is given to this process: alerts are judged here, and nowhere else."""
        return self._given

    @property
    def has_read_all(self) -> bool:
        """Tell whether all has been read that lay in the log when it was given, and what was appended since."""
        return self._next >= self._end

    def read_new(self) -> list[LoggedAlert]:
        """Read what has come, store what says something, and return that. Raises Unavailable."""
        mine = [one for one in consume_log(self._consumer, READ_SECONDS) if one.partition() == PARTITION]
        found = select_telling((read_logged(one, self._ids) for one in mine), self._standing)
        store_alerts(self._store, found)
        if mine:
            self._next = int(mine[-1].offset()) + 1
        return found

    def append_alert(self, alert: Alert) -> None:
        """Append one; returns once it is acknowledged. Raises Unavailable: its outcome is unknown."""
        value, key = encode_alert(alert, self._ids), alert.subject.encode()
        offset = append_record(self._producer, (ALERTS, PARTITION), key, value, ACK_SECONDS)
        if offset is None:
            raise Unavailable("an alert is not acknowledged by the broker")
        self._end = max(self._end, offset + 1)

    def commit_handed(self, offset: int) -> None:
        """Commit that everything up to an offset, this one included, was handed over."""
        try:
            self._consumer.commit(offsets=[TopicPartition(ALERTS, PARTITION, offset + 1)], asynchronous=True)
        except KafkaException:
            return  # it is handed over again: a hint was lost

    def list_standing(self) -> set[tuple[str, str]]:
        """List kind and subject of the alerts that stand by what was read."""
        return set(self._standing)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _take(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        """Take what the group gives; of partition 0 from where storing or handing over ended."""
        for one in partitions:
            if one.partition == PARTITION:
                _, self._end = consumer.get_watermark_offsets(one, ACK_SECONDS)
                one.offset = self._next = self._find_start(consumer)
                self._standing = find_standing(self._store, self._next)
                self._given = True
        consumer.assign(partitions)

    def _find_start(self, consumer: Consumer) -> int:
        stored = find_next_alert(self._store)
        (handed,) = consumer.committed([TopicPartition(ALERTS, PARTITION)], ACK_SECONDS)
        return min(stored, max(int(handed.offset), 0))  # below 0: nothing was committed yet

    def _give_up(self, _: Consumer, partitions: Sequence[TopicPartition]) -> None:
        if any(one.partition == PARTITION for one in partitions):
            self._given = False


_OPTIONS: Final = {
    "group.id": ALERTS_GROUP,
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 100,
    "log_level": 2,
}


def consume_log(consumer: Consumer, seconds: float) -> list[Message]:
    """Consume records of the log that come within so many seconds.

    A broker that is away is found again without our doing; what it refuses (no right, no topic) is told.

    Raises:
        Unavailable: the log cannot be read, and why.
    """
    try:
        messages = consumer.consume(READ_MOST, seconds)
    except KafkaException as error:
        raise Unavailable(f"the log of alerts cannot be read: {error.args[0].str()}") from error
    for one in messages:
        refused = one.error()
        if refused is not None and refused.code() not in _PASSING:
            raise Unavailable(f"the log of alerts cannot be read: {refused.str()}")
    return [one for one in messages if one.error() is None]


_PASSING: Final = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}


def read_standing(store: Store, end: int = _NO_END) -> list[Row]:
    """Read the alerts that stand, or stood before an offset: raised and not cleared since, newest first.

    Raises:
        Unavailable: the store did not answer.
    """
    return store.query(_STANDING, {"end": end})


def read_alerts(store: Store) -> list[LoggedAlert]:
    """Read all that was raised and cleared, in order. Raises Unavailable."""
    return [LoggedAlert(row["offset"], Alert(*(row[name] for name in Alert._fields))) for row in store.query(_STORED)]


def find_standing(store: Store, end: int) -> set[tuple[str, str]]:
    """Find kind and subject of the alerts that stood before an offset. Raises Unavailable."""
    return {(row["kind"], row["subject"]) for row in read_standing(store, end)}


def find_next_alert(store: Store) -> int:
    """Find the offset after the last alert that is stored. Raises Unavailable."""
    (row,) = store.query(_NEXT)
    return int(row["next"]) if row["n"] else 0


def read_logged(message: Message, ids: SchemaIds) -> LoggedAlert | None:
    """Read the alert of a record; None for what is none."""
    alert = decode_alert(message.value(), ids)
    return None if alert is None else LoggedAlert(int(message.offset()), alert)


def select_telling(logged: Iterable[LoggedAlert | None], standing: set[tuple[str, str]]) -> list[LoggedAlert]:
    """Select the alerts that say something, and turn ``standing`` by each of them."""
    found = []
    for one in logged:
        if one is None:
            continue
        key, raised = (one.alert.kind, one.alert.subject), one.alert.state == AlertState.RAISED
        if raised != (key in standing):
            standing ^= {key}
            found.append(one)
    return found


def store_alerts(store: Store, found: Sequence[LoggedAlert]) -> None:
    """Store alerts. Raises Unavailable."""
    if found:
        store.insert_rows("alerts", COLUMNS, [_make_row(one) for one in found])


def _make_row(logged: LoggedAlert) -> list[Any]:
    alert = logged.alert
    at = make_instant(alert.at)
    return [PARTITION, logged.offset, alert.kind, alert.subject, alert.state, at, *alert[4:]]
