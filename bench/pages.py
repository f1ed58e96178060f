"""Pages: how long the server takes to draw them, how soon a browser shows anything, and answers under load.

    python -m bench.pages [--repeats R] [--seconds S] [--readers N] [--rate R] [--years Y]

The local whole, holding a national year, or several (17 of them are a million postings). *Cold*: the first request
after another event was stored, so nothing of it was asked before; *again*: the same at once, from the same moment.
Beside the national page stands the one answer of the read API that its tables are made of. *Under load*: so many
readers, in a process of their own, each asking once a second, while events arrive. *At the server* is the same from
where the request was read to where the answer goes out, by its log of reads.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import sync_playwright

from access.reads import FILE
from bench.freshness import COPY, publish_evenly
from bench.processes import READERS_PROGRAM, ROOT, make_command
from bench.readers import TimedAnswers
from bench.spread import add_keep_option, compute_spread, keep_results, list_percentiles
from bench.watchers import make_drafts
from bench.whole import MeasuredWhole
from bench.years import publish_years
from ledger.instants import format_instant

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
WARM_SECONDS = 2.0  # until every reader has begun
SETTLE_SECONDS = 20.0  # at the rate, before: in the first minute the broker's compiler takes a third of a core


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


class ReaderProcess:
    """Readers in a process of their own, and what it said of their answers."""

    def __init__(self, address: str, readers: int, seconds: float) -> None:
        command = make_command(READERS_PROGRAM, address, str(readers), str(seconds), *ASKED.values())
        self._child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)

    def list_took(self, question: str, begun: float, ended: float) -> list[float]:
        """List how many seconds each answer took that was asked for between two instants; waits until it is over."""
        return [took for at, took in self._said[question] if begun <= at < ended]

    @cached_property
    def _said(self) -> TimedAnswers:
        output, _ = self._child.communicate()
        if self._child.returncode:
            raise RuntimeError(f"the readers ended: exit {self._child.returncode}")
        found: TimedAnswers = json.loads(output)
        return found


def measure_load(whole: MeasuredWhole, readers: int, rate: int, seconds: float, copy: int) -> dict[str, Any]:
    """Measure answers while so many readers ask and events arrive at that rate: at the reader, and at the server."""
    drafts = make_drafts(rate, seconds + SETTLE_SECONDS, copy)
    publish_evenly(whole, drafts, rate, SETTLE_SECONDS)
    asking = ReaderProcess(str(whole.settings.read_api), readers, seconds + 2 * WARM_SECONDS)
    time.sleep(WARM_SECONDS)
    before, begun, said_at = whole.read_used(), time.monotonic(), datetime.now(UTC)
    publish_evenly(whole, drafts, rate, seconds)
    cores = {name: round((used - before[name]) / seconds, 2) for name, used in whole.read_used().items()}
    ended, answers = time.monotonic(), {}
    for name, question in ASKED.items():
        answers[name] = list_percentiles(asking.list_took(question, begun, ended))
        answers[f"{name}, at the server"] = list_percentiles(read_took(whole.state, question, said_at, ended - begun))
    return {"readers": readers, "events/s": rate, "answers": answers, "cores used": cores}


def read_took(state: Path, question: str, begun: datetime, seconds: float) -> list[float]:
    """Read in the log of reads how many seconds the server took for each answer to a question, from an instant on."""
    asked = urlsplit(question).path.removeprefix("/v1/")
    first, last = format_instant(begun), format_instant(begun + timedelta(seconds=seconds))
    with (state / FILE).open(encoding="utf-8") as log:
        lines = [json.loads(line) for line in log]
    return [one["milliseconds"] / 1000 for one in lines if one["question"] == asked and first <= one["at"] < last]


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
