"""A process that has run out of memory or of file descriptors ends with its last words; one that had, goes on."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra.exhaustion import EXHAUSTED_SECONDS, EXIT_CODE
from infra.status import read_status
from tests.patience import PATIENCE_SECONDS

WAITS = """
import os, sys, time
from pathlib import Path
from infra.exhaustion import watch_exhaustion
from infra.status import open_status
open_status(Path(sys.argv[1]), "part", os.getpid())
watch_exhaustion()
print("ready", flush=True)
time.sleep(60)
"""
ENDS = """
import os, resource, sys
from infra.exhaustion import explain_end
enough = explain_end("it cannot go on")
kind = getattr(resource, sys.argv[1])
most = len(os.listdir("/proc/self/fd")) if kind == resource.RLIMIT_NOFILE else 1024
resource.setrlimit(kind, (most, most))
print(enough, "|", explain_end("it cannot go on"))
"""
LIMITS = {"memory": resource.RLIMIT_AS, "files": resource.RLIMIT_NOFILE}
Child = subprocess.Popen[str]


@pytest.fixture
def waiting(tmp_path: Path) -> Child:
    """A process that does nothing but look whether it has run out of something."""
    process = subprocess.Popen([sys.executable, "-c", WAITS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def exhaust_files(process: Child, kind: int) -> tuple[int, int]:
    """Leave it nothing more than it has; the limit of before."""
    there = psutil.Process(process.pid)
    most = there.num_fds() if kind == resource.RLIMIT_NOFILE else there.memory_info().vms
    before = resource.prlimit(process.pid, kind)
    resource.prlimit(process.pid, kind, (most, before[1]))
    return before


@pytest.mark.parametrize("lacks", LIMITS)
def test_what_has_run_out_ends_its_process_with_its_limit_as_last_words(
    waiting: Child, tmp_path: Path, lacks: str
) -> None:
    """Not at once; with the exit code of whoever is to be started again."""
    exhaust_files(waiting, LIMITS[lacks])
    began = time.monotonic()
    assert waiting.wait(PATIENCE_SECONDS) == EXIT_CODE
    assert time.monotonic() - began >= EXHAUSTED_SECONDS
    said = read_status(tmp_path, "part")
    assert said["state"] == "stopped"
    (trouble,) = said["troubles"]
    assert f"it may {'have no more memory' if lacks == 'memory' else 'open no more files'} (its limit is" in json.dumps(
        trouble
    )


@pytest.mark.parametrize("lacks", LIMITS)
def test_what_had_run_out_for_a_moment_goes_on(waiting: Child, lacks: str) -> None:
    """A question took it all, and gave it back."""
    for _ in range(3):
        before = exhaust_files(waiting, LIMITS[lacks])
        time.sleep(EXHAUSTED_SECONDS / 2)
        resource.prlimit(waiting.pid, LIMITS[lacks], before)
        time.sleep(1.5)
    assert waiting.poll() is None
    waiting.kill()
    waiting.wait(PATIENCE_SECONDS)


@pytest.mark.parametrize(("kind", "lacks"), [("RLIMIT_AS", "have no more memory"), ("RLIMIT_NOFILE", "open no more")])
def test_whatever_ends_a_process_its_last_words_say_what_it_lacked(kind: str, lacks: str) -> None:
    """A thread that cannot be started, say, speaks of neither."""
    command = [sys.executable, "-c", ENDS, kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    before, after = done.stdout.strip().split(" | ")
    assert before == "it cannot go on"
    assert after.startswith(f"it cannot go on; it may {lacks}")
