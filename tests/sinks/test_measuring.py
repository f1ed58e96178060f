"""How long events take to be stored is measured once for each partition's part of a batch, by its oldest event."""

import time

from infra.metrics import REGISTRY
from infra.topics import ENTRIES, REJECTED
from schemas.registry import pin_ids
from sinks.batch import SortedBatch
from sinks.block import RecordSchemas
from sinks.session import measure_batch
from tests.sinks.records import count_millis_of, make_entry, make_leg, make_rejection


def read_sample(name: str) -> float:
    return REGISTRY.get_sample_value(f"disruptions_end_to_end_seconds_{name}") or 0.0


def test_the_ledger_time_of_a_record_is_read_without_decoding_it() -> None:
    """Of an entry, whose position has a part, and of a refusal, whose has none."""
    schemas = RecordSchemas(pin_ids())
    for topic, value in (
        (ENTRIES, make_entry(3, 70_000, 44, [make_leg(1, 1)])),
        (REJECTED, make_rejection(3, 70_000, 44)),
    ):
        schemas.read_position(topic, 3, value)
        assert schemas.read_ledger_time(topic, value) == count_millis_of(44)


def test_a_batch_is_measured_once_for_each_part() -> None:
    """Two parts, 0.7 and 4 seconds old, are two observations; a clock that is behind makes none negative."""
    now = time.time() * 1000
    count, total = read_sample("count"), read_sample("sum")
    measure_batch(SortedBatch(learnt=[round(now - 700), round(now - 4_000), round(now + 60_000)]))
    assert read_sample("count") - count == 3
    assert 4.69 <= read_sample("sum") - total < 6
