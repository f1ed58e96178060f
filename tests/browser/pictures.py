"""``python -m tests.browser.pictures [ADDRESS]``: pictures of the main pages, for the README.

Of a read API at an address; without one, a ledger is started in a directory of its own, the made-up year is published
into it, and all of it is stopped and removed again: three minutes.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.browser.running import open_chromium, run_ledger
from tests.browser.story import DISRUPTIONS, PERIOD, publish_file

PLACE: Final = Path(__file__).parents[2] / "docs" / "pages"
WIDTH, HEIGHT, SCALE = 1100, 1400, 0.75
LARGEST_BYTES: Final = 150_000
PICTURES: Final = {
    "national": f"/?{PERIOD}",
    "organisations": f"/?{PERIOD}#organisations",
    "organisation": f"/organisations/greater-manchester?{PERIOD}",
    "rates": f"/rates?{PERIOD}&org=greater-manchester&as_at=2022-06-30T09:00:00Z#signals",
    "compare": f"/compare?{PERIOD}&then_as_at=2022-07-04T22:59:59.999Z",
    "records": f"/records?{PERIOD}&org=kent&pillar=PREVENT",
    "feeds": f"/feeds?{PERIOD}",
    "refusals": f"/refusals?{PERIOD}",
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
        with run_ledger(state) as address:
            publish_file(state, year)
            yield address


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
