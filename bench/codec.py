"""The codec: microseconds for each of its calls, beside fastavro alone on the same bytes.

    python -m bench.codec [--repeats R]

One disruption of 155 bytes with six CloudEvents headers, one leg; medians of interleaved repeats.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from fastavro import schemaless_reader, schemaless_writer

from bench.spread import add_keep_option, keep_results
from ledger.entries import Account, Leg, SourceRecord
from ledger.facts import DisruptionFact
from schemas.codec import Codec
from schemas.definitions import DISRUPTION, ENTRY, read_plain
from schemas.registry import pin_ids

CALLS_PER_REPEAT = 2_000
HEADERS = tuple((f"ce_{name}", b"x" * 24) for name in ("specversion", "id", "type", "source", "subject", "time"))
FACT = DisruptionFact(
    event_id="0190b0f0-0000-7000-8000-000000000001",
    change="RECORDED",
    disruption_id="D-metropolitan-000123",
    version=1,
    threat_id="T-metropolitan-0001",
    recorded_by="metropolitan",
    source_sequence=12_345,
    type="LEAD",
    benefits=None,
    pillar="PURSUE",
    category="MODERATE",
    activity_ref="A-1234",
    event_date=19_000,
    entered_at=1_656_000_000_000,
    tags=["county lines"],
    plan_ref=None,
    actor="a1b2c3",
    reason=None,
    source_system="records",
    entry_route="DIRECT",
)
ACCOUNT = Account("metropolitan", "LEAD", "PURSUE", "OCG", "DRUGS", "MODERATE", 19_000, "COUNTED")


def list_calls() -> dict[str, Callable[[], Any]]:
    """List what is measured, by its name."""
    codec = Codec(pin_ids())
    value = codec.encode_fact(FACT)
    source = SourceRecord(3, 100_000, 99_999, 1_656_000_000_500, b"T-metropolitan-0001", value, HEADERS)
    leg = Leg(FACT.disruption_id, ACCOUNT, 1, FACT.entered_at)
    posted: Any = SimpleNamespace(verdict="ADMITTED", legs=(leg,), threat_legs=())
    entry = codec.encode_entry(source, FACT, posted)
    event_schema, entry_schema = read_plain(DISRUPTION), read_plain(ENTRY)
    entry_record = schemaless_reader(BytesIO(entry[5:]), entry_schema, None)
    return {
        "decode": lambda: codec.decode(value, HEADERS),
        "decode: fastavro alone": lambda: schemaless_reader(BytesIO(value[5:]), event_schema, None),
        "encode_fact": lambda: codec.encode_fact(FACT),
        "encode_entry": lambda: codec.encode_entry(source, FACT, posted),
        "encode_entry: fastavro alone": lambda: schemaless_writer(BytesIO(), entry_schema, entry_record),
        "decode_entry": lambda: codec.decode_entry(entry),
    }


def measure_call(call: Callable[[], Any]) -> float:
    """Measure the microseconds of a call."""
    start = time.perf_counter()
    for _ in range(CALLS_PER_REPEAT):
        call()
    return (time.perf_counter() - start) / CALLS_PER_REPEAT * 1e6


def measure_calls(repeats: int) -> dict[str, dict[str, float]]:
    """Measure each call: median, least and greatest."""
    work = list_calls()
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(repeats):
        for name, call in work.items():
            found[name].append(measure_call(call))
    return {
        name: {"us": round(statistics.median(us), 2), "least": round(min(us), 2), "greatest": round(max(us), 2)}
        for name, us in found.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    add_keep_option(parser, "codec")
    asked = parser.parse_args()
    results = measure_calls(asked.repeats)
    keep_results(asked.keep, results)
    print(f"{'call':32}{'median us':>10}{'least':>8}{'most':>8}")
    for name, us in results.items():
        print(f"{name:32}{us['us']:>10}{us['least']:>8}{us['greatest']:>8}")


if __name__ == "__main__":
    main()
