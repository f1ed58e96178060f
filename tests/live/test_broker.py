"""The real broker: starts, holds what it acknowledged through kills, keeps its ports."""

import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import NewPartitions, NewTopic

from infra import topic_admin
from infra.settings import Settings, load_settings
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.bounds import LARGEST_OUTPUT_BYTES
from ledger.errors import Misuse
from local.broker import Broker
from tests.patience import PATIENCE_SECONDS

JUDGED = (PUBLISHED, ENTRIES, REJECTED)  # what a worker holds before it begins


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that this module may kill."""
    with Broker(tmp_path_factory.mktemp("own-broker")) as broker:
        yield broker


def make_settings(broker: Broker, state: Path) -> Settings:
    return load_settings(state).model_copy(
        update={"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": 3}
    )


def publish_one(settings: Settings, count: int) -> None:
    producer = Producer(settings.build_kafka_options() | {"acks": "all", "enable.idempotence": True})
    for number in range(count):
        producer.produce(PUBLISHED, value=b"%d" % number, partition=number % 3)
    assert producer.flush(PATIENCE_SECONDS) == 0


def sum_highs(settings: Settings, topic: str) -> int:
    consumer = Consumer(settings.build_kafka_options() | {"group.id": "watermarks"})
    try:
        return sum(
            consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=PATIENCE_SECONDS)[1] for p in range(3)
        )
    finally:
        consumer.close()


def test_what_was_acknowledged_is_there_after_a_kill_and_on_the_same_port(own_broker: Broker, tmp_path: Path) -> None:
    """SIGKILL of the broker loses nothing that a producer was told is stored."""
    settings = make_settings(own_broker, tmp_path)
    topic_admin.create_topics(settings)
    before, address = sum_highs(settings, PUBLISHED), own_broker.bootstrap_servers
    publish_one(settings, 3000)
    own_broker.kill()
    assert not own_broker.is_alive()
    own_broker.start()
    assert own_broker.bootstrap_servers == address
    topic_admin.await_answers(settings)  # a broker names its leaders a moment before they lead
    assert sum_highs(settings, PUBLISHED) - before == 3000


def test_topics_are_made_once_and_held_to_their_settings(fresh_topics: Settings) -> None:
    """A second creation changes nothing; a different count of partitions is refused with what to do."""
    first = topic_admin.read_topic_ids(fresh_topics)
    topic_admin.create_topics(fresh_topics)
    assert topic_admin.read_topic_ids(fresh_topics) == first
    assert topic_admin.count_partitions(fresh_topics, ENTRIES) == fresh_topics.partitions
    with pytest.raises(Misuse, match="DISRUPTIONS_PARTITIONS=4"):
        topic_admin.create_topics(fresh_topics.model_copy(update={"partitions": 7}))


@pytest.mark.parametrize("topic", [ENTRIES, REJECTED])
def test_more_partitions_of_outputs_than_of_what_is_published_are_refused_at_the_start(
    fresh_topics: Settings, topic: str
) -> None:
    """By ``up``, and by a worker that is started alone: the count that the ledger began with is the smallest.

    Another setting is no remedy, and is not advised: a worker with it is refused as well.
    """
    client = topic_admin.build_admin_client(fresh_topics)
    for done in client.create_partitions([NewPartitions(topic, 5)]).values():
        done.result(30)
    said = rf"{re.escape(topic)} has 5 partitions, this ledger began with 4: .*nothing may ever lie in them.*new ledger"
    for settings in (fresh_topics, fresh_topics.model_copy(update={"partitions": 5})):
        for hold in (topic_admin.create_topics, lambda one: topic_admin.hold_partitions(one, JUDGED)):
            with pytest.raises(Misuse, match=said) as refused:
                hold(settings)
            assert "DISRUPTIONS_PARTITIONS=" not in str(refused.value)
    topic_admin.delete_topics(fresh_topics, [topic])


def test_a_topic_made_again_has_another_identity_and_is_empty(fresh_topics: Settings) -> None:
    """Positions stored beside the old identity cannot be mistaken for positions of the new topic."""
    old = topic_admin.read_topic_ids(fresh_topics)
    topic_admin.delete_topics(fresh_topics)
    topic_admin.create_topics(fresh_topics)
    new = topic_admin.read_topic_ids(fresh_topics)
    assert set(old) == set(new)
    assert all(old[name] != new[name] for name in old)


def test_an_unknown_topic_is_named_with_its_remedy(settings: Settings) -> None:
    with pytest.raises(Misuse, match=r"soc\.nowhere is not there"):
        topic_admin.count_partitions(settings, "soc.nowhere")


def test_a_clean_stop_leaves_no_process(tmp_path: Path) -> None:
    """Stop waits for the end; the data directory says that it was closed cleanly."""
    broker = Broker(tmp_path / "broker").start()
    pid = broker.pid
    broker.stop()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert (tmp_path / "broker" / "data" / ".kafka_cleanshutdown").exists()


def test_an_existing_topic_of_another_configuration_is_refused_with_the_remedy(fresh_topics: Settings) -> None:
    """Retention is not something to find out about when the facts are gone."""
    topic_admin.delete_topics(fresh_topics, [ENTRIES])
    short = NewTopic(ENTRIES, num_partitions=fresh_topics.partitions, config={"retention.ms": "60000"})
    client = topic_admin.build_admin_client(fresh_topics)
    client.create_topics([short])[ENTRIES].result(PATIENCE_SECONDS)
    with pytest.raises(Misuse, match=r"soc\.entries has retention\.ms=60000, .*--add-config retention\.ms=-1"):
        topic_admin.create_topics(fresh_topics)
    topic_admin.delete_topics(fresh_topics, [ENTRIES])


def test_the_broker_takes_an_output_as_large_as_intake_makes(fresh_topics: Settings) -> None:
    """32 MB less the batch's own header, in one message, there and back."""
    large = b"x" * (LARGEST_OUTPUT_BYTES - 4096)
    producer = Producer(fresh_topics.build_kafka_options() | {"acks": "all", "message.max.bytes": LARGEST_OUTPUT_BYTES})
    producer.produce(ENTRIES, value=large, partition=0)
    assert producer.flush(60) == 0
    consumer = Consumer(fresh_topics.build_kafka_options() | {"group.id": "large", "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(ENTRIES, 0, 0)])
    message = consumer.poll(PATIENCE_SECONDS)
    consumer.close()
    assert message is not None
    assert message.value() == large
