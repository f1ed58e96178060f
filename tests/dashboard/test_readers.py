"""Read APIs that run by themselves, several at once, over a server's store."""

import os
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from infra.settings import Settings, load_settings
from ledger.errors import Misuse
from local import child_processes
from local.ports import find_free_port
from methodology.ruleset import IN_FORCE
from services import loader, reader
from sinks.migration import migrate_store
from sinks.store import open_store
from tests.dashboard.conftest import Known, fill_store
from tests.dashboard.streams import Feed, read_changes
from tests.patience import PATIENCE_SECONDS, PATIENT
from tests.sinks.conftest import over_http, server_port

__all__ = ["over_http", "server_port"]


def ask_when_ready(port: int, path: str) -> httpx.Response:
    """The answer, once the process listens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/v1/{path}", **PATIENT)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def watch_another_write(port: int, settings: Settings) -> list[tuple[str, int]]:
    """What a reader's stream says has moved, once another process has written."""
    with httpx.stream("GET", f"http://127.0.0.1:{port}/v1/events", **PATIENT) as response:
        changes = read_changes(response.iter_lines())
        next(changes)
        store = open_store(settings)
        Feed(store, Known()).count_one("essex")
        store.close()
        return [(row["org"], row["moved"]) for row in next(changes).data["lead"]]


def test_two_readers_answer_over_one_server_and_claim_no_loader(over_http: Settings, tmp_path: Path) -> None:
    """The same rows from both; health says that the loader is elsewhere; SIGTERM ends each with 0."""
    store = open_store(over_http)
    migrate_store(store)
    fill_store(store)
    judged = "UPDATE rules_version = {version:String}, rules_digest = {digest:String}"
    store.query(
        f"ALTER TABLE entries {judged} WHERE true SETTINGS mutations_sync = 1",
        {"version": IN_FORCE.version, "digest": IN_FORCE.digest},
    )
    store.close()
    assert over_http.clickhouse_dsn is not None
    environment = os.environ | {
        "CLICKHOUSE_DSN": over_http.clickhouse_dsn.get_secret_value(),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }
    ports = [find_free_port(), find_free_port()]
    command = [sys.executable, "-m", "services.reader", "--state", str(tmp_path), "--port"]
    readers = [
        child_processes.spawn_child([*command, str(port)], tmp_path / f"{port}.log", environment=environment)
        for port in ports
    ]
    try:
        rows = [ask_when_ready(port, "changes?since=none&by=org").json()["rows"] for port in ports]
        assert rows == [[{"org": "kent", "n": 1, "moved": 1}, {"org": "metropolitan", "n": 1, "moved": 1}]] * 2
        assert ask_when_ready(ports[0], "health").json()["loader"] == "elsewhere"
        assert watch_another_write(ports[1], over_http) == [("essex", 1)]
    finally:
        for one in readers:
            one.send_signal(signal.SIGTERM)
    assert [one.wait(PATIENCE_SECONDS) for one in readers] == [0, 0]


def test_a_store_in_process_has_one_process(tmp_path: Path) -> None:
    """Neither stands apart without a server: one process at a time may hold the directory."""
    settings = load_settings(tmp_path)
    with pytest.raises(Misuse, match="CLICKHOUSE_DSN names no server"):
        reader.serve_answers(settings, "127.0.0.1", 1)
    with pytest.raises(Misuse, match="CLICKHOUSE_DSN names no server"):
        loader.load_store(settings)
