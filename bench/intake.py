"""Intake: events a second through Faust beside the same job written otherwise, its memory, and its return after a kill.

    python -m bench.intake [--events N] [--repeats R] [--disruptions D]

One broker, one set of published events; each repeat runs every variant once, one after the other, on empty outputs. The
events are those of ``disruptions synth``. Prints a table; keeps bench/results/intake.json.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from bench.processes import (
    FLOOR_PROGRAM,
    PLAIN_PROGRAM,
    QUIX_PROGRAM,
    ROOT,
    Mark,
    OutputProgress,
    compute_cores_left,
    compute_rates,
    make_command,
    make_environment,
    make_worker_command,
    read_peak_megabytes,
    run_commands,
)
from bench.recovery import measure_return
from bench.spread import add_keep_option, keep_results
from bench.years import publish_years
from infra.settings import Settings, load_settings
from infra.topic_admin import create_topics, delete_groups, delete_topics
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from local.broker import Broker

PEERS_PYTHON = ROOT / ".bench-venv" / "bin" / "python"
RUN_SECONDS = 300.0
FLOOR, RESOLVING = "decode-only floor", "the same, resolving schemas"
PLAIN, QUIX = "plain confluent-kafka loop", "quixstreams"
ONE, TWO, FOUR = "Faust, one worker", "Faust, two workers", "Faust, four workers"


def empty_outputs(settings: Settings) -> None:
    """Remove outputs, groups and books, so that all begin alike: by books of other topics a worker stands."""
    delete_topics(settings, (ENTRIES, REJECTED))
    for attempt in Retrying(retry=retry_if_exception_type(Unavailable), stop=stop_after_delay(60), wait=wait_fixed(1)):
        with attempt:
            delete_groups(settings)  # refused while the broker still misses a member that was killed
    create_topics(settings)
    shutil.rmtree(settings.state / "books", ignore_errors=True)


def measure_floor(settings: Settings, events: int, *options: str) -> dict[str, float]:
    """Decode everything, once."""
    command = make_command(FLOOR_PROGRAM, *options)
    answer = subprocess.run(command, cwd=ROOT, env=make_environment(settings), check=True, capture_output=True)
    marks = json.loads(answer.stdout.splitlines()[-1])["marks"]
    return compute_rates([Mark(*mark) for mark in marks], events)


def measure_job(settings: Settings, events: int, *commands: Sequence[str]) -> dict[str, float]:
    """Run the commands until every event has its output."""
    empty_outputs(settings)
    with run_commands(settings, *commands) as processes:
        marks = OutputProgress(settings).sample_until(events, RUN_SECONDS, processes)
        first = next(mark.seconds for mark in marks if mark.done)
        peak = max(read_peak_megabytes(process) for process in processes)
    beside = {"first_output_seconds": first, "peak_megabytes": peak, "cores_left": compute_cores_left(marks, events)}
    return compute_rates(marks, events) | beside


def measure_workers(settings: Settings, events: int, workers: int) -> dict[str, float]:
    """Run so many workers."""
    names = [f"worker-{number}" for number in range(1, workers + 1)]
    return measure_job(settings, events, *[make_worker_command(settings, name) for name in names])


def list_variants(settings: Settings, events: int) -> dict[str, Any]:
    """List what is measured, by name."""
    found = {
        FLOOR: lambda: measure_floor(settings, events),
        RESOLVING: lambda: measure_floor(settings, events, "--resolve"),
        PLAIN: lambda: measure_job(settings, events, make_command(PLAIN_PROGRAM)),
        ONE: lambda: measure_workers(settings, events, 1),
        TWO: lambda: measure_workers(settings, events, 2),
        FOUR: lambda: measure_workers(settings, events, 4),
    }
    if PEERS_PYTHON.exists():
        found[QUIX] = lambda: measure_job(settings, events, make_command(QUIX_PROGRAM, python=str(PEERS_PYTHON)))
    return found


def measure_variants(settings: Settings, events: int, repeats: int) -> dict[str, Any]:
    """Measure every variant in every repeat, in turn."""
    publish_years(settings, events, 0)
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for repeat in range(repeats):
        for name, run in list_variants(settings, events).items():
            runs[name].append(run())
            print(f"  {repeat + 1}/{repeats} {name}: {runs[name][-1]['rate']:,.0f} events/s", file=sys.stderr)
    return {name: summarise_runs(found) for name, found in runs.items()}


def summarise_runs(found: list[dict[str, float]]) -> dict[str, Any]:
    """Return median and spread of the rates, and the greatest memory."""
    rates = [one["rate"] for one in found]
    first = [one["first_output_seconds"] for one in found if "first_output_seconds" in one]
    left = [one["cores_left"] for one in found if "cores_left" in one]
    return {
        "events_per_second": round(statistics.median(rates)),
        "least": round(min(rates)),
        "most": round(max(rates)),
        "processor_us_per_event": round(statistics.median(one["cpu_us"] for one in found), 1),
        "first_output_seconds": round(statistics.median(first), 2) if first else None,
        "cores_left": round(statistics.median(left), 2) if left else None,
        "peak_megabytes": max((one.get("peak_megabytes", 0) for one in found), default=0) or None,
    }


def format_results(results: dict[str, Any]) -> str:
    """Return them as lines for people; *left* is how many cores the broker and all else left to a variant."""
    whole = results["throughput"][FLOOR]["events_per_second"]
    lines = [f"{'':28}{'events/s':>10}{'least':>9}{'most':>9}{'of floor':>10}{'cpu us':>8}{'left':>6}{'peak MB':>9}"]
    for name, one in results["throughput"].items():
        share = one["events_per_second"] / whole
        memory, left = one["peak_megabytes"] or "", one["cores_left"] or ""
        rate = f"{one['events_per_second']:>10,}{one['least']:>9,}{one['most']:>9,}{share:>10.2f}"
        lines.append(f"{name:28}{rate}{one['processor_us_per_event']:>8}{left:>6}{memory:>9}")
    lines += [f"{name}: {value}" for name, value in results["return after kill -9"].items()]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--disruptions", type=int, default=1_000_000, help="books held when the worker is killed; 0: not"
    )
    add_keep_option(parser, "intake")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Broker(Path(home) / "broker", heap_megabytes=768) as broker:
        state = Path(home) / "state"
        state.mkdir()
        settings = load_settings(state).model_copy(update={"kafka_bootstrap_servers": broker.bootstrap_servers})
        create_topics(settings)
        results = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0], "events": options.events}
        results["throughput"] = measure_variants(settings, options.events, options.repeats)
        keep_results(options.keep, results | {"return after kill -9": {}})
        delete_topics(settings, (PUBLISHED,))
        empty_outputs(settings)
        results["return after kill -9"] = measure_return(settings, options.disruptions)
    keep_results(options.keep, results)
    print(format_results(results))


if __name__ == "__main__":
    main()
