"""Partitions added under a ledger that runs, whose broker has the port and the heap that it was told."""

from collections.abc import Iterator

import pytest

from infra.topics import PUBLISHED
from local.ports import find_free_port
from tests.live.adversary.broken_topics import add_partitions, publish_story
from tests.live.adversary.running import RunningLedger, await_true
from tests.patience import PATIENCE_SECONDS

HEAP_MEGABYTES = 300


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """A ledger whose broker's port and heap are chosen."""
    chosen = {"DISRUPTIONS_KAFKA_PORT": str(find_free_port()), "DISRUPTIONS_KAFKA_HEAP_MEGABYTES": str(HEAP_MEGABYTES)}
    made = RunningLedger(tmp_path_factory.mktemp("topics"), chosen)
    try:
        yield made.start_up()
    finally:
        made.kill_up()


def say_worker(ledger: RunningLedger) -> str:
    found = ledger.get_api("health").json()
    return str([one for one in found["troubles"] if one["part"] == "worker-1"])


@pytest.mark.effect_of("DISRUPTIONS_KAFKA_PORT", "DISRUPTIONS_KAFKA_HEAP_MEGABYTES")
def test_the_broker_is_where_and_as_large_as_it_was_told(ledger: RunningLedger) -> None:
    """A port, and a heap of 300 MB."""
    assert ledger.bootstrap_servers == f"127.0.0.1:{ledger.environment['DISRUPTIONS_KAFKA_PORT']}"
    assert f"-Xmx{HEAP_MEGABYTES}m" in ledger.find_part("broker").cmdline()


def test_added_partitions_stop_the_judging_and_no_setting_is_advised(ledger: RunningLedger) -> None:
    """Two partitions become four: red, with a remedy that works; the advice of the next start is the same one."""
    publish_story(ledger, 0, 2)
    await_true(lambda: ledger.ask_count() == 2, PATIENCE_SECONDS)
    add_partitions(ledger, PUBLISHED, 4)
    await_true(lambda: "partitions were added" in say_worker(ledger), PATIENCE_SECONDS, ledger.log)
    publish_story(ledger, 0, 3)
    assert "begin a new ledger" in say_worker(ledger)
    other = {"DISRUPTIONS_PARTITIONS": "4", "DISRUPTIONS_STATE": str(ledger.state.with_name("other"))}
    said = ledger.run_command("up", environment=other | {"KAFKA_BOOTSTRAP_SERVERS": ledger.bootstrap_servers})
    assert said.returncode == 2
    assert "soc.published has 4 partitions, this ledger began with 2: partitions were added" in said.stderr, said.stderr
    assert "begin a new ledger" in said.stderr
    assert "set DISRUPTIONS_PARTITIONS=" not in said.stderr
