"""A real ``disruptions up`` with the story in it, and a real Chromium; both last as long as one module of tests.

They do not last a session: Playwright's synchronous side runs an event loop in this thread until it is stopped.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from infra.settings import ADDRESSES, load_settings
from local import child_processes
from tests.browser import story
from tests.browser.looking import Look, look_at
from tests.live.test_up import wait_until

Looking = Callable[[str], Look]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below tests/browser is marked live."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a running whole that has stored the story."""
    place = tmp_path_factory.mktemp("browser")
    state, log = place / "state", place / "up.log"
    command = [story.DISRUPTIONS, "up", "--state", str(state)]
    process = child_processes.spawn_child(command, log, {"DISRUPTIONS_PARTITIONS": "4"})
    try:
        wait_until(lambda: (state / ADDRESSES).exists() or process.poll() is not None, "addresses")
        assert process.poll() is None, log.read_text()
        story.publish_events(state, story.list_events())
        yield state
    finally:
        child_processes.stop_child(process, timeout_seconds=60)


@pytest.fixture(scope="module")
def address(state: Path) -> str:
    """Where its pages are."""
    return load_settings(state).read_api


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    found = shutil.which("chromium")
    assert found, "run `make test-setup`: it installs Chromium"
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def look(browser: Browser, address: str) -> Looking:
    """``look("/")``: one look at a page, kept for the tests that ask other things of it."""
    return cache(lambda path: look_at(browser, f"{address}{path}"))
