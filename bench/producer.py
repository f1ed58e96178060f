"""The publisher's bulk rate on a real broker: events a second acknowledged, and processor time an event.

    python -m bench.producer [--events N] [--repeats R]

Three ways, interleaved: events that bring their number (no outbox), events that the outbox numbers, events spooled to
disk first. Typed events in, CloudEvents headers, acks=all, idempotent; 12 partitions, a broker of one node.
"""

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

from bench.spread import add_keep_option, keep_results
from infra import topic_admin
from infra.settings import Settings, load_settings
from ledger.events import DisruptionEvent
from ledger.vocabulary import Category, Change, DisruptionType, Pillar
from local.broker import Broker
from producers import Publisher

THREATS = 4_000
WAYS = ("numbered by the caller", "numbered by the outbox", "spooled")


def make_events(numbers: Iterator[int], how_many: int, numbered: bool) -> list[DisruptionEvent]:
    """Make so many disruptions of one force."""
    return [_make_event(number, numbered) for number, _ in zip(numbers, range(how_many), strict=False)]


def _make_event(number: int, numbered: bool) -> DisruptionEvent:
    return DisruptionEvent(
        event_id=str(uuid.UUID(int=number)),
        change=Change.RECORDED,
        disruption_id=f"D-metropolitan-{number}",
        version=1,
        threat_id=f"T-metropolitan-{number % THREATS}",
        recorded_by="metropolitan",
        source_sequence=number if numbered else None,
        type=DisruptionType.LEAD,
        pillar=Pillar.PURSUE,
        category=Category.MODERATE,
        event_date=date(2022, 7, 1),
        entered_at=datetime(2022, 7, 1, 12, tzinfo=UTC),
        tags=("county lines",),
        actor="a1b2c3",
        source_system="records",
    )


def measure_publishing(settings: Settings, way: str, bulk: list[DisruptionEvent]) -> dict[str, float]:
    """Measure events a second until all are acknowledged, and microseconds of this process an event."""
    with Publisher(settings, when_unreachable="spool" if way == "spooled" else "wait") as publisher:
        publisher.publish(bulk[0]).result(60)  # connected, with its producer id
        start, busy = time.perf_counter(), time.process_time()
        publisher.publish_many(bulk[1:])
        publisher.flush()
        seconds, worked = time.perf_counter() - start, time.process_time() - busy
    return {"events_per_second": (len(bulk) - 1) / seconds, "cpu_us_per_event": worked / (len(bulk) - 1) * 1e6}


def measure_ways(settings: Settings, how_many: int, repeats: int) -> dict[str, dict[str, Any]]:
    """Measure each way: median, least and greatest."""
    numbers = count(1)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(repeats):
        for way in WAYS:
            found[way].append(measure_publishing(settings, way, make_events(numbers, how_many, way == WAYS[0])))
    return {
        way: {
            name: {"median": round(statistics.median(all_of)), "least": round(min(all_of)), "most": round(max(all_of))}
            for name in runs[0]
            for all_of in [[run[name] for run in runs]]
        }
        for way, runs in found.items()
    }


def main() -> None:
    """Start a broker, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=5)
    add_keep_option(parser, "producer")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, Broker(Path(place) / "broker") as broker:
        settings = load_settings(Path(place)).model_copy(update={"kafka_bootstrap_servers": broker.bootstrap_servers})
        topic_admin.create_topics(settings)
        results = measure_ways(settings, asked.events, asked.repeats)
    keep_results(asked.keep, results)
    print(f"{'way':26}{'events/s':>10}{'least':>9}{'most':>9}{'cpu us/event':>14}")
    for way, found in results.items():
        rate, cpu = found["events_per_second"], found["cpu_us_per_event"]
        print(f"{way:26}{rate['median']:>10,}{rate['least']:>9,}{rate['most']:>9,}{cpu['median']:>14}")


if __name__ == "__main__":
    main()
