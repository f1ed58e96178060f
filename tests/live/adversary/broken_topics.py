"""What an operator's hand, or a wrong retention, does to topics; and events for a partition of one's choice."""

import time
from collections.abc import Iterator
from uuid import uuid4

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from infra.partitioning import place_key
from infra.topics import PUBLISHED, configure_topic
from tests.facts import make_disruption, make_threat
from tests.live.adversary.running import POLL_SECONDS, RunningLedger
from tests.live.audited import CODEC

CALL_SECONDS = 30


def make_client(ledger: RunningLedger) -> AdminClient:
    """An operator's client."""
    return AdminClient({"bootstrap.servers": ledger.bootstrap_servers})


def delete_records(ledger: RunningLedger, topic: str, partition: int, before: int) -> None:
    """Delete the records of a partition below an offset."""
    client = make_client(ledger)  # kept until the answer is in
    for done in client.delete_records([TopicPartition(topic, partition, before)]).values():
        assert done.result(CALL_SECONDS).low_watermark == before


def make_anew(ledger: RunningLedger, topic: str, partitions: int = 2) -> None:
    """Delete a topic and make another of its name and configure_topic."""
    client = make_client(ledger)
    client.delete_topics([topic], operation_timeout=CALL_SECONDS)[topic].result()
    fresh = NewTopic(topic, partitions, 1, config=configure_topic(topic, 1))
    while not _is_made(client, fresh):
        time.sleep(POLL_SECONDS)


def _is_made(client: AdminClient, fresh: NewTopic) -> bool:
    """Whether the topic could be made: its name is free a moment after the one before is gone."""
    try:
        client.create_topics([fresh], operation_timeout=CALL_SECONDS)[fresh.topic].result()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise
    return True


def add_partitions(ledger: RunningLedger, topic: str, count: int) -> None:
    """Let a topic have so many partitions."""
    client = make_client(ledger)  # kept until the answer is in
    for done in client.create_partitions([NewPartitions(topic, count)]).values():
        done.result(CALL_SECONDS)


def find_threat(partition: int, partitions: int = 2) -> str:
    """A new threat id that Java's partitioner places there."""
    while True:
        name = f"T-{uuid4()}"
        if place_key(name.encode(), partitions) == partition:
            return name


def tell_story(threat_id: str, disruptions: int) -> Iterator[bytes]:
    """A threat and its disruptions, each of which counts: values as they are published."""
    yield CODEC.encode_fact(make_threat(event_id=str(uuid4()), threat_id=threat_id))
    for number in range(disruptions):
        one = make_disruption(event_id=str(uuid4()), threat_id=threat_id, disruption_id=f"{threat_id}-{number}")
        yield CODEC.encode_fact(one)


def publish_story(ledger: RunningLedger, partition: int, disruptions: int) -> str:
    """A new threat with so many disruptions into that partition, acknowledged; its id."""
    threat_id, producer = find_threat(partition), ledger.make_producer()
    for value in tell_story(threat_id, disruptions):
        producer.produce(PUBLISHED, value, threat_id.encode())
    assert producer.flush(CALL_SECONDS) == 0
    return threat_id
