"""``disruptions audit replay`` on a real broker, worker and store: untouched it agrees, touched it does not."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from infra import admin, children
from infra.ports import free_port
from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED
from ledger.errors import Unavailable
from ledger.facts import DisruptionFact, Fact, ThreatFact
from schemas.codec import Codec
from schemas.registry import pinned

READY_SECONDS = 60
SESSION_SECONDS = 2.0
JUNE_2022 = 19_144  # 2022-06-01, in days
NOON = JUNE_2022 * 86_400_000 + 12 * 3_600_000
CODEC = Codec(pinned())
THREATS = 12

SQL = """
import sys
from pathlib import Path
from infra.settings import load
from sinks.store import open_store
store = open_store(load(Path(sys.argv[1])))
with store.client() as client:
    for statement in sys.argv[2:]:
        client.command(statement, settings={"mutations_sync": 2})
store.close()
"""


def story() -> Iterator[Fact]:
    """Twelve threats with three disruptions each: one amended, one withdrawn; the last event of each is refused."""
    for number in range(THREATS):
        ids = (str(UUID(int=number * 100 + one)) for one in range(1, 100))
        name = f"T-{number}"
        yield threat(event_id=next(ids), threat_id=name)
        for reference in ("A", "B", "C"):
            yield disruption(event_id=next(ids), threat_id=name, disruption_id=reference)
        yield disruption(
            event_id=next(ids), threat_id=name, disruption_id="A", version=2, change="AMENDED", pillar="PREVENT"
        )
        yield disruption(event_id=next(ids), threat_id=name, disruption_id="B", version=2, change="WITHDRAWN")
        yield disruption(event_id=next(ids), threat_id=name, disruption_id="D", type="SUPPORT", benefits="btp")


def threat(**changes: object) -> ThreatFact:
    """A moderated, tactical OCG in drugs."""
    fields: dict[str, object] = {
        "version": 1, "owner": "metropolitan", "source_sequence": 1, "kind": "OCG", "crime_type": "DRUGS", "tags": [],
        "assessment_type": "TACTICAL", "moderation_status": "MODERATED", "soc": True, "tier": 2, "phase": "Active",
        "assessed_on": JUNE_2022 - 150, "entered_at": NOON, "actor": "a", "reason": None, "source_system": None,
    }  # fmt: skip
    return ThreatFact(**(fields | changes))  # type: ignore[arg-type]  # the fields are as the struct has them


def disruption(**changes: object) -> DisruptionFact:
    """A lead, major, pursue disruption by the Metropolitan Police."""
    fields: dict[str, object] = {
        "change": "RECORDED", "version": 1, "recorded_by": "metropolitan", "source_sequence": 1, "type": "LEAD",
        "benefits": None, "pillar": "PURSUE", "category": "MAJOR", "activity_ref": None, "event_date": JUNE_2022,
        "entered_at": NOON, "tags": [], "plan_ref": None, "actor": "a", "reason": None, "source_system": None,
        "entry_route": "DIRECT",
    }  # fmt: skip
    return DisruptionFact(**(fields | changes))  # type: ignore[arg-type]  # the fields are as the struct has them


@dataclass
class Whole:
    """A worker, a loader with its read API, and the command line."""

    settings: Settings
    environment: dict[str, str]
    child: Callable[..., children.Child]
    service: children.Child | None = None

    def start_service(self) -> None:
        """Start loader and read API, and wait until they answer."""
        port = free_port()
        arguments = ("--state", str(self.settings.state), "--port", str(port))
        self.service = self.child("dashboard.service", *arguments, environment=self.environment)
        self.environment["DISRUPTIONS_READ_API"] = f"http://127.0.0.1:{port}"
        eventually(lambda: self.positions() is not None)

    def positions(self) -> dict[str, dict[str, int]] | None:
        """How far the store has come, beside how far has been published; None while nobody answers."""
        try:
            answer = httpx.get(f"{self.environment['DISRUPTIONS_READ_API']}/v1/positions", trust_env=False)
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == httpx.codes.OK else None

    def is_stored(self) -> bool:
        """Whether everything published is stored."""
        found = self.positions()
        return found is not None and found["stored"] == found["published"]

    def touch(self, *statements: str) -> None:
        """Change what is stored while nobody holds the store."""
        assert self.service is not None
        children.stop(self.service)
        command = [sys.executable, "-c", SQL, str(self.settings.state), *statements]
        subprocess.run(command, check=True, env={**os.environ, **self.environment}, timeout=READY_SECONDS)
        self.start_service()

    def audit(self, *options: str) -> tuple[int, dict[str, Any]]:
        """Exit code and body of ``disruptions audit replay --json``."""
        script = str(Path(sys.executable).with_name("disruptions"))
        command = [
            script,
            "audit",
            "replay",
            "--json",
            "--limit",
            "1000",
            "--state",
            str(self.settings.state),
            *options,
        ]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, check=False, capture_output=True, env=environment, timeout=READY_SECONDS)
        assert done.returncode in (0, 1), done.stderr.decode()
        return done.returncode, json.loads(done.stdout)

    def publish(self, facts: Iterator[Fact]) -> None:
        """Publish facts as Java clients would place them, and one value that is no event at all."""
        producer = Producer(self.settings.kafka() | {"partitioner": "murmur2_random", "acks": "all"})
        for fact in facts:
            producer.produce(PUBLISHED, CODEC.encode_fact(fact), fact.threat_id)
        producer.produce(PUBLISHED, b"not an event", b"T-0")
        assert producer.flush(READY_SECONDS) == 0


def groups_are_gone(settings: Settings) -> bool:
    """Whether the groups could be deleted: a member with a name of its own stays until its session ends."""
    try:
        admin.delete_groups(settings)
    except Unavailable:
        return False
    return True


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


@pytest.fixture
def whole(
    settings_for: Callable[..., Settings],
    child: Callable[..., children.Child],
    environment_of: Callable[[Settings], dict[str, str]],
) -> Iterator[Whole]:
    """The story published, admitted and stored, on fresh topics."""
    settings = settings_for(session_timeout_seconds=SESSION_SECONDS)
    admin.delete_topics(settings)
    eventually(lambda: groups_are_gone(settings))
    admin.create_topics(settings)
    made = Whole(settings, environment_of(settings), child)
    made.publish(story())
    arguments = ("--state", str(settings.state), "--name", "worker-1")
    worker = child("streams.worker", *arguments, environment=made.environment)
    made.start_service()
    eventually(made.is_stored)
    yield made
    for process in (worker, made.service):
        if process is not None:
            children.stop(process)


def entries(settings: Settings) -> Iterator[tuple[int, bytes]]:
    """Every record of soc.entries with its partition."""
    consumer = Consumer(settings.kafka() | {"group.id": "test", "enable.auto.commit": False})
    try:
        for partition in range(settings.partitions):
            _, end = consumer.get_watermark_offsets(TopicPartition(ENTRIES, partition), timeout=10)
            consumer.assign([TopicPartition(ENTRIES, partition, 0)])
            yield from ((partition, message.value()) for message in consumer.consume(end, timeout=10))
    finally:
        consumer.close()


def found(body: dict[str, Any]) -> set[tuple[str, str, int | None, int | None]]:
    """The differences shown, by kind, place and position."""
    return {(one["kind"], one["place"], one["partition"], one["offset"]) for one in body["shown"]}


def test_an_untouched_ledger_agrees_and_is_not_changed_by_being_audited(whole: Whole) -> None:
    """12 x 7 events and one that is none: 72 entries and 13 refusals, all stored; the second time the same."""
    code, body = whole.audit()
    assert code == 0, body
    assert body["agrees"]
    assert not body["notes"]
    assert sum(one["entries"] for one in body["partitions"]) == THREATS * 6
    assert sum(one["rejections"] for one in body["partitions"]) == THREATS + 1
    assert sum(one["not_stored"] + one["not_judged"] for one in body["partitions"]) == 0
    # Of each threat A (now prevent) and C (pursue) stand: two accounts; and one account of threats.
    assert body["balances"] == 3
    again = whole.audit()[1]
    assert [again[name] for name in ("partitions", "balances")] == [body[name] for name in ("partitions", "balances")]


def test_one_partition_can_be_replayed_alone(whole: Whole) -> None:
    """Its rows are compared; balances are sums over all partitions, and the verdict says so."""
    partition = next(entries(whole.settings))[0]
    code, body = whole.audit("--partition", str(partition))
    assert code == 0, body
    assert [one["partition"] for one in body["partitions"]] == [partition]
    assert body["notes"] == ["balances were not compared: they are sums over all partitions"]


def test_a_tampered_store_is_found_out_at_each_position(whole: Whole) -> None:
    """A row changed, a row deleted, a row added: each is named, and so is the balance that no longer adds up."""
    decoded = [CODEC.decode_entry(value) for _, value in entries(whole.settings)]
    changed, deleted, added, forged = [entry.source for entry in decoded if entry.legs][:4]
    whole.touch(
        f"ALTER TABLE postings UPDATE category = 'MINOR' WHERE {at(changed)} AND leg = 0",
        f"ALTER TABLE postings DELETE WHERE {at(deleted)} AND leg = 0",
        f"ALTER TABLE entries UPDATE organisation = 'btp' WHERE {at(forged)}",
        f"INSERT INTO postings SELECT * REPLACE (leg + 7 AS leg) FROM postings WHERE {at(added)} LIMIT 1",  # noqa: S608 - two numbers
    )
    code, body = whole.audit()
    assert code == 1
    assert {
        ("ROW_DIFFERS", "postings leg 0", changed.partition, changed.offset),
        ("ROW_MISSING", "postings leg 0", deleted.partition, deleted.offset),
        ("ROW_DIFFERS", "entries", forged.partition, forged.offset),
        ("ROW_UNKNOWN", "postings leg 7", added.partition, added.offset),
    } <= found(body)
    assert body["kinds"].keys() == {"ROW_DIFFERS", "ROW_MISSING", "ROW_UNKNOWN", "BALANCE_DIFFERS"}


def at(source: Any) -> str:
    """A position as a condition of SQL."""
    return f"partition = {source.partition} AND offset = {source.offset}"


def test_a_forged_entry_is_found_out_at_its_position(whole: Whole) -> None:
    """A second entry for a position, with its sign turned, and an entry of an event that nobody published."""
    partition, value = next(one for one in entries(whole.settings) if CODEC.decode_entry(one[1]).legs)
    held = CODEC.decode_entry(value)
    fact = CODEC.decode(held.source.value, held.source.headers)
    leg = held.legs[0]
    turned = CODEC.encode_entry(held.source, fact, held._replace(legs=(leg._replace(sign=-leg.sign),)))
    invented = CODEC.encode_entry(held.source._replace(offset=10_000), fact, held)
    producer = Producer(whole.settings.kafka())
    for forged in (turned, invented):
        producer.produce(ENTRIES, forged, fact.threat_id.encode(), partition)
    assert producer.flush(READY_SECONDS) == 0
    code, body = whole.audit()
    assert code == 1
    assert {
        ("REPEAT_DIFFERS", ENTRIES, partition, held.source.offset),
        ("FORGED", ENTRIES, partition, 10_000),
    } <= found(body)
    assert all(one["event_id"] for one in body["shown"] if one["place"] == ENTRIES)
