"""The loader against two floors: consuming only, and inserting only.

    python -m bench.loader [--entries N] [--repeats R]

Entries of the mix of bench.fold, in a real broker. *Consume only* reads them all and drops them. *Insert only* writes
the same records, already in memory, by the loader's own writing. *Loader* does the work: from its start to the last
entry stored, sorted out, written and committed. Interleaved repeats, each into an empty store; medians with the lowest
and highest. Prints a table; keeps bench/results/loader.json.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from bench.fold import make_mix
from bench.spread import add_keep_option, keep_results
from infra.settings import Settings, load_settings
from infra.topic_admin import create_topics
from infra.topics import ENTRIES
from ledger.entries import SourceRecord
from local.broker import Broker
from methodology.book import Book
from methodology.posting import Posted, post_event
from schemas.codec import Codec
from schemas.registry import pin_ids
from sinks.block import RecordSchemas, SourcePosition
from sinks.gathering import RECORDS_MOST
from sinks.loader import Loader
from sinks.migration import migrate_store
from sinks.session import build_consumer_options
from sinks.store import Store, open_store
from sinks.writing import BlockWriter, OutputRecord

PARTITIONS = 12
FLUSH_SECONDS = 120.0


def make_values(number: int) -> Iterator[tuple[int, int, bytes]]:
    """Make ``number`` entries with the postings that the fold gives them: partition, offset and value."""
    codec = Codec(pin_ids())
    books: dict[str, Book] = {}
    ends = [0] * PARTITIONS
    for threat, fact in make_mix(number, 1):
        book = books.setdefault(threat, Book(threat))
        partition = hash(threat) % PARTITIONS
        at = fact.entered_at + 60_000
        posted = post_event(book, fact, at)
        if isinstance(posted, Posted):
            offset, ends[partition] = ends[partition], ends[partition] + 1
            headers = tuple((name, fact.event_id.encode()) for name in ("ce_id", "ce_subject", "ce_source"))
            source = SourceRecord(partition, offset, offset - 1, at, threat.encode(), codec.encode_fact(fact), headers)
            yield partition, offset, codec.encode_entry(source, fact, posted)


def produce_entries(settings: Settings, entries: list[tuple[int, int, bytes]]) -> None:
    """Produce them into ``soc.entries``."""
    producer = Producer(settings.build_kafka_options() | {"linger.ms": 20, "queue.buffering.max.messages": 500_000})
    for partition, _, value in entries:
        producer.produce(ENTRIES, value, b"key", partition)
        producer.poll(0)
    assert producer.flush(FLUSH_SECONDS) == 0


@contextmanager
def open_empty_store(settings: Settings) -> Iterator[tuple[Settings, Store]]:
    """Open an empty store of its own."""
    with tempfile.TemporaryDirectory() as directory:
        own = settings.model_copy(update={"state": Path(directory)})
        store = open_store(own)
        migrate_store(store)
        yield own, store
        store.close()


def measure_consuming(settings: Settings, entries: list[tuple[int, int, bytes]]) -> float:
    """Measure the seconds to read them all."""
    consumer = Consumer(build_consumer_options(settings, f"bench-{uuid.uuid4()}"))
    before = time.perf_counter()
    consumer.assign([TopicPartition(ENTRIES, one, 0) for one in range(PARTITIONS)])
    left = len(entries)
    while left:
        left -= len(consumer.consume(RECORDS_MOST, 0.1))
    spent = time.perf_counter() - before
    consumer.close()
    return spent


def measure_inserting(settings: Settings, entries: list[tuple[int, int, bytes]]) -> float:
    """Measure the seconds to write them all, by whole blocks."""
    ids = pin_ids()
    schema_id = int.from_bytes(entries[0][2][1:5], "big")
    records = [
        OutputRecord(ENTRIES, partition, offset, SourcePosition(offset, 0), schema_id, value)
        for partition, offset, value in entries
    ]
    with open_empty_store(settings) as (_, store):
        writing = BlockWriter(store, ids, RecordSchemas(ids))
        before = time.perf_counter()
        for first in range(0, len(records), RECORDS_MOST):
            writing.write_records(records[first : first + RECORDS_MOST], [])
        return time.perf_counter() - before


def measure_loader(settings: Settings, entries: list[tuple[int, int, bytes]]) -> float:
    """Measure the seconds from the loader's start to the last entry stored."""
    with open_empty_store(settings) as (own, store):
        stop = threading.Event()
        running = Loader(own, store)
        thread = threading.Thread(target=running.run, args=(stop,))
        before = time.perf_counter()
        thread.start()
        while running.health.stored < len(entries):
            time.sleep(0.002)
        spent = time.perf_counter() - before
        stop.set()
        thread.join()
        seen = store.query("SELECT count() AS n FROM entries FINAL")[0]["n"]
        assert seen == len(entries), (seen, len(entries))
    return spent


def measure_ways(settings: Settings, number: int, repeats: int) -> dict[str, Any]:
    """Measure the entries a second of each."""
    entries = list(make_values(number))
    produce_entries(settings, entries)
    rates: dict[str, list[float]] = {"consume only": [], "insert only": [], "loader": []}
    for _ in range(repeats):
        for name, run in zip(rates, (measure_consuming, measure_inserting, measure_loader), strict=True):
            rates[name].append(len(entries) / run(settings, entries))
    shown = {
        name: {"median": statistics.median(one), "least": min(one), "most": max(one)} for name, one in rates.items()
    }
    return {
        "entries": len(entries),
        "bytes per entry": round(sum(len(value) for *_, value in entries) / len(entries)),
        "entries per second": shown,
        "insert only over loader": shown["insert only"]["median"] / shown["loader"]["median"],
    }


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=300_000)
    parser.add_argument("--repeats", type=int, default=5)
    add_keep_option(parser, "loader")
    options = parser.parse_args()
    results: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0], "repeats": options.repeats}
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory) / "broker") as broker:
        chosen = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": PARTITIONS, "clickhouse_dsn": None}
        settings = load_settings(Path(directory)).model_copy(update=chosen)
        create_topics(settings)
        results |= measure_ways(settings, options.entries, options.repeats)
    print(f"{results['entries']:,} entries of {results['bytes per entry']} bytes; entries/s, median (least to most)")
    for name, one in results["entries per second"].items():
        print(f"  {name:14} {one['median']:10,.0f}  ({one['least']:,.0f} to {one['most']:,.0f})")
    print(f"  insert only over loader: {results['insert only over loader']:.2f}")
    keep_results(options.keep, results)


if __name__ == "__main__":
    main()
