"""The application as it is assembled: nothing is connected to."""

from pathlib import Path

import pytest
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from infra.groups import INTAKE_GROUP
from infra.settings import Settings
from infra.topics import PUBLISHED
from ledger.errors import Misuse
from streams.app import build_app, get_consumer
from streams.runs import RunConsumer, RunTransport
from streams.worker import lock_books


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A broker that is not there."""
    return Settings(state=tmp_path).model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1,127.0.0.1:2"})


def test_there_is_one_agent_and_it_never_acknowledges(settings: Settings) -> None:
    """One agent, on runs of soc.published, one at a time; Faust commits nothing of it."""
    app, _ = build_app(settings, "worker-1", lambda _: None)
    (agent,) = app.agents.values()
    assert agent.name.endswith("intake")
    assert agent.concurrency == 1
    assert agent.channel.topics == (PUBLISHED,)
    assert not agent.channel.acks


def test_partitions_are_positioned_by_the_run_transport(settings: Settings) -> None:
    """Its consumer, in the ledger's group, with every broker of the settings."""
    app, coordinator = build_app(settings, "worker-1", lambda _: None)
    assert isinstance(app.transport, RunTransport)
    assert app.transport.take == coordinator.take_partition
    assert [str(url) for url in app.transport.url] == ["kafka://127.0.0.1:1", "kafka://127.0.0.1:2"]
    assert app.conf.id == INTAKE_GROUP
    assert isinstance(get_consumer(app), RunConsumer)


def test_what_an_aborted_transaction_wrote_is_not_read(settings: Settings) -> None:
    """And partitions are dealt round robin: no Faust tables, no Faust assignor."""
    app, _ = build_app(settings, "worker-1", lambda _: None)
    thread = get_consumer(app)._thread
    made = {}
    thread._create_worker_consumer = type(thread)._create_worker_consumer.__get__(thread)

    async def make_worker() -> None:
        made["consumer"] = thread._create_worker_consumer(app.transport)

    app.loop.run_until_complete(make_worker())
    assert made["consumer"]._isolation_level == "read_committed"
    assert thread._assignor is RoundRobinPartitionAssignor


def test_two_workers_of_one_name_are_refused(tmp_path: Path) -> None:
    """They would write one snapshot; the message says the remedy."""
    with lock_books(tmp_path), pytest.raises(Misuse, match="--name"), lock_books(tmp_path):
        pass
