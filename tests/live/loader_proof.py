"""Outputs of intake in real topics, written by a seed, and the proof that the store holds exactly them."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from confluent_kafka import Producer

from infra.settings import Settings
from infra.topics import ENTRIES, REJECTED
from queries import balances, stored
from queries.balance_queries import CountQuery
from queries.record_queries import TABLES, StoredRowsQuery
from queries.snapshot import take_snapshot
from sinks import positions
from sinks.loader import Loader
from sinks.store import Store
from tests.patience import await_truth
from tests.sinks.broker import Broker
from tests.sinks.records import make_entry, make_leg, make_rejection, make_threat_leg

SETTLED_SECONDS = 120.0


class Outputs(NamedTuple):
    """What was produced: per partition its end, and the positions of every row that must be there, once."""

    ends: dict[int, int]
    rows: dict[str, Counter[tuple[int, ...]]]


def produce_outputs(settings: Settings, number: int, seed: int, after: Outputs | None = None) -> Outputs:
    """``number`` outputs ``after`` those there are; some are repeated, as a worker that was killed leaves them."""
    chance = random.Random(seed)
    producer = Producer(
        settings.build_kafka_options()
        | {"linger.ms": 5, "enable.idempotence": True, "queue.buffering.max.messages": 200_000}
    )
    ends: Counter[int] = Counter(after.ends if after else {})
    rows = after.rows if after else {name: Counter() for name in TABLES}
    recent: list[tuple[str, bytes, int]] = []
    for _ in range(number):
        partition = chance.randrange(settings.partitions)
        offset = ends[partition]
        ends[partition] += 1
        topic, value = _make_output(chance, partition, offset, rows)
        recent.append((topic, value, partition))
        _send_outputs(producer, *recent[-1])
        if chance.random() < 0.002:  # a worker that was killed produces its last outputs again
            for again in recent[-chance.randrange(1, 30) :]:
                _send_outputs(producer, *again)
    assert producer.flush(SETTLED_SECONDS) == 0
    return Outputs(dict(ends), rows)


def _make_output(
    chance: random.Random, partition: int, offset: int, rows: dict[str, Counter[tuple[int, ...]]]
) -> tuple[str, bytes]:
    if chance.random() < 0.1:
        rows["rejected"][partition, offset] += 1
        return REJECTED, make_rejection(partition, offset, offset)
    legs = [make_leg(1, 0, f"D{partition}-{offset}-{n}") for n in range(chance.choice((0, 1, 1, 1, 2, 5)))]
    threat_legs = [make_threat_leg(1, 0)] * chance.choice((0, 0, 0, 1))
    rows["entries"][partition, offset] += 1
    rows["postings"].update((partition, offset, n) for n in range(len(legs)))
    rows["threat_postings"].update((partition, offset, n) for n in range(len(threat_legs)))
    return ENTRIES, make_entry(partition, offset, offset, legs, threat_legs)


def _send_outputs(producer: Producer, topic: str, value: bytes, partition: int) -> None:
    producer.produce(topic, value, b"T1", partition)
    producer.poll(0)


@contextmanager
def run_loader(settings: Settings, store: Store) -> Iterator[Loader]:
    """A loader in a thread, until the end of the block; its own errors end the test."""
    stop = threading.Event()
    loader = Loader(settings, store)
    failed: list[BaseException] = []

    def load_outputs() -> None:
        try:
            loader.run(stop)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=load_outputs)
    thread.start()
    try:
        yield loader
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


def wait_until_stored(store: Store, outputs: Outputs) -> None:
    """Wait for the last position of every partition."""
    await_truth(
        lambda: positions.find_stored(store) == outputs.ends,
        lambda: f"stored {positions.find_stored(store)}, produced {outputs.ends}",
    )


def prove_rows(store: Store, outputs: Outputs) -> None:
    """Every row that must be there is, and readers see it once; the balance is the sum of the legs produced."""
    assert positions.find_stored(store) == outputs.ends
    for table, wanted in outputs.rows.items():
        key = "partition, offset" + (", leg" if "postings" in table else "")
        seen = store.query(f"SELECT {key} FROM {table} FINAL")  # noqa: S608  (names of this module)
        assert Counter(tuple(row.values()) for row in seen) == wanted, table
        assert {
            tuple(row[name] for name in key.split(", "))
            for row in stored.read_rows(store, StoredRowsQuery(table=table))
        } == set(wanted)
    assert store.query("SELECT sum(n) AS n FROM lead_counts") == [{"n": outputs.rows["postings"].total()}]
    prove_count(store, outputs)


def prove_count(store: Store, outputs: Outputs) -> None:
    """The live count is that sum, from whatever closings were made, by whoever was killed at it."""
    assert balances.answer_count(take_snapshot(store, Broker()), CountQuery()).rows == [
        {"n": outputs.rows["postings"].total()}
    ]
