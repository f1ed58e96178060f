"""``python -m tests.browser.pictures [ADDRESS]``: pictures of the main pages, for the README.

Of a read API at an address; without one, a ledger is started in a directory of its own, the made-up year is published
into it with a figure and a replay, and all of it is stopped and removed again: four minutes.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import sync_playwright

from infra.settings import load_settings
from producers.heartbeats import HeartbeatSender
from tests.browser.running import open_chromium, run_ledger
from tests.browser.story import DISRUPTIONS, PERIOD, publish_file, publish_year
from tests.live.intake_proof import CODEC
from tests.patience import PATIENT, await_truth

PLACE: Final = Path(__file__).parents[2] / "docs" / "pages"
WIDTH, HEIGHT, SCALE = 1100, 1400, 0.75
SILENT: Final = ("cumbria", "kent")
LARGEST_BYTES: Final = 150_000
PICTURES: Final = {
    "national": f"/?{PERIOD}",
    "organisations": f"/?{PERIOD}#organisations",
    "organisation": f"/organisations/greater-manchester?{PERIOD}",
    "shares": f"/organisations?{PERIOD}",
    "rates": f"/rates?{PERIOD}&org=greater-manchester&as_at=2022-06-30T09:00:00Z#signals",
    "compare": f"/compare?{PERIOD}&then_as_at=2022-07-04T22:59:59.999Z",
    "records": f"/records?{PERIOD}&org=kent&pillar=PREVENT",
    "feeds": f"/feeds?{PERIOD}",
    "refusals": f"/refusals?{PERIOD}",
    "signals": f"/signals?{PERIOD}",
    "alerts": "/alerts",
    "figures": "/figures",
    "audit": "/audit",
}


def main(*given: str) -> int:
    """Take them all; the exit code."""
    PLACE.mkdir(exist_ok=True)
    if given:
        take_pictures(given[0])
    else:
        with run_year() as address:
            take_pictures(address)
    return 0


@contextmanager
def run_year() -> Iterator[str]:
    """Run a ledger with the made-up year in it; its address."""
    with tempfile.TemporaryDirectory() as place:
        state, year = Path(place, "state"), Path(place, "year.ndjson")
        with year.open("wb") as file:
            subprocess.run([DISRUPTIONS, "synth", "--seed", "1", "--year", "2022"], stdout=file, check=True)
        with run_ledger(state):
            publish_file(state, year)
            publish_year(state, least=1)
            subprocess.run([DISRUPTIONS, "audit", "replay", "--state", state], stdout=subprocess.DEVNULL, check=True)
            fall_silent(state)
        with run_ledger(state) as address:  # started anew, it looks at once who is silent
            await_alerts(address)
            yield address


def fall_silent(state: Path) -> None:
    """Let two recorders promise a heartbeat every second, and send no other."""
    sender = HeartbeatSender(load_settings(state), CODEC)
    for organisation in SILENT:
        sender.send_heartbeat(organisation, None, 1)


def await_alerts(address: str) -> None:
    """Wait until an alert stands."""
    await_truth(lambda: httpx.get(f"{address}/v1/alerts", **PATIENT).json()["standing"], lambda: "no alert stands")


def take_pictures(address: str) -> None:
    """Take each as a desktop shows it at first; one that is too large for a page of text is an error."""
    with sync_playwright() as running, open_chromium(running) as browser:
        for name, path in PICTURES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
            answer = page.goto(f"{address}{path}")
            assert answer is not None
            assert answer.status == 200, f"{path} answers {answer.status}"
            picture = page.screenshot(path=PLACE / f"{name}.png", animations="disabled")
            page.close()
            assert len(picture) <= LARGEST_BYTES, f"{name}.png has {len(picture):,} bytes: make HEIGHT less"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
