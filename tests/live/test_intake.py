"""Intake end to end on a real broker: what it writes, and what it does not believe (commits, snapshots, offsets)."""

import uuid
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition

from bench.fold import make_mix
from infra.groups import INTAKE_GROUP
from infra.settings import Settings
from infra.topic_admin import build_admin_client, create_topics, delete_groups, delete_topics
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from local import child_processes
from streams.app import locate_books
from streams.worker import ENDED
from tests.live.intake_proof import (
    CODEC,
    Start,
    prove_outputs,
    publish_facts,
    read_all,
    wait_until_covered,
)
from tests.patience import PATIENCE_SECONDS


def work_through(worker: Start, settings: Settings) -> None:
    """Start a worker, wait until all is covered, stop it politely."""
    process = worker(settings)
    wait_until_covered(settings)
    assert child_processes.stop_child(process) == 0


def commit_everywhere(settings: Settings, offset: int) -> None:
    """Move the group's committed offsets, as an operator might."""
    positions = [TopicPartition(PUBLISHED, partition, offset) for partition in range(settings.partitions)]
    client = build_admin_client(settings)  # kept until the answers are in
    asked = client.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(INTAKE_GROUP, positions)])
    for future in asked.values():
        future.result(PATIENCE_SECONDS)


def test_what_is_published_is_admitted_or_rejected_in_its_partition(quick: Settings, worker: Start) -> None:
    """Good events become entries; bytes, keys and partitions that are wrong become rejections, each with its code."""
    publish_facts(quick, make_mix(300, 7))
    (_, fact), *_ = make_mix(300, 8)
    good = CODEC.encode_fact(fact)
    producer = Producer(quick.build_kafka_options())
    producer.produce(PUBLISHED, b"not avro", b"T1", partition=0)
    producer.produce(PUBLISHED, None, b"T1", partition=0)
    producer.produce(PUBLISHED, b"\x00\x00\x00\x00\x63rest", b"T1", partition=0)
    producer.produce(PUBLISHED, good, b"another threat", partition=0)
    for partition in range(2):
        producer.produce(PUBLISHED, good, fact.threat_id.encode(), partition=partition)
    producer.flush()
    work_through(worker, quick)
    rejected = [
        (one, CODEC.decode_rejection(one.value())) for found in read_all(quick, REJECTED).values() for one in found
    ]
    codes = {rejection.code for _, rejection in rejected}
    assert {"UNDECODABLE", "UNKNOWN_SCHEMA", "KEY_MISMATCH", "MISROUTED"} <= codes
    for message, rejection in rejected:
        said = {name: value.decode() for name, value in message.headers()}
        assert message.partition() == rejection.source.partition == int(said["__connect.errors.partition"])
        assert said["__connect.errors.offset"] == str(rejection.source.offset)
        assert said["__connect.errors.exception.class.name"] == rejection.code


def test_a_worker_that_is_told_another_count_of_partitions_does_not_begin(
    quick: Settings, child: Start, environment_of: Callable[[Settings], dict[str, str]], tmp_path: Path
) -> None:
    """By another count every event would look misrouted: it ends, says the remedy, and writes nothing."""
    told = environment_of(quick.model_copy(update={"partitions": quick.partitions + 1}))
    publish_facts(quick, make_mix(5, 3))
    process = child("streams.worker", "--state", str(quick.state), "--name", "worker-1", environment=told)
    assert process.wait(PATIENCE_SECONDS) == ENDED
    said = "".join(log.read_text() for log in tmp_path.glob("streams.worker*.log"))
    assert f"DISRUPTIONS_PARTITIONS={quick.partitions}" in said
    assert not read_all(quick, REJECTED)


def test_the_committed_offset_is_only_a_hint(quick: Settings, worker: Start) -> None:
    """Reset to the beginning nothing is written again; reset past the end nothing is skipped."""
    publish_facts(quick, make_mix(3_000, 1))
    work_through(worker, quick)
    commit_everywhere(quick, 0)
    publish_facts(quick, make_mix(500, 2))
    work_through(worker, quick)
    publish_facts(quick, make_mix(500, 3))
    commit_everywhere(quick, 1_000_000)
    work_through(worker, quick)
    counts = prove_outputs(quick)
    assert (counts["published"], counts["repeats"]) == (4_000, 0)


def test_a_snapshot_lost_or_spoiled_costs_only_time(quick: Settings, worker: Start) -> None:
    """Deleted, torn in the middle, or garbage: the books are folded again from the entries."""
    directory = locate_books(quick, "worker-1")
    publish_facts(quick, make_mix(2_000, 1))
    work_through(worker, quick)
    for partition, harm in enumerate((_delete_snapshot, _tear_snapshot, _scribble_on_snapshot)):
        harm(directory / f"{partition}.sqlite")
    publish_facts(quick, make_mix(2_000, 2))
    work_through(worker, quick)
    counts = prove_outputs(quick)
    assert (counts["published"], counts["repeats"]) == (4_000, 0)


def _delete_snapshot(file: Path) -> None:
    file.unlink()


def _tear_snapshot(file: Path) -> None:
    with file.open("r+b") as torn:
        torn.truncate(file.stat().st_size // 2)


def _scribble_on_snapshot(file: Path) -> None:
    with file.open("r+b") as spoiled:
        spoiled.seek(file.stat().st_size // 2)
        spoiled.write(b"\xff" * 8_192)


def test_topics_made_anew_are_not_read_with_an_old_snapshot(quick: Settings, worker: Start) -> None:
    """Same names, same state directory, other topics: nothing of the old books is believed."""
    publish_facts(quick, make_mix(1_000, 1))
    work_through(worker, quick)
    delete_topics(quick)
    delete_groups(quick)
    create_topics(quick)
    publish_facts(quick, make_mix(1_000, 1))
    work_through(worker, quick)
    assert prove_outputs(quick)["published"] == 1_000


def test_transactions_leave_holes_and_what_was_aborted_was_never_published(quick: Settings, worker: Start) -> None:
    """Committed transactions are admitted across their control records; an aborted one has no output."""
    producer = Producer(
        quick.build_kafka_options() | {"transactional.id": f"force-{uuid.uuid4()}", "partitioner": "murmur2_random"}
    )
    producer.init_transactions()
    pairs = make_mix(600, 9)
    for first in range(0, 600, 100):
        producer.begin_transaction()
        for key, fact in pairs[first : first + 100]:
            producer.produce(PUBLISHED, CODEC.encode_fact(fact), key.encode())
        producer.flush()  # an abort before the broker has heard of the transaction is an error of its own
        if first == 200:
            producer.abort_transaction()
        else:
            producer.commit_transaction()
    publish_facts(quick, [("T-after", make_mix(1, 5)[0][1])])
    work_through(worker, quick)
    counts = prove_outputs(quick)
    assert counts["published"] == 501
    entries = [CODEC.decode_entry(one.value()).source for found in read_all(quick, ENTRIES).values() for one in found]
    assert any(source.offset - source.previous_offset > 1 for source in entries)
