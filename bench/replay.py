"""The replay beside its floors: reading the topics alone, and reading them and decoding the events.

    python -m bench.replay [--repeats R]

On the local whole, holding a national year. *Consume only* reads what a replay reads, and drops it. *Decode only*
decodes the events besides. *Partitions* is the replay of every partition, rows compared, in one process; *whole
replay* is ``audit replay`` with closings and balances, in as many processes as there are cores.

A core's rate is entries over the processor seconds of the process; what the engine does for it is the service's, and
stands beside. Interleaved repeats; prints a table; keeps bench/results/replay.json.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from audit.bounds import TopicReaders, open_topics
from audit.pool import relax_collecting
from audit.replay import LedgerReplay, ReplayOptions, assemble_replay, replay_ledger
from bench.spread import add_keep_option, compute_spread, keep_results
from bench.whole import MeasuredWhole
from infra.settings import Settings
from queries.api_client import ApiClient
from queries.audited import AuditedStore
from schemas.codec import Codec
from schemas.registry import pin_ids

CONSUME, DECODE, PARTITIONS = "consume only", "decode only", "partitions"


def open_store(address: str) -> AuditedStore:
    """Open the store, as a process of the replay does."""
    return AuditedStore(ApiClient(address))


def consume_topics(readers: TopicReaders, partitions: int, use: Callable[[Any], Any]) -> int:
    """Read everything once; count the records of the outputs."""
    outputs = 0
    for reader in readers:
        for partition in range(partitions):
            for record in reader.read_records(partition, *reader.find_bounds(partition)):
                outputs += reader is not readers.published
                if reader is readers.published:
                    use(record)
    return outputs


def measure_consuming(settings: Settings, use: Callable[[Any], Any]) -> dict[str, float]:
    """Measure reading, and a use of every event."""
    readers = open_topics(settings)
    with relax_collecting():
        began, used = time.monotonic(), time.process_time()
        entries = consume_topics(readers, settings.partitions, use)
        found = compute_rates(entries, time.monotonic() - began, time.process_time() - used)
    readers.close()
    return found


def compute_rates(entries: int, seconds: float, used: float) -> dict[str, float]:
    """Compute entries a second, by the clock and by the processor."""
    return {"entries": entries, "a core": entries / used, "by the clock": entries / seconds}


def measure_partitions(whole: MeasuredWhole, store: AuditedStore) -> dict[str, float]:
    """Measure the replay of the partitions, in this process."""
    replay: LedgerReplay = assemble_replay(whole.settings, store, ReplayOptions(jobs=1), whole.settings.partitions)
    before = whole.read_used()["service"]
    began, used = time.monotonic(), time.process_time()
    outcomes = list(replay.collect_outcomes())
    seconds, used = time.monotonic() - began, time.process_time() - used
    reports = [one.report for one in outcomes]
    assert all(report.agrees for report in reports)
    entries = sum(report.sum_reaches("entries") + report.sum_reaches("rejections") for report in reports)
    engine = whole.read_used()["service"] - before
    return compute_rates(entries, seconds, used) | {"engine seconds": engine}


def measure_whole(whole: MeasuredWhole, store: AuditedStore) -> dict[str, float]:
    """Measure a whole replay, in as many processes as there are cores."""
    opener = partial(open_store, str(whole.settings.read_api))
    cores = len(os.sched_getaffinity(0))
    began = time.monotonic()
    report = replay_ledger(whole.settings, store, ReplayOptions(jobs=cores, open_store=opener))
    assert report.agrees, report.make_body()
    return {"seconds": time.monotonic() - began, "balances": report.balances, "rows": report.sum_reaches("rows")}


def measure_ways(whole: MeasuredWhole, repeats: int) -> dict[str, Any]:
    """Measure all, repeat by repeat, in turn."""
    codec, store = Codec(pin_ids()), open_store(str(whole.settings.read_api))
    rates: dict[str, list[dict[str, float]]] = {CONSUME: [], DECODE: [], PARTITIONS: []}
    wholes = []
    for _ in range(repeats):
        rates[CONSUME].append(measure_consuming(whole.settings, lambda record: record))
        rates[DECODE].append(measure_consuming(whole.settings, lambda one: decode_event(codec, one)))
        rates[PARTITIONS].append(measure_partitions(whole, store))
        wholes.append(measure_whole(whole, store))
    a_core = {name: compute_spread([one["a core"] for one in runs], 0) for name, runs in rates.items()}
    return {
        "entries": rates[PARTITIONS][0]["entries"],
        "entries a second a core": a_core,
        "by the clock": {
            name: compute_spread([one["by the clock"] for one in runs], 0) for name, runs in rates.items()
        },
        "engine seconds": compute_spread([one["engine seconds"] for one in rates[PARTITIONS]], 2),
        "whole replay, seconds": compute_spread([one["seconds"] for one in wholes], 2),
        "partitions over decode only": a_core[PARTITIONS]["median"] / a_core[DECODE]["median"],
        "peak megabytes": psutil.Process().memory_info().rss // 1024**2,
    }


def decode_event(codec: Codec, record: Any) -> None:
    """Decode an event that has a value."""
    if record.value is not None and record.misfit is None:
        codec.decode(record.value, record.headers)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    add_keep_option(parser, "replay")
    options = parser.parse_args()
    results: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as directory, MeasuredWhole(Path(directory) / "state") as whole:
        whole.publish_year()
        results |= measure_ways(whole, options.repeats)
    keep_results(options.keep, results)
    for name, rates in (("a core", results["entries a second a core"]), ("clock", results["by the clock"])):
        for way, one in rates.items():
            print(f"{way:14} {name:8} {one['median']:>10,.0f} ({one['least']:,.0f} to {one['most']:,.0f}) entries/s")
    for name in ("whole replay, seconds", "engine seconds"):
        print(f"{name:24} {results[name]}")
    print(f"partitions over decode only: {results['partitions over decode only']:.2f}")


if __name__ == "__main__":
    main()
