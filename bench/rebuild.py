"""A rebuild of the stored tables beside those that are read: how long until it has caught up, and how long a switch is.

    python -m bench.rebuild [--entries N]

Entries of the mix of bench.fold lie in a real broker, and are loaded, with their feeds. Then the next generation is
built beside them in the same process, by what the service builds it with, and switched to. *Loaded*: the last entry is
stored. *Caught up*: feeds and alerts too. The audit is not in it. By the clock and by the processor, as a machine that
does other work has another clock. Prints a table; keeps bench/results/rebuild.json.
"""

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from audit.certificate import make_certificate
from audit.findings import PartitionReach, ReplayReport
from audit.packed import PACKED_COLUMNS
from bench.loader import PARTITIONS, make_values, open_empty_store, produce_entries
from bench.spread import add_keep_option, keep_results
from infra.settings import Settings, load_settings
from infra.topic_admin import create_topics
from local.broker import Broker
from queries.store_answers import StoreAnswers
from services.loading import LoadingParts
from services.rebuild import Rebuild
from services.switch_certificate import digest_rows
from sinks.positions import find_stored
from sinks.store import Store

LOOK_SECONDS = 0.2
AIM_SECONDS = 60.0  # for a million entries


class Spent(NamedTuple):
    """Seconds by the clock, and of the processor."""

    clock: float
    processor: float


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began = Spent(time.perf_counter(), time.process_time())

    def read_spent(self) -> Spent:
        """Read what was spent since."""
        return Spent(time.perf_counter() - self._began.clock, time.process_time() - self._began.processor)


def measure_rebuild(settings: Settings, number: int) -> dict[str, Any]:
    """Measure building and switching, beside tables that hold the same."""
    entries = list(make_values(number))
    produce_entries(settings, entries)
    failed = threading.Event()
    with open_empty_store(settings) as (own, store):
        parts = LoadingParts(own, store, StoreAnswers(own, store), failed.set)
        rebuild = Rebuild(own, store, parts, failed.set)
        parts.start()
        try:
            wait_until(lambda: sum(find_stored(store).values()) >= len(entries))
            wait_until(lambda: store.query("SELECT count() AS n FROM feed_events")[0]["n"] >= len(entries))
            building = Stopwatch()
            rebuild.begin_rebuild(0)
            wait_until(lambda: rebuild.read_state()["done"] >= len(entries))
            loaded = building.read_spent()
            wait_until(lambda: rebuild.read_state()["state"] == "FOLLOWING")
            caught_up = building.read_spent()
            certificate = make_certificate_of(store, rebuild.read_state()["building"])
            switching = Stopwatch()
            rebuild.switch_tables(certificate, "", "bench")
            switched = switching.read_spent()
            assert store.query("SELECT count() AS n FROM entries FINAL")[0]["n"] == len(entries)
        finally:
            rebuild.close()
            parts.stop()
    spent = {"loaded": loaded, "caught up": caught_up, "switch": switched}
    return {
        "entries": len(entries),
        "seconds": {name: one.clock for name, one in spent.items()},
        "processor seconds": {name: one.processor for name, one in spent.items()},
        "entries per second": len(entries) / caught_up.clock,
    }


def make_certificate_of(store: Store, generation: int | None) -> dict[str, Any]:
    """Make the certificate of tables that hold what these hold; what a replay takes is measured elsewhere."""
    report = ReplayReport(limit=0, known_at="")
    for number, end in sorted(find_stored(store).items()):
        digests = {table: digest_rows(store, table, number, end) for table in PACKED_COLUMNS}
        report.reaches.append(PartitionReach(partition=number, covered_end=end, digests=digests))
    return make_certificate(report, generation=generation)


def wait_until(is_so: Any) -> None:
    """Wait until something is so."""
    while not is_so():
        time.sleep(LOOK_SECONDS)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=300_000)
    add_keep_option(parser, "rebuild")
    options = parser.parse_args()
    results: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory) / "broker") as broker:
        chosen = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": PARTITIONS, "clickhouse_dsn": None}
        settings = load_settings(Path(directory)).model_copy(update=chosen)
        create_topics(settings)
        results |= measure_rebuild(settings, options.entries)
    print(f"{results['entries']:,} entries; {results['entries per second']:,.0f} a second")
    for name, seconds in results["seconds"].items():
        print(f"  {name:10} {seconds:8.2f} s, of the processor {results['processor seconds'][name]:8.2f} s")
    print(f"  aim: a million in {AIM_SECONDS:.0f} s")
    keep_results(options.keep, results)


if __name__ == "__main__":
    main()
