"""What a killed whole left is ended; a process that only has its number is not."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from infra.process_identity import identify_process
from local import started_processes
from local.child_processes import MARK
from local.started_processes import StartedProcesses

Sleeper = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the record; nobody waits long for what ends by itself."""
    monkeypatch.setattr(started_processes, "LEFT_BEHIND_SECONDS", 0.1)
    (tmp_path / "run").mkdir()
    return tmp_path / "run" / "children.json"


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    """``sleeper(state)``: a process that bears the mark of that state directory, or none."""
    started: list[subprocess.Popen[bytes]] = []

    def start_process(state: Path | None) -> "subprocess.Popen[bytes]":
        mark = {} if state is None else {MARK: str(state)}
        started.append(subprocess.Popen(["sleep", "60"], env=os.environ | mark))
        return started[-1]

    yield start_process
    for process in started:
        process.kill()
        process.wait()


def test_what_was_recorded_is_ended_and_nothing_else(record: Path, tmp_path: Path, sleeper: Sleeper) -> None:
    """The recorded one; not the one beside it."""
    left, beside = sleeper(tmp_path), sleeper(tmp_path)
    StartedProcesses(tmp_path).record({"broker": left.pid})
    StartedProcesses(tmp_path).end_left()
    assert not psutil.pid_exists(left.pid)
    assert beside.poll() is None
    assert not record.exists()


@pytest.mark.parametrize("changed", ["started", "boot"])
def test_a_later_process_of_a_recorded_number_is_not_ours(
    record: Path, tmp_path: Path, sleeper: Sleeper, changed: str
) -> None:
    """Another start, or another boot of the machine: another process."""
    process = sleeper(tmp_path)
    known = identify_process(process.pid)
    assert known is not None
    record.write_text(json.dumps({"broker": known._asdict() | {changed: "1"}}))
    StartedProcesses(tmp_path).end_left()
    assert process.poll() is None


def test_a_process_without_our_mark_is_not_ours(record: Path, tmp_path: Path, sleeper: Sleeper) -> None:
    """Number, start and boot are its own; it was not started for this state directory."""
    process, other = sleeper(None), sleeper(tmp_path / "other")
    StartedProcesses(tmp_path).record({"broker": process.pid, "service": other.pid})
    assert record.exists()
    StartedProcesses(tmp_path).end_left()
    assert (process.poll(), other.poll()) == (None, None)


@pytest.mark.parametrize(
    "form", ["{pid}", '{{"worker-1": {pid}}}', '{{"a": {{"pid": {pid}}}}}', '{{"a": [{pid}]}}', "", "[", "\0"]
)
def test_a_record_of_another_form_is_ignored(record: Path, tmp_path: Path, sleeper: Sleeper, form: str) -> None:
    """The form of version 0.1.0 (name and number), torn, or of nobody's."""
    process = sleeper(tmp_path)
    record.write_text(form.format(pid=process.pid))
    StartedProcesses(tmp_path).end_left()
    assert process.poll() is None


def test_an_identity_does_not_change(sleeper: Sleeper) -> None:
    """Asked twice it is the same; a number of nobody is none."""
    process = sleeper(None)
    first = identify_process(process.pid)
    time.sleep(0.05)
    assert first == identify_process(process.pid)
    assert identify_process(2**22 + 1) is None
    assert psutil.pid_exists(process.pid)
