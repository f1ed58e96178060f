"""Programs of ``services`` as processes of their own: started, killed, told to end; and a reader without its broker."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from infra.settings import Settings
from infra.status import read_status
from local import child_processes, ports
from sinks.store import Store
from tests.live.loader_proof import produce_outputs, prove_rows, wait_until_stored
from tests.patience import PATIENT
from tests.stores import open_migrated

START_SECONDS = 60.0
ANSWER_SECONDS = 2.0  # a second for who still waits for the broker, and one for this machine
SAYS_SO = re.compile("the broker (did not answer|cannot be asked: it has not answered somebody else yet)")
Start = Callable[..., child_processes.ChildProcess]


@pytest.fixture
def served(settings_of_server: Settings) -> Settings:
    """Settings that name a server, with a session so short that a killed loader is soon missed."""
    return settings_of_server.model_copy(update={"session_timeout_seconds": 3.0})


@pytest.fixture
def environment(served: Settings, environment_of: Callable[[Settings], dict[str, str]]) -> dict[str, str]:
    """That makes a process load the same settings."""
    assert served.clickhouse_dsn is not None
    return environment_of(served) | {"CLICKHOUSE_DSN": served.clickhouse_dsn.get_secret_value()}


@pytest.fixture
def store(served: Settings) -> Iterator[Store]:
    """The served store, empty."""
    with open_migrated(served) as opened:
        yield opened


def end_process(process: child_processes.ChildProcess) -> int:
    """SIGTERM; the exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(START_SECONDS)


def test_a_loader_by_itself_loads_is_killed_goes_on_and_ends(
    served: Settings, store: Store, child: Start, environment: dict[str, str]
) -> None:
    """By ``kill -9`` while more comes: nothing is lost or twice; SIGTERM ends it with 0, and its status says so."""
    arguments = "services.loader", "--state", str(served.state)
    outputs = produce_outputs(served, 2_000, seed=1)
    first = child(*arguments, environment=environment)
    wait_until_stored(store, outputs)
    outputs = produce_outputs(served, 5_000, seed=2, after=outputs)
    child_processes.kill_child(first)
    second = child(*arguments, environment=environment)
    wait_until_stored(store, outputs)
    prove_rows(store, outputs)
    assert second.poll() is None
    assert end_process(second) == 0
    said = read_status(served.state, "loader")
    assert (said["state"], said["troubles"], said["pid"]) == ("stopped", [], second.pid)


def test_a_loader_by_itself_without_a_server_is_misuse(
    fresh_topics: Settings, child: Start, environment_of: Callable[[Settings], dict[str, str]], tmp_path: Path
) -> None:
    """Exit 2, with the sentence that says who loads a store in process."""
    arguments = "services.loader", "--state", str(fresh_topics.state)
    process = child(*arguments, environment=environment_of(fresh_topics))
    assert process.wait(START_SECONDS) == 2
    assert "services.store alone" in (tmp_path / "services.loader-0.log").read_text()


def test_a_second_service_over_one_directory_is_refused(
    fresh_topics: Settings, child: Start, environment_of: Callable[[Settings], dict[str, str]], tmp_path: Path
) -> None:
    """The lock of the store's directory: exit 2, which names it; the first goes on, and SIGTERM ends it with 0."""
    environment, port = environment_of(fresh_topics), ports.find_free_port()
    arguments = "services.store", "--state", str(fresh_topics.state)
    first = child(*arguments, "--port", str(port), environment=environment)
    await_answer(first, port, tmp_path / "services.store-0.log")
    second = child(*arguments, "--port", str(ports.find_free_port()), environment=environment)
    assert second.wait(START_SECONDS) == 2
    assert "is open in another process" in (tmp_path / "services.store-1.log").read_text()
    assert httpx.get(f"http://127.0.0.1:{port}/v1/live", **PATIENT).status_code == httpx.codes.OK
    assert end_process(first) == 0


def test_a_reader_without_its_broker_answers_quickly_and_says_so(
    served: Settings, store: Store, child: Start, environment: dict[str, str], tmp_path: Path
) -> None:
    """Figures as they are stored, not complete; where only the broker knows, 503; SIGTERM ends it with 0."""
    assert store.embedded is False
    nobody = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{ports.find_free_port()}"}
    port = ports.find_free_port()
    arguments = "services.reader", "--state", str(served.state), "--port", str(port)
    reader = child(*arguments, environment=environment | nobody)
    await_answer(reader, port, tmp_path / "services.reader-0.log")
    ask_reader(port, "counts")  # it may be the first that asks the broker, and learns that it is away
    for _ in range(8):  # over several of the seconds for which it is not asked again
        began = time.monotonic()
        counted, positions = ask_reader(port, "counts"), ask_reader(port, "positions")
        assert time.monotonic() - began < 2 * ANSWER_SECONDS
        assert (counted.status_code, counted.json()["complete"]) == (httpx.codes.OK, False)
        assert positions.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert SAYS_SO.match(positions.json()["detail"]), positions.json()["detail"]
        time.sleep(0.5)
    troubles = [one["what"] for one in ask_reader(port, "health").json()["troubles"] if one["part"] == "broker"]
    assert troubles, "health says it too"
    assert end_process(reader) == 0


def ask_reader(port: int, path: str) -> httpx.Response:
    """What is answered under ``/v1/``."""
    return httpx.get(f"http://127.0.0.1:{port}/v1/{path}", **PATIENT)


def await_answer(process: child_processes.ChildProcess, port: int, log: Path) -> None:
    """Until it serves."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ask_reader(port, "live")
        except httpx.TransportError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return
