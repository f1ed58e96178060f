"""The service: loader and read API in one process, and how it ends."""

import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from infra.settings import Settings, load_settings
from infra.status import measure_silence, read_status
from ledger.errors import Misuse
from local.ports import find_free_port
from services import loading, program, store
from sinks.coverage import Coverage
from sinks.loader_health import LoaderHealth
from tests.patience import PATIENCE_SECONDS, PATIENT, await_truth

Run = Callable[[threading.Event], None]


class Store:
    """A store that is open until it is closed."""

    embedded = True
    generation = 1
    coverage = Coverage(is_told=False)

    def __init__(self) -> None:
        self.happened: list[str] = []

    def pin_generation(self) -> "Store":
        """It is of one generation."""
        return self

    def migrate_store(self) -> None:
        """Tables."""
        self.happened.append("migrated")

    def close(self) -> None:
        """The end."""
        self.happened.append("closed")


class Nothing:
    """Nothing is built beside it."""

    def __init__(self, *_: object) -> None: ...

    def start(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def build_api(_settings: Settings, _answers: object, _host: object) -> FastAPI:
    """An API that answers that it answers."""
    made = FastAPI()
    made.get("/v1/health")(lambda: "here")
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store that the service opens."""
    found = Store()
    monkeypatch.setattr(store, "open_store", lambda _: found)
    monkeypatch.setattr(store, "build_api_of", build_api)
    monkeypatch.setattr(store, "migrate_store", Store.migrate_store)
    monkeypatch.setattr(store, "Rebuild", Nothing)
    return found


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: Store) -> Callable[[Run, int], int]:  # noqa: ARG001  (patches what is served)
    """``serve(run, port)``: the service with a loader that runs so; its exit code."""

    def run_service(run: Run, port: int) -> int:
        class Loader:
            health = LoaderHealth(state="loading")

            def __init__(self, settings: Settings, store: Store) -> None: ...

            def run(self, stop: threading.Event) -> None:
                run(stop)

        monkeypatch.setattr(loading, "Loader", Loader)
        return store.serve_store(load_settings(tmp_path), "127.0.0.1", port)

    return run_service


def answers_now(port: int) -> bool:
    """Whether the API answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v1/health", **PATIENT).status_code == 200
    except httpx.HTTPError:
        return False


def test_on_sigterm_the_loader_stops_first_then_the_api_then_the_store(
    serve: Callable[[Run, int], int], opened: Store
) -> None:
    """The loader's last write ends while the API still answers; exit 0."""
    port = find_free_port()

    def load_until_told(stop: threading.Event) -> None:
        await_truth(lambda: answers_now(port))
        opened.happened.append("ready")
        os.kill(os.getpid(), signal.SIGTERM)
        stop.wait(PATIENCE_SECONDS)
        opened.happened.append("written, api " + ("up" if answers_now(port) else "down"))

    assert serve(load_until_told, port) == 0
    assert opened.happened == ["migrated", "ready", "written, api up", "closed"]
    assert not answers_now(port)


def test_while_it_serves_its_threads_take_short_turns_and_no_collection_looks_at_the_program(
    serve: Callable[[Run, int], int],
) -> None:
    """A loader that computes keeps no answer waiting; a full collection has a tenth of all objects to look at."""
    seen: list[tuple[float, float]] = []
    port = find_free_port()

    def look_around(stop: threading.Event) -> None:
        await_truth(lambda: answers_now(port))
        watched = len(gc.get_objects())
        seen.append((sys.getswitchinterval(), watched / (watched + gc.get_freeze_count())))
        os.kill(os.getpid(), signal.SIGTERM)
        stop.wait(PATIENCE_SECONDS)

    interval = sys.getswitchinterval()
    try:
        assert serve(look_around, port) == 0
    finally:
        sys.setswitchinterval(interval)
        gc.unfreeze()
    [(turn, share)] = seen
    assert turn <= 0.001
    assert share < 0.1


def test_a_loader_that_fails_ends_the_process_with_1(serve: Callable[[Run, int], int], opened: Store) -> None:
    """The supervisor starts it again; the store was closed."""

    def raise_trouble(_: threading.Event) -> None:
        raise Misuse("the store belongs to other topics")

    assert serve(raise_trouble, find_free_port()) == 1
    assert opened.happened[-1] == "closed"


def test_a_loader_that_ends_untold_ends_the_process_with_1(serve: Callable[[Run, int], int]) -> None:
    """It has no business to end."""
    assert serve(lambda _: None, find_free_port()) == 1


def await_stop(stop: threading.Event) -> None:
    """A loader that goes on until it is told."""
    stop.wait(PATIENCE_SECONDS)


def test_a_port_that_is_taken_ends_the_process_and_its_loader(serve: Callable[[Run, int], int], opened: Store) -> None:
    """Not 0, and no thread goes on behind."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit) as ended:
            serve(await_stop, taken.getsockname()[1])
    assert ended.value.code != 0
    assert opened.happened[-1] == "closed"
    assert not any(thread.name == "loader" for thread in threading.enumerate())


@pytest.mark.parametrize("host", ["::", "192.0.2.1", "example.org"])
def test_only_loopback_is_served(host: str, opened: Store) -> None:
    """There are no accounts: whoever reaches the port may read."""
    with pytest.raises(Misuse, match="loopback"):
        store.serve_store(load_settings(Path("unused")), host, 1)
    assert opened.happened == []


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is run in this process, whose log is its own, and which no program may end for want of memory."""
    monkeypatch.setattr("services.program.logs.configure_log", lambda _: None)
    monkeypatch.setattr(program, "watch_exhaustion", lambda: None)


@pytest.mark.usefixtures("own_process")
def test_misuse_ends_the_process_with_2(tmp_path: Path) -> None:
    """And one line in the log."""
    assert store.main(["--state", str(tmp_path), "--port", "1", "--host", "192.0.2.1"]) == 2


@pytest.mark.usefixtures("own_process")
def test_a_program_that_ended_is_no_part_of_the_ledger_any_more(tmp_path: Path) -> None:
    """Its last words stand in its file; the process that called it is silent as nobody, however long it goes on."""
    ended = program.run_program("service", tmp_path, lambda _: 0)
    assert (ended, read_status(tmp_path, "service")["state"]) == (0, "stopped")
    time.sleep(0.01)
    assert measure_silence() == 0
