"""What every intake test ends with: the outputs are exactly those of a plain fold of the published records.

The fold here is one loop per partition over all that was published, without runs, snapshots, recovery or Faust. It
shares ``judge_event`` and the codec with the worker, as those are held to their own statements elsewhere.
"""

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.entries import SourceRecord
from ledger.errors import Rejected
from ledger.facts import Fact
from local import child_processes
from methodology.book import Book
from methodology.judging import judge_event
from methodology.posting import Posted
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.patience import await_truth

CODEC = Codec(pin_ids())
SETTLED_SECONDS = 60.0
SESSION_SECONDS = 1.0


def publish_facts(settings: Settings, pairs: Iterable[tuple[str, Fact]], **options: Any) -> None:
    """Send facts keyed by their threats, and wait until all are acknowledged."""
    own = {"partitioner": "murmur2_random", "enable.idempotence": True, "log_level": 0}  # or a killed broker repeats
    producer = Producer(settings.build_kafka_options() | own | options)
    for key, fact in pairs:
        producer.produce(PUBLISHED, CODEC.encode_fact(fact), key.encode(), headers=[("ce_id", fact.event_id.encode())])
        producer.poll(0)
    assert producer.flush(SETTLED_SECONDS) == 0


def read_all(settings: Settings, topic: str) -> dict[int, list[Any]]:
    """Every committed record of a topic, by partition."""
    consumer = Consumer(settings.build_kafka_options() | _READING | {"group.id": f"proof-{uuid.uuid4()}"})
    found: dict[int, list[Any]] = defaultdict(list)
    partitions = range(settings.partitions)
    try:
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        ended: set[int] = set()
        while len(ended) < settings.partitions:
            message = consumer.poll(SETTLED_SECONDS)
            assert message is not None, f"{topic} cannot be read"
            if message.error() is None:
                found[message.partition()].append(message)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                ended.add(message.partition())
    finally:
        consumer.close()
    return found


_READING: dict[str, Any] = {
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": 50,
}


def fold_expected(partition: int, records: Sequence[Any], codec: Codec = CODEC) -> dict[int, tuple[str, bytes]]:
    """By offset, the topic and value of each record's one output; a codec remembers by what it judges."""
    books: dict[str, Book] = {}
    outputs: dict[int, tuple[str, bytes]] = {}
    previous, ledger_time = -1, 0
    for record in records:
        ledger_time = max(ledger_time, record.timestamp()[1])
        headers = tuple(record.headers() or ())
        source = SourceRecord(partition, record.offset(), previous, ledger_time, record.key(), record.value(), headers)
        outputs[record.offset()] = _make_output(books, source, codec)
        previous = record.offset()
    return outputs


def _open_book(books: dict[str, Book], threat_id: str) -> Book:
    return books.setdefault(threat_id, Book(threat_id))


def _make_output(books: dict[str, Book], source: SourceRecord, codec: Codec) -> tuple[str, bytes]:
    fact: Fact | None = None
    try:
        fact = codec.decode(source.value, source.headers)
    except Rejected as refusal:
        fact = getattr(refusal, "fact", None)
        return REJECTED, codec.encode_rejection(source, refusal.code, refusal.sentence, fact)
    judged = judge_event(fact, source.key, source.ledger_time, lambda _: True, partial(_open_book, books))
    if isinstance(judged, Posted):
        return ENTRIES, codec.encode_entry(source, fact, judged)
    return REJECTED, codec.encode_rejection(source, judged.code, judged.message, fact)


Start = Callable[..., child_processes.ChildProcess]


@contextmanager
def run_workers(child: Start, environment_of: Callable[[Settings], dict[str, str]]) -> Iterator[Start]:
    """``start(settings, "worker-1")``: a worker process that has its first assignment."""
    started: list[child_processes.ChildProcess] = []

    def start_worker(settings: Settings, name: str = "worker-1") -> child_processes.ChildProcess:
        sign = settings.state / "run" / f"{name}.ready"
        sign.unlink(missing_ok=True)
        arguments = ("--state", str(settings.state), "--name", name)
        process = child("streams.worker", *arguments, environment=environment_of(settings))
        started.append(process)
        await_truth(sign.exists, process=process)
        return process

    yield start_worker
    for process in started:
        child_processes.stop_child(process)
    time.sleep(SESSION_SECONDS)  # until the broker has missed those that were killed: the next test deletes the group


def prove_outputs(settings: Settings) -> dict[str, int]:
    """Every published position has exactly its output, first ones in order, repeats the same; how many of each."""
    published = read_all(settings, PUBLISHED)
    written = {topic: read_all(settings, topic) for topic in (ENTRIES, REJECTED)}
    counts = {"published": 0, "repeats": 0, ENTRIES: 0, REJECTED: 0}
    for partition in range(settings.partitions):
        wanted = fold_expected(partition, published[partition])
        found: dict[int, tuple[str, bytes]] = {}
        for topic, records in written.items():
            firsts = _find_firsts(topic, records[partition], wanted)
            found |= firsts
            counts[topic] += len(firsts)
            counts["repeats"] += len(records[partition]) - len(firsts)
        assert found.keys() == wanted.keys(), f"partition {partition}: {sorted(wanted.keys() - found.keys())[:5]} lack"
        counts["published"] += len(wanted)
    return counts


def _find_firsts(
    topic: str, records: Sequence[Any], wanted: dict[int, tuple[str, bytes]]
) -> dict[int, tuple[str, bytes]]:
    firsts: dict[int, tuple[str, bytes]] = {}
    last = -1
    decode = CODEC.decode_entry if topic == ENTRIES else CODEC.decode_rejection
    for record in records:
        found = decode(record.value())
        offset = found.source.offset
        assert wanted[offset] == (topic, record.value()), (
            f"partition {record.partition()} offset {offset} differs: {_list_differing(wanted[offset], found)}"
        )
        if offset not in firsts:
            assert offset > last, f"partition {record.partition()}: {offset} first seen after {last}"
            last = offset
            firsts[offset] = (topic, record.value())
    return firsts


def _list_differing(wanted: tuple[str, bytes], found: Any) -> list[str]:
    topic, value = wanted
    expected_one = CODEC.decode_entry(value) if topic == ENTRIES else CODEC.decode_rejection(value)
    if type(expected_one) is not type(found):
        return [type(expected_one).__name__, type(found).__name__]
    names = [name for name in found._fields if getattr(found, name) != getattr(expected_one, name)]
    sources = zip(found.source._fields, found.source, expected_one.source, strict=True)
    differing = ((name, one, other) for name, one, other in sources if one != other)
    return [
        *names,
        *(f"source.{name}: {_name_output(one)}, not {_name_output(other)}" for name, one, other in differing),
    ]


def _name_output(found: Any) -> str:
    return str(found) if isinstance(found, int) else "other bytes"


def wait_until_covered(settings: Settings, timeout_seconds: float = SETTLED_SECONDS) -> None:
    """Return once the last published record of every partition has its output."""
    deadline = time.monotonic() + timeout_seconds
    ends = {partition: records[-1].offset() for partition, records in read_all(settings, PUBLISHED).items() if records}
    reached: dict[int, int] = {}
    consumer = Consumer(settings.build_kafka_options() | _READING | {"group.id": f"proof-{uuid.uuid4()}"})
    consumer.assign(
        [TopicPartition(topic, one, 0) for topic in (ENTRIES, REJECTED) for one in range(settings.partitions)]
    )
    try:
        while any(reached.get(partition, -1) < end for partition, end in ends.items()):
            assert time.monotonic() < deadline, f"not covered in time: {reached} of {ends}"
            message = consumer.poll(1.0)
            if message is not None and message.error() is None:
                decode = CODEC.decode_entry if message.topic() == ENTRIES else CODEC.decode_rejection
                offset = decode(message.value()).source.offset
                reached[message.partition()] = max(reached.get(message.partition(), -1), offset)
    finally:
        consumer.close()
