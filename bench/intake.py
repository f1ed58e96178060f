"""Intake: events a second through Faust beside the same job written otherwise, its memory, and its return after a kill.

    python -m bench.intake [--events N] [--repeats R] [--disruptions D]

One broker, one set of published events; each repeat runs every variant once, one after the other, on empty outputs. The
events are those of ``disruptions synth``. Prints a table; keeps bench/results/intake.json.
"""

import argparse
import json
import os
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
    Progress,
    environment,
    module_command,
    peak_megabytes,
    rates,
    running,
    worker,
)
from bench.recovery import measure_return
from bench.spread import keep, keeping
from bench.years import publish
from infra.settings import Settings, load
from infra.topic_admin import create_topics, delete_groups, delete_topics
from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from local.broker import Broker

PEERS_PYTHON = ROOT / ".bench-venv" / "bin" / "python"
RUN_SECONDS = 300.0
FLOOR, RESOLVING = "decode-only floor", "the same, resolving schemas"
PLAIN, QUIX = "plain confluent-kafka loop", "quixstreams"
ONE, TWO = "Faust, one worker", "Faust, two workers"


def empty_outputs(settings: Settings) -> None:
    """No outputs, no groups: every variant begins alike. A worker's snapshots are of other topics then."""
    delete_topics(settings, (ENTRIES, REJECTED))
    for attempt in Retrying(retry=retry_if_exception_type(Unavailable), stop=stop_after_delay(60), wait=wait_fixed(1)):
        with attempt:
            delete_groups(settings)  # refused while the broker still misses a member that was killed
    create_topics(settings)


def floor(settings: Settings, events: int, *options: str) -> dict[str, float]:
    """Decode everything, once."""
    command = module_command(FLOOR_PROGRAM, *options)
    answer = subprocess.run(command, cwd=ROOT, env=environment(settings), check=True, capture_output=True)
    marks = json.loads(answer.stdout.splitlines()[-1])["marks"]
    return rates([tuple(mark) for mark in marks], events)


def job(settings: Settings, events: int, *commands: Sequence[str]) -> dict[str, float]:
    """Run the commands until every event has its output."""
    empty_outputs(settings)
    with running(settings, *commands) as processes:
        marks = Progress(settings).until(events, RUN_SECONDS, processes)
        first = next(seconds for seconds, outputs, _ in marks if outputs)
        peak = max(peak_megabytes(process) for process in processes)
    return rates(marks, events) | {"first_output_seconds": first, "peak_megabytes": peak}


def variants(settings: Settings, events: int) -> dict[str, Any]:
    """What is measured, by name."""
    found = {
        FLOOR: lambda: floor(settings, events),
        RESOLVING: lambda: floor(settings, events, "--resolve"),
        PLAIN: lambda: job(settings, events, module_command(PLAIN_PROGRAM)),
        ONE: lambda: job(settings, events, worker(settings)),
        TWO: lambda: job(settings, events, worker(settings), worker(settings, "worker-2")),
    }
    if PEERS_PYTHON.exists():
        found[QUIX] = lambda: job(settings, events, module_command(QUIX_PROGRAM, python=str(PEERS_PYTHON)))
    return found


def measure(settings: Settings, events: int, repeats: int) -> dict[str, Any]:
    """Every variant in every repeat, in turn."""
    publish(settings, events, 0)
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for repeat in range(repeats):
        for name, run in variants(settings, events).items():
            runs[name].append(run())
            print(f"  {repeat + 1}/{repeats} {name}: {runs[name][-1]['rate']:,.0f} events/s", file=sys.stderr)
    return {name: summary(found) for name, found in runs.items()}


def summary(found: list[dict[str, float]]) -> dict[str, Any]:
    """Median and spread of the rates; the greatest memory."""
    rates = [one["rate"] for one in found]
    first = [one["first_output_seconds"] for one in found if "first_output_seconds" in one]
    return {
        "events_per_second": round(statistics.median(rates)),
        "least": round(min(rates)),
        "most": round(max(rates)),
        "processor_us_per_event": round(statistics.median(one["cpu_us"] for one in found), 1),
        "first_output_seconds": round(statistics.median(first), 2) if first else None,
        "peak_megabytes": max((one.get("peak_megabytes", 0) for one in found), default=0) or None,
    }


def table(results: dict[str, Any]) -> str:
    """For people."""
    whole = results["throughput"][FLOOR]["events_per_second"]
    lines = [f"{'':28}{'events/s':>10}{'least':>9}{'most':>9}{'of floor':>10}{'cpu us':>8}{'peak MB':>9}"]
    for name, one in results["throughput"].items():
        share = one["events_per_second"] / whole
        memory = one["peak_megabytes"] or ""
        rate = f"{one['events_per_second']:>10,}{one['least']:>9,}{one['most']:>9,}{share:>10.2f}"
        lines.append(f"{name:28}{rate}{one['processor_us_per_event']:>8}{memory:>9}")
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
    keeping(parser, "intake")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Broker(Path(home) / "broker", heap_megabytes=768) as broker:
        state = Path(home) / "state"
        state.mkdir()
        settings = load(state).model_copy(update={"kafka_bootstrap_servers": broker.bootstrap_servers})
        create_topics(settings)
        results = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0], "events": options.events}
        results["throughput"] = measure(settings, options.events, options.repeats)
        keep(options.keep, results | {"return after kill -9": {}})
        delete_topics(settings, (PUBLISHED,))
        empty_outputs(settings)
        results["return after kill -9"] = measure_return(settings, options.disruptions)
    keep(options.keep, results)
    print(table(results))


if __name__ == "__main__":
    main()
