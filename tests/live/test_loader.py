"""The loader on a real broker: nothing lost, nothing twice, whatever befalls it."""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from infra import topic_admin
from infra.groups import LOADER_GROUP
from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED
from local import child_processes
from queries import balances
from queries.balance_queries import CountQuery
from queries.published import Published
from queries.snapshot import take_snapshot
from queries.unloadable import list_unloadable
from sinks import positions
from sinks.closing_maker import ClosingMaker
from sinks.loader import Loader
from sinks.store import Store
from tests.live.loader_proof import Outputs, produce_outputs, prove_count, prove_rows, run_loader, wait_until_stored
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.sinks.records import make_entry, make_leg
from tests.stores import open_migrated

KILLS = 6


@pytest.fixture
def store(fresh_topics: Settings) -> Iterator[Store]:
    """An empty store under the state directory of the test."""
    with open_migrated(fresh_topics) as opened:
        yield opened


def fill_and_prove(settings: Settings, outputs: Outputs) -> None:
    """A loader brings the store to the end of the outputs, and the store holds them."""
    with open_migrated(settings) as store:
        with run_loader(settings, store):
            wait_until_stored(store, outputs)
        prove_rows(store, outputs)
        maker = ClosingMaker(store, step=1)
        maker.make_due()
        maker.close()
        prove_count(store, outputs)


def forget_offsets(settings: Settings) -> None:
    """The group's committed offsets are gone: everything is delivered again."""
    client = topic_admin.build_admin_client(settings)  # kept until the answer is in: its end would cancel it
    client.delete_consumer_groups([LOADER_GROUP])[LOADER_GROUP].result(PATIENCE_SECONDS)


def test_everything_produced_is_stored_once(fresh_topics: Settings, store: Store) -> None:
    """Entries, postings and refusals, repeated outputs among them; rewound to the start, nothing is doubled."""
    outputs = produce_outputs(fresh_topics, 20_000, seed=1)
    with run_loader(fresh_topics, store) as loader:
        wait_until_stored(store, outputs)
    prove_rows(store, outputs)
    rows = sum(outputs.rows[name].total() for name in ("entries", "rejected"))
    assert (loader.health.stored, loader.health.unloadable, loader.health.state) == (rows, 0, "stopped")
    forget_offsets(fresh_topics)
    with run_loader(fresh_topics, store) as again:
        more = produce_one_more(fresh_topics, outputs)
        wait_until_stored(store, more)
    assert again.health.stored == 1, "all that was held already was left out"
    prove_rows(store, more)


def produce_one_more(settings: Settings, outputs: Outputs) -> Outputs:
    """One entry after the rest, in partition 0."""
    offset = outputs.ends[0]
    producer = Producer(settings.build_kafka_options())
    producer.produce(ENTRIES, make_entry(0, offset, offset, [make_leg(1, 0)]), b"T1", 0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    outputs.rows["entries"][0, offset] += 1
    outputs.rows["postings"][0, offset, 0] += 1
    return outputs._replace(ends=outputs.ends | {0: offset + 1})


def test_a_lost_store_is_rebuilt_from_the_topics(fresh_topics: Settings) -> None:
    """The committed offsets are at the end; the store's own word counts, and it is empty."""
    outputs = produce_outputs(fresh_topics, 3_000, seed=2)
    for _ in range(2):
        fill_and_prove(fresh_topics, outputs)
        shutil.rmtree(fresh_topics.state / "clickhouse")


def test_a_poisoned_block_loses_the_poison_alone(fresh_topics: Settings, store: Store) -> None:
    """What is no entry, and what claims to be one: both set aside with their place in the topic, seen in the health."""
    producer = Producer(fresh_topics.build_kafka_options())
    values = [make_entry(0, offset, offset, [make_leg(1, 0, f"D{offset}")]) for offset in range(50)]
    values[20] = b"no framing"
    values[30] = values[30][:40] + b"\xff" * 30 + values[30][70:]
    for value in values:
        producer.produce(ENTRIES, value, b"T1", 0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    with run_loader(fresh_topics, store) as loader:
        await_truth(lambda: loader.health.stored >= 48)
        assert loader.health.degraded
    assert [(row["partition"], row["offset"]) for row in list_unloadable(store)] == [(0, 20), (0, 30)]
    assert store.query("SELECT sum(n) AS n FROM lead_counts") == [{"n": 48}]
    assert positions.find_stored(store) == {0: 20}, "what is missing is not claimed"


def test_nothing_is_loaded_from_a_topic_made_again(fresh_topics: Settings, store: Store) -> None:
    """Positions of another topic would be taken for held ones; the loader stands, and says what to do."""
    outputs = produce_outputs(fresh_topics, 100, seed=3)
    with run_loader(fresh_topics, store):
        wait_until_stored(store, outputs)
    topic_admin.delete_topics(fresh_topics)
    topic_admin.create_topics(fresh_topics)
    with run_loader(fresh_topics, store) as loader:
        wait_for_trouble(loader, "Begin an empty store")
        assert loader.health.degraded
    prove_rows(store, outputs)


def wait_for_trouble(loader: Loader, said: str) -> None:
    """Until it says so."""
    await_truth(lambda: said in (loader.health.trouble or ""))


def test_answers_are_complete_once_all_is_stored(fresh_topics: Settings, store: Store) -> None:
    """By the broker's own offsets: an empty ``soc.published`` needs nothing, one record is waited for."""
    published = Published(fresh_topics.model_copy(update={"completeness_margin_seconds": 0.0}))  # one clock
    assert balances.answer_count(take_snapshot(store, published), CountQuery()).complete
    producer = Producer(fresh_topics.build_kafka_options())
    producer.produce(PUBLISHED, b"an event", b"T1", 1)
    assert producer.flush(PATIENCE_SECONDS) == 0
    tails = published.find_tails({})
    assert {n: tail[:3] for n, tail in tails.items()} == {n: (int(n == 1), int(n == 1), n == 1) for n in range(4)}
    assert [n for n, tail in tails.items() if tail.since is not None] == [1]
    before = balances.answer_count(take_snapshot(store, published), CountQuery())
    assert not before.complete
    outputs = Outputs({1: 1}, {})
    producer.produce(ENTRIES, make_entry(1, 0, 1, [make_leg(1, 0)]), b"T1", 1)
    assert producer.flush(PATIENCE_SECONDS) == 0
    with run_loader(fresh_topics, store):
        wait_until_stored(store, outputs)
    after = balances.answer_count(take_snapshot(store, published), CountQuery())
    assert (after.complete, after.rows) == (True, [{"n": 1}])
    published.close()


def wait_for_loading(log: Path, process: child_processes.ChildProcess) -> None:
    """Until the process has taken its partitions."""
    await_truth(lambda: "taken" in log.read_text(), log.read_text, process)


@pytest.mark.timeout(600)
def test_killed_at_random_moments_nothing_is_lost_or_doubled(
    fresh_topics: Settings,
    child: Callable[..., child_processes.ChildProcess],
    environment_of: Callable[[Settings], dict[str, str]],
    tmp_path: Path,
) -> None:
    """``kill -9`` at seeded moments, mid-write among them, while outputs keep coming; then left in peace to the end."""
    chance = random.Random(4)
    environment = environment_of(fresh_topics)
    outputs = None
    for number in range(KILLS):
        outputs = produce_outputs(fresh_topics, 15_000, seed=number, after=outputs)
        process = child("tests.live.loader_process", environment=environment)
        wait_for_loading(tmp_path / f"tests.live.loader_process-{number}.log", process)
        time.sleep(chance.uniform(0.0, 0.6))
        child_processes.kill_child(process)
    assert outputs is not None
    fill_and_prove(fresh_topics, outputs)
