"""Writing a partition so that every record lies at the offset that the plan gives it, or not at all.

A transaction is committed before its marker lies in the partition, so the end is waited for after each one. Whoever
else writes into the partition meanwhile is seen by the offsets that the broker gave.
"""

import time
from collections.abc import Iterable
from typing import Any, Final

from confluent_kafka import KafkaException, Producer, TopicPartition

from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import find_highs
from infra.topics import PUBLISHED
from ledger.bounds import LARGEST_OUTPUT_BYTES
from ledger.errors import Unavailable
from services.restore_plan import RestoredRecord, Stretch

CALL_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.002
WRITE_SECONDS: Final = 120.0
OPEN_MILLISECONDS: Final = 900_000  # so long a transaction may be open: what brokers permit unless told otherwise
TRANSACTIONS: Final = "disruption-ledger-restore"


class PositionedWriter:
    """Writes into the topics of one cluster, one at a time: the names of its transactions fence another's.

    Raises:
        Unavailable: the broker does not answer.
    """

    def __init__(self, settings: Settings) -> None:
        self._options = settings.build_kafka_options() | _OPTIONS
        self._plain = Producer(self._options)
        self._admin = build_admin_client(settings)
        self._transactional = {name: self._begin_producer(name) for name in ("hole", "begun", "marked")}

    def _begin_producer(self, name: str) -> Producer:
        """Begin a producer of transactions; what an earlier restore left open is aborted, and its marker written."""
        more = {"transactional.id": f"{TRANSACTIONS}-{name}", "transaction.timeout.ms": OPEN_MILLISECONDS}
        producer = Producer(self._options | more)
        try:
            producer.init_transactions(WRITE_SECONDS)
        except KafkaException as error:
            raise Unavailable(f"transactions cannot be begun: {error.args[0].str()}") from error
        return producer

    def write_stretch(self, topic: str, partition: int, stretch: Stretch) -> None:
        """Write one stretch; returns once all of it is acknowledged, and lies where it must.

        Raises:
            Unavailable: the broker did not take it, or somebody else wrote meanwhile.
        """
        try:
            self._write_parts(TopicPartition(topic, partition), stretch)
        except KafkaException as error:
            raise Unavailable(f"{topic}/{partition} cannot be written: {error.args[0].str()}") from error

    def _write_parts(self, place: TopicPartition, stretch: Stretch) -> None:
        at, stamp = stretch.start, stretch.records[0].timestamp if stretch.records else 0
        if stretch.settled:
            at = self._end_transaction(place, at, "begun")
        if stretch.hole:
            self._transactional["hole"].begin_transaction()
            fillers = [RestoredRecord(at + number, stamp, None, None, ()) for number in range(stretch.hole - 1)]
            self._produce_all(self._transactional["hole"], place, fillers)
            at = self._end_transaction(place, at + len(fillers), "hole")
        if stretch.begun:
            self._transactional["begun"].begin_transaction()
            self._produce_all(self._transactional["begun"], place, [RestoredRecord(at, stamp, None, None, ())])
        whole = len(stretch.records) - stretch.marked
        self._produce_all(self._plain, place, stretch.records[:whole])
        if stretch.marked:
            self._transactional["marked"].begin_transaction()
            self._produce_all(self._transactional["marked"], place, stretch.records[whole:])
            self._end_transaction(place, stretch.end - 1, "marked")

    def _end_transaction(self, place: TopicPartition, at: int, name: str) -> int:
        """End a transaction and wait until its marker lies at ``at``; return the offset behind it."""
        producer = self._transactional[name]
        (producer.commit_transaction if name == "marked" else producer.abort_transaction)(CALL_SECONDS)
        deadline = time.monotonic() + CALL_SECONDS
        while (end := self._find_end(place)) <= at:
            if time.monotonic() > deadline:
                raise Unavailable(f"{place.topic}/{place.partition}: the marker of a transaction does not come")
            time.sleep(POLL_SECONDS)
        return _hold_offset(place, at + 1, end)

    def _find_end(self, place: TopicPartition) -> int:
        """Find where a partition ends, its markers included. Raises Unavailable."""
        named = place.topic, place.partition
        return find_highs(self._admin, [named])[named]

    def _produce_all(self, producer: Producer, place: TopicPartition, records: Iterable[RestoredRecord]) -> None:
        """Produce records that follow one another; each must be given its own offset."""
        wanted: list[int] = []
        given: list[int] = []

        def note_delivery(error: Any, message: Any) -> None:
            given.append(-1 if error is not None else message.offset())

        for one in records:
            wanted.append(one.offset)
            _produce_one(producer, place, one, note_delivery)
        deadline = time.monotonic() + WRITE_SECONDS
        while producer.flush(CALL_SECONDS) and time.monotonic() < deadline:
            pass
        if given != wanted:
            at = next((one for one, found in zip(wanted, [*given, *wanted], strict=False) if one != found), -1)
            raise Unavailable(
                f"{place.topic}/{place.partition}: offset {at} is not acknowledged, or somebody else writes"
            )


def publish_again(settings: Settings, records: Iterable[tuple[int, RestoredRecord]]) -> int:
    """Publish records, each into its partition, with what it has but for its time; how many. Raises Unavailable."""
    producer, failed, some = Producer(settings.build_kafka_options() | _OPTIONS), list[Any](), list(records)
    for partition, one in some:
        place = TopicPartition(PUBLISHED, partition)
        _produce_one(producer, place, one, lambda error, _: failed.append(error) if error else None)
    if some and (producer.flush(WRITE_SECONDS) or failed):
        raise Unavailable(f"not all of {len(some)} events were published again")
    return len(some)


def _produce_one(producer: Producer, place: TopicPartition, one: RestoredRecord, note: Any) -> None:
    while True:
        try:
            producer.produce(
                place.topic,
                one.value,
                one.key,
                place.partition,
                note,
                timestamp=one.timestamp,
                headers=list(one.headers),
            )
        except BufferError:
            producer.poll(CALL_SECONDS)
        else:
            return


def _hold_offset(place: TopicPartition, wanted: int, found: int) -> int:
    if wanted != found:
        raise Unavailable(f"{place.topic}/{place.partition} ends at {found}, not at {wanted}: somebody else writes")
    return found


_OPTIONS: Final = {
    "acks": "all",
    "enable.idempotence": True,
    "message.timeout.ms": int(WRITE_SECONDS * 1000),
    "message.max.bytes": LARGEST_OUTPUT_BYTES,
    "queue.buffering.max.kbytes": 256 * 1024,
    "batch.size": 1024 * 1024,
    "linger.ms": 5,
    "log_level": 2,
}
