"""Children cannot outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from local import child_processes
from tests.patience import await_truth

PARENT = """
import sys, time
from pathlib import Path
from local import child_processes
child = child_processes.spawn_child(["sleep", "60"], Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    """SIGKILL of the parent, which can clean nothing up, ends the child too."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert psutil.pid_exists(pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    await_truth(lambda: not psutil.pid_exists(pid))


def test_stop_is_polite_first(tmp_path: Path) -> None:
    """SIGTERM ends what listens to it; its exit code says so."""
    child = child_processes.spawn_child(["sleep", "60"], tmp_path / "log")
    assert child_processes.stop_child(child) == -signal.SIGTERM


FINISHES = """
import signal, sys, time
def finish(*_):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    time.sleep(0.4)
    sys.exit(0)
signal.signal(signal.SIGTERM, finish)
print("ready", flush=True)
time.sleep(60)
"""


def test_a_child_that_is_asked_already_is_left_to_finish(tmp_path: Path) -> None:
    """Parts are asked all at once, then waited for one by one: a second SIGTERM would cut their work short."""
    child = child_processes.spawn_child([sys.executable, "-c", FINISHES], tmp_path / "log")
    while b"ready" not in (tmp_path / "log").read_bytes():
        time.sleep(0.01)
    child_processes.ask_to_stop(child)
    time.sleep(0.1)
    assert child_processes.stop_child(child) == 0


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    """A child deaf to SIGTERM is killed when its time is over."""
    log = tmp_path / "log"
    child = child_processes.spawn_child(["sh", "-c", "trap '' TERM; echo deaf; while true; do sleep 0.1; done"], log)
    while not log.read_text():
        time.sleep(0.01)
    assert child_processes.stop_child(child, timeout_seconds=0.3) == -signal.SIGKILL


def test_a_large_log_makes_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log cannot grow for ever: one old one is kept."""
    monkeypatch.setattr(child_processes, "LARGEST_LOG_BYTES", 4)
    for word in ("first", "second", "third"):
        child_processes.spawn_child(["echo", word], tmp_path / "log").wait()
    assert (tmp_path / "log").read_text() == "third\n"
    assert (tmp_path / "log.old").read_text() == "second\n"


def test_output_and_environment_are_the_childs(tmp_path: Path) -> None:
    """Output is appended to its log, its environment has what it was given beside the parent's."""
    for word in ("one", "two"):
        child_processes.spawn_child(["sh", "-c", "echo $WORD $HOME"], tmp_path / "log", {"WORD": word}).wait()
    assert (tmp_path / "log").read_text().splitlines() == [f"one {os.environ['HOME']}", f"two {os.environ['HOME']}"]
