"""The local whole as a load on a machine: how soon it starts, how much memory it takes, how soon it is back.

    python -m bench.machines [--repeats R] [--no-demo]

*Start*: from ``disruptions up`` to *Ready*, on an empty directory, and again on one that holds a national year. *Peak
memory*: what each process held at most, after that year went through. *Back*: from ``kill -9`` of one part to the first
answer of ``counts`` that has an event published right after the kill; parts in turn. *Demo*: ``disruptions demo``.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.processes import CONSOLE_PROGRAM, ROOT, make_command
from bench.spread import add_keep_option, compute_spread, keep_results
from bench.whole import PARTS, MeasuredWhole
from bench.years import make_years
from producers.drafts import Draft

BACK_SECONDS = 120.0
LOOK_SECONDS = 0.02
STEADY_SECONDS = 2.0  # between two kills
PROBE_COPY = 90_000


def measure_return(whole: MeasuredWhole, part: str, probe: int) -> float:
    """Measure the seconds from the kill until an event published right after it is counted."""
    draft = Draft(next(make_years(1, PROBE_COPY + probe)), True)
    with whole.make_publisher() as publisher:
        whole.kill_part(part)
        killed = time.monotonic()
        position = publisher.publish(draft).result(BACK_SECONDS)
        while time.monotonic() - killed < BACK_SECONDS:
            answer = whole.ask_api("counts")
            if answer is not None and answer["position"].get(str(position.partition), 0) > position.offset:
                return time.monotonic() - killed
            time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"{part} is not back after {BACK_SECONDS:.0f} s")


def kill_parts(whole: MeasuredWhole, repeats: int) -> dict[str, dict[str, float]]:
    """Kill every part in every repeat, in turn."""
    found: dict[str, list[float]] = defaultdict(list)
    for repeat in range(repeats):
        for number, part in enumerate(PARTS):
            time.sleep(STEADY_SECONDS)
            found[part].append(measure_return(whole, part, repeat * len(PARTS) + number))
            print(f"  {repeat + 1}/{repeats} back after kill -9 of {part}: {found[part][-1]:.1f} s", file=sys.stderr)
    return {part: compute_spread(seconds, 2) for part, seconds in found.items()}


def measure_demo() -> float:
    """Measure the seconds of a whole ``disruptions demo``, the machine's set-up being done."""
    with tempfile.TemporaryDirectory() as place:
        command = make_command(CONSOLE_PROGRAM, "demo", "--state", f"{place}/state")
        began = time.monotonic()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began


def measure_whole(repeats: int) -> dict[str, Any]:
    """Start, fill, weigh, start again, kill."""
    with tempfile.TemporaryDirectory() as place:
        state = Path(place) / "state"
        with MeasuredWhole(state) as whole:
            empty = whole.start_seconds
            events, seconds = whole.publish_year()
            peaks = whole.read_peaks()
        with MeasuredWhole(state) as whole:
            full = whole.start_seconds
            found = kill_parts(whole, repeats)
    return {
        "start seconds": {"empty": round(empty, 2), "holding a year": round(full, 2)},
        "year": {"events": events, "seconds to stored": round(seconds, 2), "events/s": round(events / seconds)},
        "peak megabytes": peaks,
        "seconds back after kill -9": found,
        "repeats": repeats,
    }


def format_results(results: dict[str, Any]) -> str:
    """Return them as lines for people."""
    year = results["year"]
    lines = [f"start, {name}: {seconds:.1f} s" for name, seconds in results["start seconds"].items()]
    lines.append(f"year of {year['events']:,} events stored in {year['seconds to stored']:.1f} s")
    lines += [f"peak of {name}: {megabytes} MB" for name, megabytes in results["peak megabytes"].items()]
    for part, one in results["seconds back after kill -9"].items():
        lines.append(f"back after kill -9 of {part}: {one['median']:.1f} s ({one['least']:.1f} to {one['most']:.1f})")
    if "demo seconds" in results:
        lines.append(f"demo: {results['demo seconds']:.0f} s")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--demo", action=argparse.BooleanOptionalAction, default=True)
    add_keep_option(parser, "machines")
    options = parser.parse_args()
    results = measure_whole(options.repeats)
    if options.demo:
        results["demo seconds"] = round(measure_demo(), 1)
    keep_results(options.keep, results)
    print(format_results(results))


if __name__ == "__main__":
    main()
