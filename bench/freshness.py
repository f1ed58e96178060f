"""Freshness: from an event's acknowledgement to the moment at which a reader of ``counts`` has it in the answer.

    python -m bench.freshness [--seconds S] [--repeats R] [--rates 10,1000]

The local whole, holding a national year. One thread publishes events of the same mix at an even rate through the SDK;
another asks the read API's ``counts`` again and again. An answer names its position, which is read before its rows: an
event below it is in them. So a figure holds everything: fold, outputs, loader, the reader's pause and the query itself.
Rates are interleaved. *In intake* and *in the store* tell where the time goes, by the broker's own append times.
"""

import argparse
import os
import tempfile
import threading
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from bench.spread import add_keep_option, compute_spread, keep_results, list_percentiles
from bench.stages import find_output_ends, read_output_times
from bench.whole import MeasuredWhole
from bench.years import make_years
from producers.drafts import Draft

READER_PAUSE_SECONDS = 0.05
TICK_SECONDS = 0.01
WARM_SECONDS = 3.0  # at the rate, before what is measured
VISIBLE_SECONDS = 60.0
COPY = 10_000  # threats of their own, none of the year's


class SentEvent(NamedTuple):
    """One acknowledged event, in seconds of the wall clock."""

    handed: float
    acknowledged: float
    appended: float
    partition: int
    offset: int


class AnswerReader(threading.Thread):
    """Asks for counts, again and again; keeps when each answer was there, how long it took, and its position."""

    def __init__(self, whole: MeasuredWhole) -> None:
        super().__init__(name="reader", daemon=True)
        self._whole = whole
        self._enough = threading.Event()
        self.times: list[float] = []
        self.took: list[float] = []
        self.positions: dict[int, list[int]] = defaultdict(list)

    def run(self) -> None:
        """Read until stopped."""
        while not self._enough.wait(READER_PAUSE_SECONDS):
            asked = time.time()
            answer = self._whole.ask_api("counts", by="org,pillar")
            if answer is not None:
                self._note_answer(asked, answer["position"])

    def _note_answer(self, asked: float, position: dict[str, int]) -> None:
        now = time.time()
        for partition in range(self._whole.settings.partitions):
            self.positions[partition].append(position.get(str(partition), 0))
        self.took.append(now - asked)
        self.times.append(now)

    def find_seen(self, one: SentEvent) -> float | None:
        """Return when the first answer with this event in it was there."""
        at = bisect_right(self.positions[one.partition], one.offset)
        return self.times[at] if at < len(self.times) else None

    def stop_after(self, sent: list[SentEvent]) -> None:
        """Stop once the last events are seen."""
        deadline = time.time() + VISIBLE_SECONDS
        while any(self.find_seen(one) is None for one in sent[-1000:]) and time.time() < deadline:
            time.sleep(0.05)
        self._enough.set()
        self.join()


def publish_evenly(whole: MeasuredWhole, drafts: Iterator[Draft], rate: int, seconds: float) -> list[SentEvent]:
    """Publish so many events a second, in ticks; return those acknowledged, in the order of their acknowledgement."""
    sent: list[SentEvent] = []

    def note_sent(handed: float, future: Any) -> None:
        found = future.result()
        sent.append(SentEvent(handed, time.time(), found.appended_at.timestamp(), found.partition, found.offset))

    with whole.make_publisher() as publisher:
        began, done = time.time(), 0
        while (passed := time.time() - began) < seconds:
            while done < rate * passed:
                handed = time.time()
                publisher.publish(next(drafts)).add_done_callback(partial(note_sent, handed))
                done += 1
            time.sleep(TICK_SECONDS)
    return sent


def measure_rate(whole: MeasuredWhole, rate: int, seconds: float, copy: int) -> dict[str, Any]:
    """Publish and read at one rate; milliseconds by percentile, and where they go."""
    total = int(rate * (seconds + WARM_SECONDS)) + 1000
    drafts = iter([Draft(fact, True) for fact in make_years(total, copy)])
    ends = find_output_ends(whole.settings)
    reader = AnswerReader(whole)
    reader.start()
    publish_evenly(whole, drafts, rate, WARM_SECONDS)
    before, load = whole.read_used(), os.getloadavg()[0]
    sent = publish_evenly(whole, drafts, rate, seconds)
    cores = {name: round((used - before[name]) / seconds, 2) for name, used in whole.read_used().items()}
    reader.stop_after(sent)
    known = {"events": len(sent), "rate": round(len(sent) / seconds, 1), "load_before": load}
    return compute_figures(whole, reader, sent, ends) | known | {"cores used": cores}


def compute_figures(
    whole: MeasuredWhole, reader: AnswerReader, sent: list[SentEvent], ends: dict[Any, int]
) -> dict[str, Any]:
    """Compute the percentiles of every stage; an event that was never seen is an error, not a number."""
    seen = {one: when for one in sent if (when := reader.find_seen(one)) is not None}
    assert len(seen) == len(sent), f"{len(sent) - len(seen)} of {len(sent)} events were never in an answer"
    written = read_output_times(whole.settings, ends)
    out = {one: written[one.partition, one.offset] for one in sent}
    return {
        "acknowledged to visible": list_percentiles([seen[one] - one.acknowledged for one in sent]),
        "handed over to visible": list_percentiles([seen[one] - one.handed for one in sent]),
        "in intake": list_percentiles([out[one] - one.appended for one in sent]),
        "in the store": list_percentiles([seen[one] - out[one] for one in sent]),
        "the reader's question": list_percentiles(reader.took),
    }


def measure_rates(rates: list[int], seconds: float, repeats: int) -> dict[str, Any]:
    """Measure every rate in every repeat, in turn, on one whole."""
    copies = count(COPY, 1000)
    runs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place, MeasuredWhole(Path(place) / "state") as whole:
        held, _ = whole.publish_year()
        for _ in range(repeats):
            for rate in rates:
                runs[rate].append(measure_rate(whole, rate, seconds, next(copies)))
    found = {f"{rate} events/s": summarise_runs(several) for rate, several in runs.items()}
    return {"events held before": held, "seconds": seconds, "repeats": repeats, "rates": found}


def summarise_runs(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of the percentiles over the repeats, with their spread."""
    known = {
        "events": sum(run["events"] for run in runs),
        "rate": compute_spread([run["rate"] for run in runs])["median"],
    }
    cores = {
        part: compute_spread([run["cores used"][part] for run in runs], 2)["median"] for part in runs[0]["cores used"]
    }
    stages = {name: found for name, found in runs[0].items() if isinstance(found, dict) and "p99" in found}
    return (
        known
        | {
            stage: {name: compute_spread([run[stage][name] for run in runs], 0) for name in by}
            for stage, by in stages.items()
        }
        | {"cores used": cores, "loads_before": [run["load_before"] for run in runs]}
    )


def format_results(results: dict[str, Any]) -> str:
    """Return them as lines for people."""
    lines = []
    for rate, found in results["rates"].items():
        lines.append(f"{rate}: {found['events']:,} events; milliseconds, median of the repeats (least to most)")
        for stage, by in found.items():
            if isinstance(by, dict) and "p99" in by:
                cells = [
                    f"{name} {one['median']:.0f} ({one['least']:.0f}-{one['most']:.0f})" for name, one in by.items()
                ]
                lines.append(f"  {stage:26}" + "".join(f"{cell:>22}" for cell in cells))
        lines.append("  cores used: " + ", ".join(f"{part} {cores}" for part, cores in found["cores used"].items()))
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rates", default="10,1000")
    add_keep_option(parser, "freshness")
    options = parser.parse_args()
    results = measure_rates([int(one) for one in options.rates.split(",")], options.seconds, options.repeats)
    keep_results(options.keep, results)
    print(format_results(results))


if __name__ == "__main__":
    main()
