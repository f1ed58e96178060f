"""Every run is marked in the environment of its processes; a run that leaves one behind fails, and says which."""

import os
import resource
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.status import close_status

LIVE = [Path(__file__).parent / name for name in ("browser", "live")]
MARK = "DISRUPTIONS_TEST_RUN"
GRACE_SECONDS = 5.0
DESCRIPTORS = 65_536  # an engine that is closed keeps three for each of its threads, and tests open it a thousand times
BRIEF_JAVA = "-XX:TieredStopAtLevel=1"  # no broker of a test lives until the second compiler's work is earned back


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process chooses the mark, and how Java compiles; workers and children inherit both."""
    if not hasattr(config, "workerinput"):
        os.environ[MARK] = uuid.uuid4().hex
        os.environ.setdefault("JDK_JAVA_OPTIONS", BRIEF_JAVA)
        os.environ.pop("PYTHONUNBUFFERED", None)  # an image that sets it would hide what users see who do not
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, DESCRIPTORS)), hard))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background would hand on that it is ignored


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long and waits much (live) comes first, so that at the end every worker still has something short.

    Live is all below ``LIVE``, and what says so of itself.
    """
    for item in items:
        if any(item.path.is_relative_to(one) for one in LIVE):
            item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: item.get_closest_marker("live") is None)


@pytest.fixture(autouse=True)
def no_status() -> Iterator[None]:
    """No test finds the status or the troubles that another one left in this process."""
    close_status()
    yield
    close_status()


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """After the last test (and the last worker's end): no process of this run may be left."""
    result = yield
    if not hasattr(session.config, "workerinput"):
        left = _find_left_behind()
        for process in left:
            _report_left(
                session, f"left behind by the tests: process {process.pid}: {' '.join(process.cmdline())[:300]}"
            )
            process.kill()
        if left:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


def _find_left_behind() -> list[psutil.Process]:
    deadline = time.monotonic() + GRACE_SECONDS
    while (
        left := [process for process in psutil.process_iter() if _is_marked(process)]
    ) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _report_left(session: pytest.Session, line: str) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.write_line(line, red=True)


def _is_marked(process: psutil.Process) -> bool:
    try:
        ours = process.environ().get(MARK) == os.environ[MARK]
        return ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
