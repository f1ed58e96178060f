"""Soak: does any process keep growing, or does anything come to stand, when the whole runs for long?

    python -m bench.soak [--minutes M] [--rate R] [--watchers N]

The local whole, holding a national year. Events are published at an even rate through the SDK, streams of
``/v1/events`` are read, and a reader asks for pages, counts and an extraction in turn. Once a minute the memory of each
process, its open files and its threads are noted, and what was refused or failed. *Grows* is the least-squares slope
of the memory over the second half, in megabytes an hour: the first half fills caches. Not part of ``make bench``.
"""

import argparse
import tempfile
import threading
import time
from itertools import cycle
from pathlib import Path
from statistics import linear_regression
from typing import Any, Final, NamedTuple

import httpx
import psutil

from bench.freshness import COPY, publish_evenly
from bench.spread import add_keep_option, keep_results
from bench.watchers import Crowd, make_drafts
from bench.whole import MeasuredWhole

SAMPLE_SECONDS: Final = 60.0
READER_PAUSE_SECONDS: Final = 1.0
PERIOD: Final = "from=2021-07-01&to=2022-06-30"
PATHS: Final = (
    f"/?{PERIOD}",
    "/v1/counts?by=org,pillar",
    f"/organisations/kent?{PERIOD}",
    f"/v1/extract?{PERIOD}&by=org,month",
    f"/rates?{PERIOD}",
    f"/v1/compare?{PERIOD}&then=2022-07-04&by=org",
    f"/records?{PERIOD}&org=kent",
    "/v1/health",
)


class SoakSample(NamedTuple):
    """One process at one moment."""

    at: float
    megabytes: float
    files: int
    threads: int


class MixedReader(threading.Thread):
    """Asks for one address after another; counts what was answered and what was not."""

    def __init__(self, address: str) -> None:
        super().__init__(name="reader", daemon=True)
        self._address = address
        self._enough = threading.Event()
        self.answered = 0
        self.failed: list[str] = []

    def run(self) -> None:
        """Ask until stopped."""
        with httpx.Client(base_url=self._address, timeout=60.0, trust_env=False) as client:
            for path in cycle(PATHS):
                if self._enough.wait(READER_PAUSE_SECONDS):
                    return
                self._ask_one(client, path)

    def stop(self) -> None:
        """Stop."""
        self._enough.set()
        self.join()

    def _ask_one(self, client: httpx.Client, path: str) -> None:
        try:
            status = client.get(path).status_code
        except httpx.HTTPError as error:
            self.failed.append(f"{path}: {type(error).__name__}")
            return
        self.answered += 1
        if status != httpx.codes.OK:
            self.failed.append(f"{path}: {status}")


def sample_parts(whole: MeasuredWhole, samples: dict[str, list[SoakSample]]) -> None:
    """Note memory, files and threads of every part."""
    for name, pid in sorted(whole.read_pids().items()):
        process = psutil.Process(pid)
        megabytes = process.memory_info().rss / 2**20
        one = SoakSample(time.time(), round(megabytes, 1), process.num_fds(), process.num_threads())
        samples.setdefault(name, []).append(one)


def summarise_part(samples: list[SoakSample]) -> dict[str, Any]:
    """Summarise one part: first, half and last memory, its slope over the second half, files and threads."""
    half = samples[len(samples) // 2 :]
    slope = linear_regression([one.at for one in half], [one.megabytes for one in half]).slope if len(half) > 1 else 0.0
    return {
        "megabytes": [samples[0].megabytes, half[0].megabytes, samples[-1].megabytes],
        "grows, megabytes an hour": round(slope * 3600, 1),
        "files": [samples[0].files, half[0].files, samples[-1].files],
        "threads": [samples[0].threads, half[0].threads, samples[-1].threads],
    }


def measure_soak(minutes: float, rate: int, watchers: int) -> dict[str, Any]:
    """Run for so long; what each part held, and what was not answered."""
    samples: dict[str, list[SoakSample]] = {}
    with tempfile.TemporaryDirectory() as place, MeasuredWhole(Path(place) / "state") as whole:
        whole.publish_year()
        pids, address = whole.read_pids(), str(whole.settings.read_api)
        reader, crowd = MixedReader(address), Crowd(address, watchers)
        reader.start()
        crowd.start()
        crowd.await_opened()
        sent = 0
        for minute in range(int(minutes)):
            sample_parts(whole, samples)
            sent += len(publish_evenly(whole, make_drafts(rate, SAMPLE_SECONDS, COPY + minute), rate, SAMPLE_SECONDS))
        sample_parts(whole, samples)
        reader.stop()
        crowd.stop()
        whole.await_stored()
        missed = sum(one.count_missed() for one in crowd.readers)
        restarted = sorted(name for name, pid in whole.read_pids().items() if pids.get(name) != pid)
    return {
        "minutes": minutes,
        "events": sent,
        "answers": reader.answered,
        "failed": reader.failed[:20],
        "parts started again": restarted,
        "messages that do not follow on": missed,
        "parts": {name: summarise_part(found) for name, found in samples.items()},
    }


def format_results(results: dict[str, Any]) -> str:
    """Return them as lines for people."""
    lines = [f"{name}: {value}" for name, value in results.items() if name != "parts"]
    return "\n".join([*lines, *(f"{name}: {found}" for name, found in results["parts"].items())])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=10, help="events a second")
    parser.add_argument("--watchers", type=int, default=20)
    add_keep_option(parser, "soak")
    asked = parser.parse_args()
    results = measure_soak(asked.minutes, asked.rate, asked.watchers)
    print(format_results(results))
    keep_results(asked.keep, results)


if __name__ == "__main__":
    main()
