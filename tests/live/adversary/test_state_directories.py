"""A state directory's name is a name, and what is garbled in it is made anew or named."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.status import read_status
from local.ports import find_free_port
from tests.live.adversary.running import RunningLedger

NAME = "soc, east=\\u00e9 #Zoë %41 'x'"
EVENT = (
    '{"record":"ThreatEvent","threat_id":"NCA-OCG-0001","assessment_id":"A-1","kind":"OCG","crime_type":"DRUGS",'
    '"organisation":"kent","entered_by":"officer-1","entered_at":"2022-06-01T09:00:00Z","event_id":"%s"}\n'
)
GARBLED = {
    "kafka/ports.json": "",
    "run/ports.json": '{"read_api": "eighty"',
    "addresses.json": "[1]",
    "kafka/server.properties": "log.dirs=/nowhere,",
    "kafka/log4j2.properties": "",
    "kafka/formatted": None,  # its absence: a restored copy without it must not be formatted over
    "run/service.status.json": "{",
    "run/worker-1.status.json": "\0",
    "run/parts.json": '{"at": "now"}',
    "up.lock": "\udcff",
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[RunningLedger]:
    """A ledger whose state directory's name has all that somebody takes for syntax."""
    made = RunningLedger(tmp_path, name=NAME)
    try:
        yield made
    finally:
        made.kill_up()


def test_nothing_lies_outside_and_what_is_garbled_is_made_anew(ledger: RunningLedger, tmp_path: Path) -> None:
    """Started from two places, each file torn in between: the same record, and a stranger's process lives on."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    ledger.started_from = here
    ledger.start_up()
    ledger.send_raw(b"T-1", b"\xff")
    assert ledger.run_command("wait").returncode == 0
    assert ledger.stop_up() == 0
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        for name, content in GARBLED.items():
            (ledger.state / name).unlink(missing_ok=True)
            if content is not None:
                (ledger.state / name).write_bytes(os.fsencode(content))
        (ledger.state / "run" / "children.json").write_text(f'{{"worker-1": {stranger.pid}}}')
        ledger.started_from = there
        ledger.start_up()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert len(ledger.ask_json("rejected")["rows"]) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([NAME, "here", "there", "up.log"])
    assert list(here.iterdir()) == list(there.iterdir()) == []
    assert "Traceback" not in ledger.log.read_text()
    assert (ledger.state / "kafka" / "data" / "soc.published-0").is_dir()
    assert (ledger.state / "clickhouse" / "engine").is_dir()


@pytest.mark.parametrize(
    ("name", "said"), [(b"a?b", "question mark"), (b"a\nb", "cannot be printed"), (b"a\xe9b", "not UTF-8")]
)
def test_a_name_that_cannot_be_handed_on_is_refused(tmp_path: Path, name: bytes, said: str) -> None:
    """Exit 2 and one sentence; nothing is made."""
    done = RunningLedger(tmp_path).run_command("up", "--state", os.fsdecode(bytes(tmp_path) + b"/" + name))
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """A file, something below a file, links that lead in a circle: a sentence, no trace."""
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for place, code in (("file", 2), ("file/state", 2), ("circle", 3)):
        done = RunningLedger(tmp_path).run_command("up", "--state", str(tmp_path / place))
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


MAKE_TABLE = """
import sys, clickhouse_connect
engine = clickhouse_connect.get_client(interface="chdb", path=sys.argv[1])
engine.command("CREATE TABLE entries (n Int32) ENGINE = MergeTree ORDER BY n")
"""


def test_a_damaged_store_says_what_to_do(tmp_path: Path) -> None:
    """A table's definition is garbage: one sentence with the remedy, no trace, and last words in the status."""
    engine = tmp_path / "clickhouse" / "engine"
    engine.parent.mkdir()
    subprocess.run([sys.executable, "-c", MAKE_TABLE, str(engine)], check=True, timeout=60)
    next(engine.rglob("entries.sql")).write_text("garbage")
    command = [sys.executable, "-m", "services.store", "--state", str(tmp_path), "--port", str(find_free_port())]
    away = os.environ | {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    done = subprocess.run(command, env=away, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    said = read_status(tmp_path, "service")
    assert said["state"] == "stopped"
    assert "is damaged, or may not be read: move it away while nothing runs" in said["troubles"][0]["what"]
