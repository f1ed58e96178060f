"""The demo as its users start it: a process of its own, on real machines."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from demo.fresh_directory import is_usable

COMMAND = [sys.executable, "-c", "from cli.main import main; main()", "demo", "--state"]
FOREIGN = ("KAFKA_BOOTSTRAP_SERVERS", "SCHEMA_REGISTRY_URL", "CLICKHOUSE_DSN", "DISRUPTIONS_STATE")


def start_demo(state: Path, *options: str) -> "subprocess.Popen[str]":
    """The demo, its output in a pipe."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN} | {"COLUMNS": "80"}
    return subprocess.Popen(
        [*COMMAND, str(state), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    """Read its output up to a line with ``words``."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"the demo ended (exit {process.wait()}) without saying {words!r}")


def list_left(state: Path) -> list[str]:
    """Processes that speak of the state directory."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(state) in line:
            found.append(line)
    return found


@pytest.mark.timeout(240)
def test_the_demo_agrees_with_what_was_published_and_ends_by_itself(tmp_path: Path) -> None:
    """Exit 0 means that every London figure agrees and the causes of the difference add up."""
    with start_demo(tmp_path / "state", "--seed", "3") as process:
        text, _ = process.communicate(timeout=220)
    assert process.returncode == 0, text
    assert "25 of 25 agree" in text
    assert "add up to the difference" in text
    assert "SUPPORT_BY_FORCE             9" in text
    assert max(len(line.rstrip()) for line in text.splitlines() if str(tmp_path) not in line) <= 80
    assert list_left(tmp_path) == []
    assert is_usable(tmp_path / "state")


@pytest.mark.timeout(240)
def test_a_demo_that_is_told_to_stop_stops_all_its_parts(tmp_path: Path) -> None:
    """SIGTERM in the middle: exit 130, nothing runs on, and the next demo may clear what it left."""
    with start_demo(tmp_path / "state") as process:
        read_until(process, "published")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=90)
    assert process.returncode == 130
    assert list_left(tmp_path) == []
    assert is_usable(tmp_path / "state")


@pytest.mark.timeout(240)
def test_a_demo_that_is_kept_answers_until_it_is_stopped(tmp_path: Path) -> None:
    """--keep: the other commands can ask it; SIGINT ends it with the comparison's own exit code."""
    state = tmp_path / "state"
    with start_demo(state, "--keep") as process:
        read_until(process, "Still running")
        year = ["--from", "2021-07-01", "--to", "2022-06-30", "--org", "btp", "--state", str(state)]
        extract = subprocess.run([*COMMAND[:3], "extract", *year], capture_output=True, text=True, check=True)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)
    assert process.returncode == 0
    assert "184" in extract.stdout
    assert list_left(tmp_path) == []
