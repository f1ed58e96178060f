"""A real ``disruptions up`` with the story in it, and a real Chromium; both last as long as one module of tests.

They do not last a session: Playwright's synchronous side runs an event loop in this thread until it is stopped.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import story
from tests.browser.looking import Look, look_at, open_context
from tests.browser.running import open_chromium, run_ledger

Looking = Callable[[str], Look]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory."""
    return tmp_path_factory.mktemp("browser") / "state"


@pytest.fixture(scope="module")
def address(state: Path) -> Iterator[str]:
    """The pages of a running whole that has stored the story."""
    with run_ledger(state) as address:
        story.publish_events(state, story.list_events())
        story.publish_year(state)
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, for many windows."""
    with sync_playwright() as running, open_chromium(running) as opened:
        yield opened


@pytest.fixture(scope="module")
def look(browser: Browser, address: str) -> Iterator[Looking]:
    """``look("/")``: one look at a page, kept for the tests that ask other things of it."""
    with open_context(browser) as context:
        yield cache(lambda path: look_at(context, f"{address}{path}"))
