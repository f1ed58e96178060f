"""What browsers look at, and with: a real ``disruptions up``, and Debian's Chromium without a window."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright

from infra.settings import ADDRESSES, load_settings
from local import child_processes
from tests.browser.story import DISRUPTIONS
from tests.patience import await_truth

STOP_SECONDS: Final = 60.0


@contextmanager
def run_ledger(state: Path) -> Iterator[str]:
    """Run one in a state directory for as long as the block lasts; the address of its pages."""
    log = state.parent / "up.log"
    process = child_processes.spawn_child(
        [DISRUPTIONS, "up", "--state", str(state)], log, {"DISRUPTIONS_PARTITIONS": "4"}
    )
    try:
        await_truth((state / ADDRESSES).exists, lambda: log.read_text()[-1000:], process)
        yield load_settings(state).read_api
    finally:
        child_processes.stop_child(process, timeout_seconds=STOP_SECONDS)


@contextmanager
def open_chromium(running: Playwright) -> Iterator[Browser]:
    """Open it."""
    found = shutil.which("chromium")
    assert found, "run `make test-setup`: it installs Chromium"
    browser = running.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-lcd-text"])
    try:
        yield browser
    finally:
        browser.close()
