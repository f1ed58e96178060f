"""The publisher on a real broker: positions, sequences, and nothing lost when brokers and publishers die."""

import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from infra import topic_admin
from infra.settings import Settings, load_settings
from infra.topics import PUBLISHED
from ledger.errors import Misuse, Unavailable
from ledger.facts import DisruptionFact
from local import child_processes
from local.broker import Broker
from producers import Publisher, Receipt
from producers.files import publish_files
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.live.publishing import make_disruption
from tests.patience import PATIENCE_SECONDS

READ_TIMEOUT_SECONDS = 30.0
HERE = Path(__file__).parent


def read_published(settings: Settings) -> list[Any]:
    """Every message of ``soc.published``, partition by partition."""
    quiet = {"enable.auto.commit": False, "enable.partition.eof": True, "log_level": 0}
    consumer = Consumer({**settings.build_kafka_options(), "group.id": "reader", **quiet})
    consumer.assign([TopicPartition(PUBLISHED, number, 0) for number in range(settings.partitions)])
    messages: list[Any] = []
    unread, deadline = set(range(settings.partitions)), time.monotonic() + READ_TIMEOUT_SECONDS
    while unread and time.monotonic() < deadline:
        for message in consumer.consume(1000, 0.5):
            if message.error() and message.error().code() == KafkaError._PARTITION_EOF:
                unread.discard(message.partition())
            elif not message.error():
                messages.append(message)
    consumer.close()
    assert not unread
    return sorted(messages, key=lambda message: (message.partition(), message.offset()))


def decode_published(settings: Settings) -> list[DisruptionFact]:
    """The same, decoded."""
    codec = Codec(pin_ids())
    return [codec.decode(message.value(), message.headers() or ()) for message in read_published(settings)]  # type: ignore[misc]  # disruptions alone are sent here


def assert_complete(settings: Settings, last: int) -> None:
    """Events 1 to ``last`` are all there, numbered 1 to ``last``, resends equal to the first, each threat in order."""
    found = decode_published(settings)
    by_id: dict[str, DisruptionFact] = {}
    by_threat: dict[str, list[int]] = defaultdict(list)
    for fact in found:
        if fact.event_id not in by_id:
            by_threat[fact.threat_id].append(fact.source_sequence)
        assert by_id.setdefault(fact.event_id, fact) == fact
    assert sorted(fact.source_sequence for fact in by_id.values()) == list(range(1, last + 1))
    assert {fact.disruption_id for fact in by_id.values()} == {f"D-{number}" for number in range(1, last + 1)}
    assert all(numbers == sorted(numbers) for numbers in by_threat.values())


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Broker, Settings]]:
    """A broker of this test's own, to be killed, with the ledger's topics."""
    with Broker(tmp_path / "broker") as broker:
        chosen = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": 4}
        settings = load_settings(tmp_path / "state").model_copy(update=chosen)
        topic_admin.create_topics(settings)
        yield broker, settings


def test_the_future_holds_where_the_broker_put_the_event_and_when(fresh_topics: Settings) -> None:
    """Partition, offset and append time are what a consumer reads."""
    with Publisher(fresh_topics) as publisher:
        futures = [publisher.publish(make_disruption(number)) for number in range(1, 41)]
        positions = {future.result(PATIENCE_SECONDS) for future in futures}
    read = read_published(fresh_topics)
    append_time = 2
    assert {message.timestamp()[0] for message in read} == {append_time}
    assert {(p.partition, p.offset, round(p.appended_at.timestamp() * 1000)) for p in positions} == {
        (message.partition(), message.offset(), message.timestamp()[1]) for message in read
    }
    assert len({message.partition() for message in read}) > 1
    for message in read:
        fact = Codec(pin_ids()).decode(message.value())
        assert message.key().decode() == fact.threat_id
        assert dict(message.headers())["ce_id"].decode() == fact.event_id


def test_partitions_are_those_of_javas_clients(fresh_topics: Settings) -> None:
    """murmur2 of the key, by the values of Kafka's own tests."""
    java = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536}
    with Publisher(fresh_topics) as publisher:
        lies = {
            key: publisher.publish(msgspec.structs.replace(make_disruption(number, number), threat_id=key))
            .result(PATIENCE_SECONDS)
            .partition
            for number, key in enumerate(("21", "foobar", "a-little-bit-long-string"), 1)
        }
    assert lies == {key: (murmur2 & 0x7FFFFFFF) % 4 for key, murmur2 in java.items()}


def test_a_restart_keeps_the_sequence_gapless(fresh_topics: Settings) -> None:
    """Three publishers one after the other, single events and bulks."""
    for first in (1, 101, 201):
        with Publisher(fresh_topics) as publisher:
            publisher.publish(make_disruption(first))
            rest = (make_disruption(number) for number in range(first + 1, first + 100))
            assert publisher.publish_many(rest) == Receipt(99, 99)
    assert_complete(fresh_topics, 300)


def test_events_that_bring_their_number_keep_it(fresh_topics: Settings) -> None:
    """While another publisher holds the outbox of the same state."""
    with Publisher(fresh_topics) as numbering, Publisher(fresh_topics) as other:
        numbering.publish(make_disruption(1)).result(PATIENCE_SECONDS)
        other.publish(make_disruption(2, 77)).result(PATIENCE_SECONDS)
        with pytest.raises(Misuse, match="another publisher holds this outbox"):
            other.publish(make_disruption(3))
    assert sorted(fact.source_sequence for fact in decode_published(fresh_topics)) == [1, 77]


def test_files_are_published(fresh_topics: Settings, tmp_path: Path) -> None:
    """Rows without a number are numbered; a bad row is refused by its number."""
    path = tmp_path / "rows.csv"
    columns = "record,event_id,change,disruption_id,version,threat_id,recorded_by,type,pillar,category,event_date,"
    rows = [
        f"DisruptionEvent,e-{n},RECORDED,D-{n},1,T-1,kent,LEAD,PURSUE,MINOR,2022-07-01,2022-07-02,a1" for n in (1, 2)
    ]
    path.write_text("\n".join([f"{columns}entered_at,actor", rows[0], rows[1].replace("MINOR", "TINY"), rows[1]]))
    with Publisher(fresh_topics) as publisher:
        summary = publish_files([path], publisher)
    assert (summary.sent, summary.acknowledged) == (2, 2)
    assert [(row.number, row.reason.split(":")[0]) for row in summary.refused] == [(3, "category")]
    assert [(fact.disruption_id, fact.source_sequence) for fact in decode_published(fresh_topics)] == [
        ("D-1", 1),
        ("D-2", 2),
    ]


def test_a_broker_that_is_away_is_waited_for_as_long_as_the_caller_chose(tmp_path: Path) -> None:
    """The single event is taken, the bulk and the close say what did not happen."""
    settings = load_settings(tmp_path).model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    publisher = Publisher(settings, wait_seconds=0.5)
    future = publisher.publish(make_disruption(1, 1))
    with pytest.raises(Unavailable, match=r"nothing was acknowledged for 0\.5 s"):
        publisher.publish_many([make_disruption(2, 2)])
    with pytest.raises(Unavailable, match="2 events were not acknowledged"):
        publisher.close()
    with pytest.raises(Unavailable, match="closed before the event was acknowledged"):
        future.result(PATIENCE_SECONDS)


@pytest.mark.parametrize("mode", ["wait", "spool"])
def test_a_broker_killed_in_mid_stream_loses_nothing(own: tuple[Broker, Settings], mode: Any) -> None:
    """Killed twice while a bulk goes out; every event arrives once the broker is back, in order."""
    broker, settings = own
    last, receipts = 10_000, []

    def publish_bulk() -> None:
        for first in range(2, last, 1000):
            receipts.append(publisher.publish_many(map(make_disruption, range(first, min(first + 1000, last + 1)))))
            time.sleep(0.05)

    with Publisher(settings, when_unreachable=mode, queue_events=500) as publisher:
        publisher.publish(make_disruption(1)).result(PATIENCE_SECONDS)
        caller = threading.Thread(target=publish_bulk)
        caller.start()
        for pause in (0.3, 0.6):
            time.sleep(pause)
            broker.kill()
            broker.start()  # from this thread: a broker ends with the thread that started it
        caller.join()
        assert sum(receipt.accepted for receipt in receipts) == last - 1
        assert publisher.flush(60)
    assert_complete(settings, last)


def test_what_was_spooled_while_the_broker_was_away_is_sent_by_the_next_publisher(own: tuple[Broker, Settings]) -> None:
    """Taken at once, kept on disk over a close, resumed by itself and in order."""
    broker, settings = own
    broker.stop()
    with Publisher(settings, when_unreachable="spool", queue_events=100) as publisher:
        assert publisher.publish_many(map(make_disruption, range(1, 501))) == Receipt(500, 0)
        assert publisher.pending() == 500
        publisher.close(0.1)
    broker.start()
    with Publisher(settings, when_unreachable="spool") as publisher:
        assert publisher.publish(make_disruption(501)).result(PATIENCE_SECONDS)
    assert_complete(settings, 501)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_publisher_killed_at_any_moment_leaves_no_gap(
    fresh_topics: Settings, environment_of: Callable[[Settings], dict[str, str]], tmp_path: Path, seed: int
) -> None:
    """kill -9 five times, each time the program starts its list again; resends are equal, numbers have no gap."""
    rng, last = random.Random(seed), 30_000
    mode = ("wait", "spool")[seed % 2]
    command = [sys.executable, str(HERE / "publishing.py"), str(fresh_topics.state), "1", str(last), mode]
    for attempt in range(5):
        log = tmp_path / f"publishing-{attempt}.log"
        process = child_processes.spawn_child(command, log, environment_of(fresh_topics))
        time.sleep(rng.uniform(0.8, 3.0))
        child_processes.kill_child(process)
    final = child_processes.spawn_child(command, tmp_path / "final.log", environment_of(fresh_topics))
    assert final.wait(120) == 0, (tmp_path / "final.log").read_text()
    assert_complete(fresh_topics, last)
