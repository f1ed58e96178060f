"""Where a loader goes on, and when it has loaded all: after a kill between two inserts, at the marks of transactions.

What has been read is counted in records, what has come is read in ``progress``; both by a real broker and engine.
"""

import signal
from collections.abc import Callable
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from infra import topic_admin
from infra.settings import Settings
from infra.topic_identity import TopicPartitionPair, find_highs
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from local import child_processes
from sinks import integrity
from sinks.batch import BatchSorter
from sinks.integrity import find_lost_legs
from sinks.positions import find_stored
from sinks.progress import read_progress
from sinks.store import Store
from tests.live.loader_proof import Outputs, produce_outputs, prove_rows, run_loader, wait_until_stored
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.sinks.records import make_entry, make_leg
from tests.stores import open_migrated

SYNC = "SETTINGS mutations_sync = 2"
WAIT_SECONDS = 60.0


@pytest.fixture
def read_records(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records every batch was made of."""
    counted: list[int] = []
    sort = BatchSorter.sort_messages

    def count_and_sort(self: BatchSorter, messages: Any) -> Any:
        counted.append(len(messages))
        return sort(self, messages)

    monkeypatch.setattr(BatchSorter, "sort_messages", count_and_sort)
    return counted


def publish_positions(settings: Settings, outputs: Outputs, before: Outputs | None = None) -> None:
    """Publish as many records as the outputs are of."""
    producer = Producer(settings.build_kafka_options())
    for partition, end in outputs.ends.items():
        for _ in range(end - (before.ends.get(partition, 0) if before else 0)):
            producer.produce(PUBLISHED, b"an event", b"T1", partition)
    assert producer.flush(PATIENCE_SECONDS) == 0


def find_output_ends(settings: Settings) -> dict[TopicPartitionPair, int]:
    """Find where the output topics end, of each partition that is not empty."""
    places = [(topic, number) for topic in (ENTRIES, REJECTED) for number in range(settings.partitions)]
    ends = find_highs(topic_admin.build_admin_client(settings), places)
    return {place: end for place, end in ends.items() if end}


def await_progress(settings: Settings, store: Store) -> dict[TopicPartitionPair, int]:
    """Wait until the store says that it has come to the end of both topics."""
    ends = find_output_ends(settings)
    await_truth(
        lambda: {place: at for place, at in read_progress(store).items() if at} == ends,
        lambda: (read_progress(store), ends),
    )
    return ends


def load_all(settings: Settings, outputs: Outputs) -> dict[TopicPartitionPair, int]:
    """Load everything there is; where both topics end then."""
    publish_positions(settings, outputs)
    with open_migrated(settings) as store, run_loader(settings, store):
        wait_until_stored(store, outputs)
        return await_progress(settings, store)


def test_a_loader_killed_between_two_inserts_goes_on_with_what_was_under_way(
    fresh_topics: Settings,
    child: Callable[..., child_processes.ChildProcess],
    environment_of: Callable[[Settings], dict[str, str]],
    read_records: list[int],
) -> None:
    """It reads what came after the last progress, and none of the thousands before it."""
    outputs = produce_outputs(fresh_topics, 4_000, seed=1)
    before = load_all(fresh_topics, outputs)
    more = produce_outputs(fresh_topics, 200, seed=2, after=outputs)
    publish_positions(fresh_topics, more, before=outputs)
    process = child("tests.live.loader_process", "cut-off", environment=environment_of(fresh_topics))
    assert process.wait(WAIT_SECONDS) == -signal.SIGKILL
    read_records.clear()
    with open_migrated(fresh_topics) as store:
        assert find_lost_legs(store, range(4)), "the kill fell between the two"
        with run_loader(fresh_topics, store) as loader:
            wait_until_stored(store, more)
        assert loader.health.damage is None
        prove_rows(store, more)
    assert sum(read_records) == sum(find_output_ends(fresh_topics).values()) - sum(before.values())


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "aborted"])
def test_all_is_loaded_though_a_topic_ends_in_a_transaction(
    fresh_topics: Settings, monkeypatch: pytest.MonkeyPatch, *, commits: bool
) -> None:
    """A mark of its end, and what was aborted, are never given to a consumer: they are read, and nothing waits.

    Shown by what is looked for only once all is loaded: lost entries at the end, and a lost refusal.
    """
    monkeypatch.setattr(integrity, "CHECK_AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(integrity, "HOLE_SECONDS", 0.5)
    outputs = produce_outputs(fresh_topics, 400, seed=3)
    end_in_transactions(fresh_topics, commits=commits)
    load_all(fresh_topics, outputs)
    with open_migrated(fresh_topics) as store:
        refused = store.query("SELECT max(offset) AS n FROM rejected WHERE partition = 1")[0]["n"]
        last = store.query("SELECT max(offset) AS n FROM entries WHERE partition = 0")[0]["n"]
        store.query(f"ALTER TABLE entries DELETE WHERE partition = 0 AND offset = {last} {SYNC}")
        store.query(f"ALTER TABLE rejected DELETE WHERE partition = 1 AND offset = {refused} {SYNC}")
        store.forget_coverage()
        with run_loader(fresh_topics, store):
            wait_until_stored(store, outputs)
        prove_rows(store, outputs)


def end_in_transactions(settings: Settings, *, commits: bool) -> None:
    """Let every partition of both topics end in a transaction: of one record that was aborted, or of an older one."""
    options = settings.build_kafka_options()
    producer = Producer(options | {"transactional.id": "of the end"})
    producer.init_transactions(30)
    producer.begin_transaction()
    for topic in (ENTRIES, REJECTED):
        for partition in range(settings.partitions):
            again = find_first(settings, topic, partition) if commits else b"aborted"
            producer.produce(topic, again, b"T1", partition)
    assert producer.flush(PATIENCE_SECONDS) == 0
    (producer.commit_transaction if commits else producer.abort_transaction)(30)


def test_what_a_disk_lost_is_stored_as_it_was_first_written(fresh_topics: Settings) -> None:
    """Lost are one that a worker of another version wrote again, and the newest, of which nothing else tells.

    The newest has no legs, and lies far back in its topic, behind repeats; the other's row names who wrote it first.
    """
    publish_positions(fresh_topics, Outputs({0: 4}, {}))
    first = [make_entry(0, offset, offset, [make_leg(1, 0)] * (offset < 3)) for offset in range(4)]
    with patch("schemas.judged.name_software", lambda: "another"):
        again = [make_entry(0, offset, offset, [make_leg(1, 0)]) for offset in range(2)]
    producer = Producer(fresh_topics.build_kafka_options())
    for value in (*first, *again[:1] * 120, again[1]):
        producer.produce(ENTRIES, value, b"T1", 0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    with open_migrated(fresh_topics) as store, run_loader(fresh_topics, store):
        await_progress(fresh_topics, store)
    with open_migrated(fresh_topics) as store:
        named = store.query("SELECT offset, software FROM entries FINAL ORDER BY offset")
        for table in ("entries", "postings"):
            store.query(f"ALTER TABLE {table} DELETE WHERE offset IN (1, 3) {SYNC}")
        with run_loader(fresh_topics, store):
            await_truth(lambda: find_stored(store) == {0: 4}, lambda: str(find_stored(store)))
        assert store.query("SELECT offset, software FROM entries FINAL ORDER BY offset") == named
        assert {one["software"] for one in named} == {f"disruption-ledger {version('disruption-ledger')}"}
        assert find_lost_legs(store, {0}) == {}


def find_first(settings: Settings, topic: str, partition: int) -> bytes:
    """Find the first record of a partition, which may be written again."""
    consumer = Consumer(settings.build_kafka_options() | {"group.id": "test"})
    consumer.assign([TopicPartition(topic, partition, 0)])
    (message,) = consumer.consume(1, PATIENCE_SECONDS)
    consumer.close()
    return message.value() or b""


def test_marks_that_were_deleted_with_all_before_them_are_no_loss(fresh_topics: Settings) -> None:
    """Everything is stored, the mark at the end was read: who begins again finds nothing that it must have."""
    outputs = produce_outputs(fresh_topics, 200, seed=4)
    end_in_transactions(fresh_topics, commits=False)
    ends = load_all(fresh_topics, outputs)
    client = topic_admin.build_admin_client(fresh_topics)
    for future in client.delete_records([TopicPartition(*place, end) for place, end in ends.items()]).values():
        future.result(PATIENCE_SECONDS)
    more = produce_outputs(fresh_topics, 50, seed=5, after=outputs)
    with open_migrated(fresh_topics) as store:
        with run_loader(fresh_topics, store):
            wait_until_stored(store, more)
        prove_rows(store, more)
