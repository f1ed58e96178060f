"""Schemas of a real registry: registered late, of another meaning, gone with their registry. And references that could
be two.
"""

import copy
import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from fastavro import parse_schema, schemaless_writer

from schemas.definitions import DISRUPTION, read_definition
from tests.facts import make_disruption
from tests.live.adversary.broken_topics import find_threat, publish_story
from tests.live.adversary.running import RunningLedger, await_true
from tests.live.audited import CODEC

SOON_SECONDS = 60.0
LATE_SECONDS = 3.0
SUBJECT = "case"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, registry_url: str) -> Iterator[RunningLedger]:
    """A ledger whose publishers use a registry."""
    made = RunningLedger(tmp_path_factory.mktemp("registry"), {"SCHEMA_REGISTRY_URL": registry_url})
    try:
        yield made.start_up()
    finally:
        made.kill_up()


@pytest.fixture(scope="module")
def registry(registry_url: str) -> SchemaRegistryClient:
    """Another team's client of it."""
    return SchemaRegistryClient({"url": registry_url})


def make_writer(kind: dict[str, str], document: str) -> dict[str, Any]:
    """The ledger's schema of a disruption with another type of its entry time."""
    schema = copy.deepcopy(dict(read_definition(DISRUPTION)))
    (field,) = (one for one in schema["fields"] if one["name"] == "entered_at")
    field["type"] = kind
    return schema | {"doc": document}


def send_disruption(ledger: RunningLedger, schema: dict[str, Any], schema_id: int, entered_at: Any) -> str:
    """One counted disruption, written by that schema under that id; its reference."""
    name, threat_id = str(uuid4()), find_threat(0)
    fact = make_disruption(event_id=str(uuid4()), threat_id=threat_id, disruption_id=name)
    fields = {one: getattr(fact, one) for one in fact.__struct_fields__}
    record = fields | {"entered_at": entered_at, "event_date": date(2022, 6, 1)}
    stream = BytesIO()
    schemaless_writer(stream, parse_schema(schema), record)
    ledger.send_raw(threat_id.encode(), b"\x00" + schema_id.to_bytes(4, "big") + stream.getvalue())
    return name


def list_refused(ledger: RunningLedger) -> list[dict[str, Any]]:
    """The refusals, newest last."""
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    found: list[dict[str, Any]] = ledger.ask_json("rejected")["rows"]
    return found


def test_an_event_whose_schema_is_registered_after_it_was_published_is_admitted(
    ledger: RunningLedger, registry: SchemaRegistryClient
) -> None:
    """Ids ascend by one: the next is known before it is given. Three seconds late, and nothing is refused."""
    publish_story(ledger, 0, 1)
    assert list_refused(ledger) == []  # and by now the ledger has registered what it writes
    millis = {"type": "long", "logicalType": "timestamp-millis"}
    last = registry.register_schema(SUBJECT, Schema(json.dumps(make_writer(millis, f"before {uuid4()}")), "AVRO"))
    late = make_writer(millis, f"late {uuid4()}")
    name = send_disruption(ledger, late, last + 1, datetime(2022, 6, 1, 12, tzinfo=UTC))
    time.sleep(LATE_SECONDS)
    assert registry.register_schema(SUBJECT, Schema(json.dumps(late), "AVRO")) == last + 1
    assert list_refused(ledger) == []
    assert list_entries(ledger, name) == ["ADMITTED"]


@pytest.mark.parametrize("meaning", ["local-timestamp-millis", "timestamp-micros"])
def test_an_entry_time_of_another_meaning_is_refused_by_its_field(
    ledger: RunningLedger, registry: SchemaRegistryClient, meaning: str
) -> None:
    """Read as milliseconds in UTC, the one would be an hour out in summer, the other in the year 54,000."""
    schema = make_writer({"type": "long", "logicalType": meaning}, meaning)
    schema_id = registry.register_schema(f"{SUBJECT}-{meaning}", Schema(json.dumps(schema), "AVRO"))
    entered_at = datetime(2022, 6, 1, 12) if meaning.startswith("local") else datetime(2022, 6, 1, 12, tzinfo=UTC)  # noqa: DTZ001 - a local time has no zone
    before = len(list_refused(ledger))
    send_disruption(ledger, schema, schema_id, entered_at)
    refused = list_refused(ledger)
    assert len(refused) == before + 1
    assert {one["code"] for one in refused} == {"UNKNOWN_SCHEMA"}
    assert all("entered_at" in one["message"] for one in refused)


def test_one_uuid_in_two_letter_cases_is_one_event(ledger: RunningLedger) -> None:
    """Through the publisher, and by a client of its own: the second is a duplicate."""
    for send in (publish_rows, send_facts):
        name, event_id = str(uuid4()), str(uuid4())
        send(ledger, [{"event_id": event_id.upper()}, {"event_id": event_id}], name)
        await_true(lambda name=name: len(list_entries(ledger, name)) == 2, SOON_SECONDS, ledger.log)
        assert list_entries(ledger, name) == ["ADMITTED", "DUPLICATE"]


def test_a_space_at_a_references_end_makes_no_second_disruption(ledger: RunningLedger) -> None:
    """The publisher strips it, so version 1 stands twice and the second is refused; a client of its own is refused."""
    before = len(list_refused(ledger))
    for send in (publish_rows, send_facts):
        name = f"case {uuid4()}"
        send(ledger, [{}, {"disruption_id": f"{name} "}], name)
        assert ledger.run_command("wait", "--timeout", "60").returncode == 0
        assert list_entries(ledger, name) == ["ADMITTED"]
    assert [one["code"] for one in sorted(list_refused(ledger)[before:], key=lambda one: str(one["code"]))] == [
        "REFERENCE_NOT_CANONICAL",
        "VERSION_NOT_NEXT",
    ]


def list_entries(ledger: RunningLedger, name: str) -> list[str]:
    """Verdicts of a disruption's entries, in their order."""
    done = ledger.run_command("explain", name, "--json")
    threats = json.loads(done.stdout)["threats"] if done.returncode == 0 else []
    return [one["verdict"] for threat in threats for one in threat["entries"]]


def publish_rows(ledger: RunningLedger, changes: list[dict[str, Any]], name: str) -> None:
    """Disruptions of that reference, as NDJSON through ``disruptions publish``."""
    row = {
        "record": "DisruptionEvent", "change": "RECORDED", "version": 1, "threat_id": f"T {name}",
        "recorded_by": "kent", "type": "LEAD", "pillar": "PURSUE", "category": "MODERATE", "event_date": "2022-06-14",
        "entered_at": "2022-06-15T09:05:00+01:00", "actor": "u-1", "disruption_id": name, "source_sequence": 900_001,
    }  # fmt: skip
    lines = "\n".join(json.dumps(row | {"event_id": str(uuid4())} | one) for one in changes)
    done = ledger.run_command("publish", "-", stdin=lines)
    assert done.returncode == 0, done.stdout + done.stderr


def send_facts(ledger: RunningLedger, changes: list[dict[str, Any]], name: str) -> None:
    """The same by a client of its own, under pinned ids."""
    threat_id = f"T {name}"
    for one in changes:
        said = {"event_id": str(uuid4()), "disruption_id": name} | one
        ledger.send_raw(threat_id.encode(), CODEC.encode_fact(make_disruption(threat_id=threat_id, **said)))


def test_a_ledger_that_is_started_without_its_registry_says_so_and_sets_nothing_aside(ledger: RunningLedger) -> None:
    """Books and tables are gone too, so worker and loader read the ledger's own records again: both stand."""
    publish_story(ledger, 0, 1)
    publish_story(ledger, 1, 1)
    assert ledger.run_command("wait", "--timeout", "60").returncode == 0
    assert ledger.stop_up() == 0
    for cache in ("books", "clickhouse"):
        shutil.rmtree(ledger.state / cache)
    del ledger.environment["SCHEMA_REGISTRY_URL"]
    ledger.start_up()
    remedy = "set SCHEMA_REGISTRY_URL to the registry that they were written with"
    await_true(lambda: find_troubled(ledger, remedy) >= {"worker-1", "loader"}, SOON_SECONDS, ledger.log)
    assert ledger.get_api("health").json()["unloadable"] == 0


def find_troubled(ledger: RunningLedger, said: str) -> set[str]:
    """The parts that health says this of."""
    return {one["part"] for one in ledger.get_api("health").json()["troubles"] if said in str(one)}
