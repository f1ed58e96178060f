"""Live movement: from an event's acknowledgement to whoever watches, with one and with hundreds, and to a browser.

    python -m bench.watchers [--seconds S] [--watchers N] [--rate R]

The local whole, holding a national year. Events are published at an even rate through the SDK while streams of
``/v1/events`` are read; each message must begin where the one before it ended, so that none has missed anything. An
event is seen when a message's position lies past it. The same with one watcher tells what the others cost.
*In the browser*: a national page in Chromium, until the whole page stands on a position past the event.
"""

import argparse
import asyncio
import shutil
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from bench.freshness import COPY, SentEvent, publish_evenly
from bench.spread import add_keep_option, keep_results, list_percentiles
from bench.whole import MeasuredWhole
from bench.years import make_years
from producers.drafts import Draft
from queries.cursor import parse_cursor

READY_SECONDS = 30.0
SETTLED_SECONDS = 5.0  # after the last event
LINE_BYTES_MAX = 4_194_304
BROWSER_RATE = 1
PAGE = "/?from=2021-07-01&to=2022-06-30"
OBSERVE_PAGE = """() => {
  window.seen = [];
  const note = () => {
    const words = document.getElementById("ledger-status-words");
    if (words && words.dataset.cursor !== window.seen.at(-1)?.[1]) {
      window.seen.push([Date.now() / 1000, words.dataset.cursor]);
    }
  };
  new MutationObserver(note).observe(document.getElementById("ledger-status"), {childList: true, subtree: true});
}"""


class SeenPosition(NamedTuple):
    """One position that was reached on a screen or a stream, and when, in seconds of the wall clock."""

    at: float
    cursor: str


class StreamReader:
    """Reads one stream; keeps when each message came, where it begins and to where it goes."""

    def __init__(self) -> None:
        self.seen: list[SeenPosition] = []
        self.starts: list[str] = []

    async def read_stream(self, host: str, port: int) -> None:
        """Read until cancelled."""
        reader, writer = await asyncio.open_connection(host, port, limit=LINE_BYTES_MAX)
        try:
            writer.write(f"GET /v1/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            cursor = ""
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    cursor = line[4:].strip().decode()
                elif line.startswith(b"data: ") and cursor:
                    self.seen.append(SeenPosition(time.time(), cursor))
                    self.starts.append(line.partition(b'"since":"')[2].partition(b'"')[0].decode())
                    cursor = ""
        finally:
            writer.close()

    def count_missed(self) -> int:
        """Count the messages that do not begin where the one before them ended."""
        return sum(start != before.cursor for before, start in zip(self.seen, self.starts[1:], strict=False))


class Crowd(threading.Thread):
    """Many readers in a loop and a thread of their own."""

    def __init__(self, address: str, number: int) -> None:
        super().__init__(name="crowd", daemon=True)
        self._place = urlsplit(address)
        self._loop = asyncio.new_event_loop()
        self.readers = [StreamReader() for _ in range(number)]

    def run(self) -> None:
        """Read all of them until stopped."""
        host, port = str(self._place.hostname), int(self._place.port or 0)
        tasks = [self._loop.create_task(one.read_stream(host, port)) for one in self.readers]
        self._loop.run_forever()
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def await_opened(self) -> None:
        """Return once each has its first message."""
        deadline = time.monotonic() + READY_SECONDS
        while not all(one.seen for one in self.readers):
            if time.monotonic() > deadline:
                raise TimeoutError("not every stream has opened")
            time.sleep(0.05)

    def stop(self) -> None:
        """Close every stream."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join()


def find_latencies(sent: list[SentEvent], seen: list[SeenPosition]) -> list[float]:
    """Find the seconds from each event's acknowledgement to the first position past it; positions only grow."""
    positions = [parse_cursor(one.cursor, "cursor").position for one in seen]
    reached = {number: [one.get(number, 0) for one in positions] for number in {one.partition for one in sent}}
    firsts = [bisect_left(reached[one.partition], one.offset + 1) for one in sent]
    return [seen[at].at - one.acknowledged for one, at in zip(sent, firsts, strict=True) if at < len(seen)]


def measure_crowd(whole: MeasuredWhole, number: int, rate: int, seconds: float, copy: int) -> dict[str, Any]:
    """Measure with so many who watch: milliseconds by percentile, what was missed, and cores used."""
    crowd = Crowd(str(whole.settings.read_api), number)
    crowd.start()
    crowd.await_opened()
    before = whole.read_used()
    sent = publish_evenly(whole, make_drafts(rate, seconds, copy), rate, seconds)
    cores = {name: round((used - before[name]) / seconds, 2) for name, used in whole.read_used().items()}
    time.sleep(SETTLED_SECONDS)
    crowd.stop()
    found = [find_latencies(sent, one.seen) for one in crowd.readers]
    return {
        "events": len(sent),
        "acknowledged to watcher": list_percentiles([one for several in found for one in several]),
        "share seen": sum(map(len, found)) / (len(sent) * number),
        "messages that do not follow on": sum(one.count_missed() for one in crowd.readers),
        "messages each": round(sum(len(one.seen) for one in crowd.readers) / number, 1),
        "cores used": cores,
    }


def make_drafts(rate: int, seconds: float, copy: int) -> Iterator[Draft]:
    """Make the events of one measurement, on threats of their own."""
    return iter([Draft(fact, True) for fact in make_years(int(rate * seconds) + 1000, copy)])


@contextmanager
def open_browser(address: str) -> Iterator[Page]:
    """Open a national page in Chromium, and note each position on which it stands."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        with page.expect_response("**/v1/events?*"):
            page.goto(f"{address}{PAGE}")
        page.evaluate(OBSERVE_PAGE)
        yield page
        browser.close()


def measure_browser(whole: MeasuredWhole, rate: int, seconds: float, copy: int) -> dict[str, Any]:
    """Measure until a national page stands past each event."""
    with open_browser(str(whole.settings.read_api)) as page:
        sent = publish_evenly(whole, make_drafts(rate, seconds, copy), rate, seconds)
        time.sleep(SETTLED_SECONDS)
        seen = [SeenPosition(at, cursor) for at, cursor in page.evaluate("window.seen")]
    found = find_latencies(sent, seen)
    drawn = [after.at - before.at for before, after in pairwise(seen)]
    return {
        "events": len(sent),
        "acknowledged to screen": list_percentiles(found),
        "share seen": len(found) / len(sent),
        "between drawings": list_percentiles(drawn or [0.0]),
    }


def measure_watchers(number: int, rate: int, seconds: float) -> dict[str, Any]:
    """Measure one who watches, many, and a browser, on one whole."""
    copies = count(COPY, 1000)
    with tempfile.TemporaryDirectory() as place, MeasuredWhole(Path(place) / "state") as whole:
        held, _ = whole.publish_year()
        crowds = {f"{many} watching": measure_crowd(whole, many, rate, seconds, next(copies)) for many in (1, number)}
        browser = {
            f"{each} events/s": measure_browser(whole, each, seconds, next(copies)) for each in (BROWSER_RATE, rate)
        }
    return {"events held before": held, "seconds": seconds, "rate": rate, "crowds": crowds, "browser": browser}


def format_results(results: dict[str, Any]) -> str:
    """Return them as lines for people."""
    lines = [f"{results['rate']} events/s for {results['seconds']:.0f} s; milliseconds"]
    for name, found in (results["crowds"] | results["browser"]).items():
        lines.append(f"{name}: {found['events']:,} events")
        lines += [f"  {what:32}{said}" for what, said in found.items() if what != "events"]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--watchers", type=int, default=500)
    parser.add_argument("--rate", type=int, default=10)
    add_keep_option(parser, "watchers")
    options = parser.parse_args()
    results = measure_watchers(options.watchers, options.rate, options.seconds)
    keep_results(options.keep, results)
    print(format_results(results))


if __name__ == "__main__":
    main()
