"""Real machines for the live tests: one broker a session, fresh topics a test, no process left behind.

- ``broker``: an Apache Kafka of this session; tests that kill it make a ``Broker`` of their own.
- ``registry_url``: a schema registry of this session.
- ``settings_for``: a factory of Settings with a state directory of its own, on that broker.
- ``settings``: one such, and ``fresh_topics``: the same after the ledger's topics have been deleted and made again.
- ``child``: starts a module of this project as a process and kills what is left of it when the test ends;
  ``environment_of`` gives the environment that makes it load the same settings.
- ``quick`` and ``worker``: fresh topics with a short session, and worker processes on them.
- ``whole``: a small story published, admitted and stored.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra import topic_admin
from infra.settings import Settings, load_settings
from local import child_processes
from local.broker import Broker
from tests.live import audited, intake_proof
from tests.live.apicurio import Registry
from tests.live.clickhouse_server import BreakableServer

PARTITIONS = 4


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real broker, started once."""
    with Broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="session")
def registry_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real schema registry, started once."""
    with Registry(tmp_path_factory.mktemp("registry")) as running:
        yield running.url


@pytest.fixture
def settings_for(broker: Broker, tmp_path: Path) -> Callable[..., Settings]:
    """``settings_for(state="other", partitions=2)``: settings on the session's broker, with a state directory."""

    def make_settings(state: str = "state", **values: object) -> Settings:
        (tmp_path / state).mkdir(exist_ok=True)
        chosen = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": PARTITIONS} | values
        return load_settings(tmp_path / state).model_copy(update=chosen)

    return make_settings


@pytest.fixture
def settings(settings_for: Callable[..., Settings]) -> Settings:
    """Settings of one test, on whatever the topics hold."""
    return settings_for()


@pytest.fixture
def fresh_topics(settings: Settings) -> Settings:
    """The same settings once the ledger's topics have been deleted and made again, empty, and its groups forgotten."""
    topic_admin.delete_topics(settings)
    topic_admin.delete_groups(settings)
    topic_admin.create_topics(settings)
    return settings


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Callable[..., child_processes.ChildProcess]]:
    """``child("streams.worker", "--state", str(path))``: a process of ``python -m``, its output in ``tmp_path``."""
    started: list[child_processes.ChildProcess] = []

    def start_process(
        module: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> child_processes.ChildProcess:
        log = tmp_path / f"{module}-{len(started)}.log"
        started.append(child_processes.spawn_child([sys.executable, "-m", module, *arguments], log, environment))
        return started[-1]

    yield start_process
    for process in started:
        child_processes.kill_child(process)


@pytest.fixture
def environment_of() -> Callable[[Settings], dict[str, str]]:
    """The environment that makes a child process load the same settings."""

    def make_environment(settings: Settings) -> dict[str, str]:
        chosen = {
            "DISRUPTIONS_STATE": str(settings.state),
            "DISRUPTIONS_PARTITIONS": str(settings.partitions),
            "DISRUPTIONS_SESSION_TIMEOUT_SECONDS": str(settings.session_timeout_seconds),
            "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers or "",
            "SCHEMA_REGISTRY_URL": settings.schema_registry_url or "",
        }
        return {name: value for name, value in chosen.items() if value}

    return make_environment


@pytest.fixture
def quick(fresh_topics: Settings) -> Settings:
    """Settings with a session so short that a killed worker is soon missed."""
    return fresh_topics.model_copy(update={"session_timeout_seconds": intake_proof.SESSION_SECONDS})


@pytest.fixture
def worker(
    child: intake_proof.Start, environment_of: Callable[[Settings], dict[str, str]]
) -> Iterator[intake_proof.Start]:
    """``worker(settings, "worker-1")``: a worker process at work."""
    with intake_proof.run_workers(child, environment_of) as start:
        yield start


@pytest.fixture
def whole(
    settings_for: Callable[..., Settings], child: audited.Start, environment_of: Callable[[Settings], dict[str, str]]
) -> Iterator[audited.AuditedStack]:
    """The story published, admitted and stored."""
    settings = settings_for(session_timeout_seconds=audited.SESSION_SECONDS)
    with audited.run_audited(settings, child, environment_of(settings)) as made:
        yield made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BreakableServer]:
    """A store's server of this test alone."""
    running = BreakableServer(tmp_path)
    yield running
    child_processes.kill_child(running.process)


@pytest.fixture
def settings_of_server(fresh_topics: Settings, server: BreakableServer) -> Settings:
    """Settings that name it."""
    dsn = SecretStr(f"http://default:@127.0.0.1:{server.port}/default")
    return fresh_topics.model_copy(update={"clickhouse_dsn": dsn})
