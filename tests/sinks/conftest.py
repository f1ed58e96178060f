"""Every store that the contract is for: the engine in process, and the HTTP path against a server of our own."""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from pydantic import SecretStr

from infra.settings import Settings, load_settings
from local import child_processes, ports
from sinks.store import Store
from tests.patience import await_truth
from tests.sinks.records import Writer
from tests.stores import open_migrated

HTTP_SERVER = Path(__file__).parents[1] / "live" / "clickhouse_http.py"


def await_listening(log: Path, server: child_processes.ChildProcess) -> None:
    """Wait until the server has said its port."""
    await_truth(lambda: log.exists() and log.read_text().strip().isdigit(), log.read_text, server)


@pytest.fixture
def embedded(tmp_path: Path) -> Settings:
    """Settings of the engine in process."""
    return load_settings(tmp_path / "state").model_copy(update={"clickhouse_dsn": None})


@pytest.fixture
def shared(embedded: Settings) -> Iterator[Store]:
    """One store in process for many examples."""
    with open_migrated(embedded) as opened:
        yield opened


@pytest.fixture(scope="session")
def server_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of the HTTP interface, in a process of its own."""
    directory = tmp_path_factory.mktemp("clickhouse-http")
    port = ports.find_free_port()
    server = child_processes.spawn_child(
        [sys.executable, str(HTTP_SERVER), str(directory / "served"), str(port)], directory / "log"
    )
    await_listening(directory / "log", server)
    yield port
    child_processes.kill_child(server)


@pytest.fixture
def over_http(tmp_path: Path, server_port: int) -> Settings:
    """Settings of a database of its own on that server."""
    name = f"ledger_{uuid.uuid4().hex}"
    client = clickhouse_connect.get_client(host="127.0.0.1", port=server_port)
    client.command(f"CREATE DATABASE {name}")
    client.close()
    dsn = SecretStr(f"http://default:@127.0.0.1:{server_port}/{name}")
    return load_settings(tmp_path / "state").model_copy(update={"clickhouse_dsn": dsn})


@pytest.fixture(params=["embedded", "over_http"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of each store in turn."""
    found: Settings = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """Each store in turn, with its tables, closed afterwards (one process may have one engine directory open)."""
    with open_migrated(settings) as opened:
        yield opened


@pytest.fixture
def writer(store: Store) -> Writer:
    """Writes outputs of intake into the store, as the loader does."""
    return Writer(store)
