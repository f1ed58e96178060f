"""The loader with a server (the HTTP path): shares of a group, answers that were lost, a server that dies."""

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from infra.settings import Settings
from local import child_processes
from sinks.session import LoaderSession
from sinks.store import Store
from tests.live.clickhouse_server import BreakableServer
from tests.live.loader_proof import produce_outputs, prove_rows, run_loader, wait_until_stored
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.stores import open_migrated

SESSIONS = 5  # of a second


@pytest.fixture
def store(settings_of_server: Settings) -> Iterator[Store]:
    """Its store, empty."""
    with open_migrated(settings_of_server) as opened:
        yield opened


def test_the_shortest_session_is_kept_alive(
    settings_of_server: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one second: a loader that lives takes its partitions once, and nobody else is given them meanwhile."""
    taken, take = [0], LoaderSession._take_partitions

    def count_taking(session: LoaderSession, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        taken[0] += 1
        take(session, consumer, partitions)

    monkeypatch.setattr(LoaderSession, "_take_partitions", count_taking)
    outputs = produce_outputs(settings_of_server, 200, seed=9)
    with run_loader(settings_of_server.model_copy(update={"session_timeout_seconds": 1.0}), store):
        wait_until_stored(store, outputs)
        time.sleep(SESSIONS)
    assert taken == [1]


def test_two_loaders_share_the_partitions_and_one_leaves(settings_of_server: Settings, store: Store) -> None:
    """While outputs keep coming: a second joins, then leaves; every row is there once."""
    outputs = produce_outputs(settings_of_server, 3_000, seed=1)
    with run_loader(settings_of_server, store):
        wait_until_stored(store, outputs)
        with run_loader(settings_of_server, store) as second:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not second.health.stored:
                outputs = produce_outputs(settings_of_server, 500, seed=len(outputs.rows["entries"]), after=outputs)
                assert time.monotonic() < deadline, "the second was given nothing"
            wait_until_stored(store, outputs)
        outputs = produce_outputs(settings_of_server, 3_000, seed=3, after=outputs)
        wait_until_stored(store, outputs)
    prove_rows(store, outputs)


@pytest.mark.parametrize("fault", ["before", "after"])
def test_an_insert_whose_outcome_is_unknown_is_asked_about(
    settings_of_server: Settings, store: Store, server: BreakableServer, fault: str
) -> None:
    """Refused before anything was written, or written and the answer lost: nothing is lost, nothing counts twice."""
    outputs = produce_outputs(settings_of_server, 500, seed=4)
    with run_loader(settings_of_server, store):
        for round_number in range(4):
            wait_until_stored(store, outputs)
            server.break_next_insert(fault)
            outputs = produce_outputs(settings_of_server, 500, seed=10 + round_number, after=outputs)
        wait_until_stored(store, outputs)
    prove_rows(store, outputs)


def test_a_server_that_dies_is_waited_for(settings_of_server: Settings, store: Store, server: BreakableServer) -> None:
    """Killed while it is written to; the loader says that it waits, and goes on when it is back."""
    outputs = produce_outputs(settings_of_server, 5_000, seed=5)
    with run_loader(settings_of_server, store) as loader:
        wait_until_stored(store, outputs)
        outputs = produce_outputs(settings_of_server, 20_000, seed=6, after=outputs)
        child_processes.kill_child(server.process)
        await_truth(lambda: loader.health.state == "waiting", lambda: loader.health)
        assert loader.health.degraded
        server.start()
        wait_until_stored(store, outputs)
        assert not loader.health.degraded
    prove_rows(store, outputs)
