"""Pages: how long the server takes to draw them, how soon a browser shows anything, and answers under load.

    python -m bench.pages [--repeats R] [--seconds S] [--readers N] [--rate R] [--years Y]

The local whole, holding a national year, or several (17 of them are a million postings). *Cold*: the first request
after another event was stored, so nothing of it was asked before; *again*: the same at once, from the same moment.
Beside the national page stands the one answer of the read API that its tables are made of. *Under load*: so many
readers, each asking once a second, while events arrive.
"""

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from bench.freshness import COPY, publish_evenly
from bench.spread import add_keep_option, compute_spread, keep_results, list_percentiles
from bench.watchers import make_drafts
from bench.whole import MeasuredWhole
from bench.years import publish_years

YEAR = "from=2021-07-01&to=2022-06-30"
PAGES = {
    "national": f"/?{YEAR}",
    "organisation": f"/organisations/metropolitan?{YEAR}",
    "rates": f"/rates?org=metropolitan&{YEAR}",
    "then and now": f"/compare?{YEAR}&then=2022-07-04",
    "records": f"/records?org=metropolitan&{YEAR}",
    "signals": f"/signals?{YEAR}",
    "bare: the cube of the national page": f"/v1/extract?{YEAR}&by=region,org,pillar,kind,crime_type",
}
ASKED = {"counts": "/v1/counts?by=org,pillar", "a year's extraction": f"/v1/extract?{YEAR}&by=org,pillar"}
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
PAUSE_SECONDS = 1.0


def measure_pages(whole: MeasuredWhole, repeats: int, copies: Iterator[int]) -> dict[str, Any]:
    """Measure every page, cold and again, in milliseconds."""
    found: dict[str, dict[str, list[float]]] = {name: {"cold": [], "again": []} for name in PAGES}
    with httpx.Client(base_url=str(whole.settings.read_api), timeout=60.0, trust_env=False) as client:
        for _ in range(repeats):
            for name, address in PAGES.items():
                publish_evenly(whole, make_drafts(10, 0.1, next(copies)), 10, 0.1)
                whole.await_stored()
                for when in ("cold", "again"):
                    found[name][when].append(measure_request(client, address))
    return {name: {when: compute_spread(ms) for when, ms in by.items()} for name, by in found.items()}


def measure_request(client: httpx.Client, address: str) -> float:
    """Measure one request in milliseconds; an answer that is none is an error, not a number."""
    before = time.perf_counter()
    client.get(address).raise_for_status()
    return (time.perf_counter() - before) * 1000


def measure_first_paint(address: str, repeats: int) -> dict[str, float]:
    """Measure the milliseconds until Chromium shows anything of the national page, each time in a new browser."""
    found = []
    with sync_playwright() as running:
        for _ in range(repeats):
            browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"{address}{PAGES['national']}")
            page.wait_for_function(f"{FIRST_PAINT} !== undefined")
            found.append(float(page.evaluate(FIRST_PAINT)))
            browser.close()
    return compute_spread(found)


class PacedReader(threading.Thread):
    """Asks one question once a second; keeps how long each answer took, in seconds."""

    def __init__(self, address: str, question: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._client = httpx.Client(base_url=address, timeout=60.0, trust_env=False)
        self._question = question
        self._over = over
        self.took: list[float] = []

    def run(self) -> None:
        """Ask until it is over."""
        while not self._over.wait(PAUSE_SECONDS):
            self.took.append(measure_request(self._client, self._question) / 1000)
        self._client.close()


def measure_load(whole: MeasuredWhole, readers: int, rate: int, seconds: float, copy: int) -> dict[str, Any]:
    """Measure answers while so many readers ask and events arrive at that rate."""
    over, questions = threading.Event(), list(ASKED.items())
    crowd = {name: [PacedReader(str(whole.settings.read_api), asked, over) for _ in range(readers // len(questions))]
             for name, asked in questions}  # fmt: skip
    for one in [one for several in crowd.values() for one in several]:
        one.start()
        time.sleep(PAUSE_SECONDS / readers)
    before = whole.read_used()
    publish_evenly(whole, make_drafts(rate, seconds, copy), rate, seconds)
    cores = {name: round((used - before[name]) / seconds, 2) for name, used in whole.read_used().items()}
    over.set()
    answers = {}
    for name, several in crowd.items():
        for one in several:
            one.join()
        answers[name] = list_percentiles([took for one in several for took in one.took])
    return {"readers": readers, "events/s": rate, "answers": answers, "cores used": cores}


def measure_all(options: argparse.Namespace) -> dict[str, Any]:
    """Measure all of it on one whole."""
    copies = count(COPY, 1000)
    with tempfile.TemporaryDirectory() as place, MeasuredWhole(Path(place) / "state") as whole:
        held, _ = whole.publish_year()
        for copy in range(1, options.years):
            publish_years(whole.settings, held, copy)
            whole.await_stored()
        return {
            "events held before": held * options.years,
            "milliseconds": measure_pages(whole, options.repeats, copies),
            "first contentful paint, ms": measure_first_paint(str(whole.settings.read_api), options.repeats),
            "load": [
                measure_load(whole, options.readers, rate, options.seconds, next(copies)) for rate in (10, options.rate)
            ],
            "peak megabytes": whole.read_peaks(),
        }


def format_results(results: dict[str, Any]) -> str:
    """Return them as lines for people."""
    lines = ["milliseconds at the reader, median (least to most)"]
    for name, by in results["milliseconds"].items():
        cells = [f"{when} {one['median']:.0f} ({one['least']:.0f}-{one['most']:.0f})" for when, one in by.items()]
        lines.append(f"  {name:38}" + "".join(f"{cell:>24}" for cell in cells))
    paint = results["first contentful paint, ms"]
    lines.append(
        f"  first contentful paint, national        {paint['median']:.0f} ({paint['least']:.0f}-{paint['most']:.0f})"
    )
    for load in results["load"]:
        lines.append(f"{load['readers']} readers, one question a second each, {load['events/s']} events/s; ms")
        lines += [f"  {name:38}{by}" for name, by in load["answers"].items()]
        lines.append(f"  cores used: {load['cores used']}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--years", type=int, default=1, help="national years held before, each on its own threats")
    add_keep_option(parser, "pages")
    options = parser.parse_args()
    results = measure_all(options)
    keep_results(options.keep, results)
    print(format_results(results))


if __name__ == "__main__":
    main()
