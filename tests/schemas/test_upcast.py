"""What older and newer publishers write is read as the current record; stored bytes stay as they are."""

import copy
import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastavro import parse_schema, schemaless_writer

from ledger.errors import Rejected
from ledger.facts import DisruptionFact
from ledger.vocabulary import Code
from schemas.codec import Codec, UnrecognisedValue
from schemas.definitions import DISRUPTION, make_plain, read_definition
from schemas.registry import PinnedIds
from schemas.upcast import Chains, Record, SchemaVersion
from schemas.wire import make_prefix

Make = Callable[..., DisruptionFact]


def change_schema(*dropped: str, added: tuple[Any, ...] = (), symbols: dict[str, list[str]] | None = None) -> Any:
    """The disruption's schema with fields dropped and added, and other symbols where an enum is named."""
    schema = copy.deepcopy(read_definition(DISRUPTION))
    fields = [field for field in schema["fields"] if field["name"] not in dropped]
    for field in fields:
        kind = field["type"]
        if isinstance(kind, dict) and kind.get("name") in (symbols or {}):
            kind["symbols"] = (symbols or {})[kind["name"]]
    return {**schema, "fields": [*fields, *added]}


def write_by(schema: Any, fact: DisruptionFact, **fields: Any) -> bytes:
    """The fact as a publisher with ``schema`` and id 900 writes it."""
    stream = io.BytesIO()
    record = {name: getattr(fact, name) for name in fact.__struct_fields__} | fields
    schemaless_writer(stream, parse_schema(make_plain(schema)), record)
    return make_prefix(900) + stream.getvalue()


def make_codec(schema: Any, chains: Chains | None = None) -> Codec:
    """A codec whose registry knows ``schema`` as id 900."""
    ids = PinnedIds({}, {900: schema})
    return Codec(ids) if chains is None else Codec(ids, chains)


def test_a_field_with_a_default_that_an_older_publisher_does_not_send_is_its_default(disruption: Make) -> None:
    """Avro's resolution, no upgrade needed."""
    old = change_schema("plan_ref", "tags")
    assert make_codec(old).decode(write_by(old, disruption())) == disruption(plan_ref=None, tags=[])


def test_a_newer_publishers_unknown_field_is_skipped(disruption: Make) -> None:
    """Whatever its type, and wherever it stands."""
    added = (
        {"name": "risk", "type": {"type": "array", "items": "double"}},
        {"name": "note", "type": ["null", "string"], "default": None},
    )
    new = change_schema(added=added)
    new["fields"].insert(0, new["fields"].pop())
    assert make_codec(new).decode(write_by(new, disruption(), risk=[0.5, 1.0], note="x")) == disruption()


def test_a_newer_publishers_unknown_symbol_is_refused_and_its_known_ones_are_not(disruption: Make) -> None:
    """It reads as UNRECOGNISED, so nothing is silently counted as something else."""
    new = change_schema(symbols={"Pillar": ["PERSUADE", "PURSUE", "PREVENT", "PROTECT", "PREPARE", "UNRECOGNISED"]})
    with pytest.raises(UnrecognisedValue, match=r"^pillar: "):
        make_codec(new).decode(write_by(new, disruption(), pillar="PERSUADE"))
    assert make_codec(new).decode(write_by(new, disruption())) == disruption()


def test_a_schema_without_a_field_that_has_no_default_is_unknown(disruption: Make) -> None:
    """Registered past the compatibility rule, its values cannot be read as the ledger's."""
    old = change_schema("entry_route")
    with pytest.raises(Rejected) as refused:
        make_codec(old).decode(write_by(old, disruption()))
    assert refused.value.code == Code.UNKNOWN_SCHEMA


@pytest.mark.parametrize(
    "schema", ["string", {"type": "record", "name": "Other", "fields": []}, ["null"], {"type": "?"}]
)
def test_a_registered_schema_that_is_not_a_record_of_the_ledger_is_unknown(schema: Any) -> None:
    """A topic may hold other subjects' values; none of them is an event."""
    with pytest.raises(Rejected) as refused:
        make_codec(schema).decode(make_prefix(900) + b"\x00")
    assert refused.value.code == Code.UNKNOWN_SCHEMA


def test_a_record_of_the_ledgers_name_that_does_not_parse_is_unknown() -> None:
    """The registry's fault shows as one code, not as a crash."""
    broken = {**read_definition(DISRUPTION), "fields": [{"name": "event_id", "type": "no such type"}]}
    with pytest.raises(Rejected) as refused:
        make_codec(broken).decode(make_prefix(900) + b"\x00")
    assert refused.value.code == Code.UNKNOWN_SCHEMA


# A history of two older versions, for these tests alone: the first had no plan and called the category a grade, the
# second had no entry route.
FIRST = change_schema("plan_ref", "category", "entry_route", added=({"name": "grade", "type": "int"},))
SECOND = change_schema("entry_route")


def add_category(record: Record) -> Record:
    """From the first version to the second: a grade is a category."""
    grade = record["grade"]
    kept = {name: value for name, value in record.items() if name != "grade"}
    return {**kept, "category": {1: "MAJOR", 2: "MODERATE", 3: "MINOR"}[grade], "plan_ref": None}


def add_entry_route(record: Record) -> Record:
    """From the second version to the third: nobody sent records through a ROCU yet."""
    return {**record, "entry_route": "DIRECT"}


CHAINS: Chains = {DISRUPTION: (SchemaVersion(FIRST, add_category), SchemaVersion(SECOND, add_entry_route))}


def test_the_oldest_version_is_upgraded_step_by_step(disruption: Make) -> None:
    """Both functions run, and the fact is as if it had been sent today."""
    value = write_by(FIRST, disruption(), grade=3)
    before = bytes(value)
    assert make_codec(FIRST, CHAINS).decode(value) == disruption(category="MINOR", plan_ref=None)
    assert value == before


def test_a_later_version_starts_later_in_the_chain(disruption: Make) -> None:
    """Only the second function runs."""
    assert make_codec(SECOND, CHAINS).decode(write_by(SECOND, disruption())) == disruption()


def test_the_current_version_runs_no_upgrade(disruption: Make) -> None:
    """The chain is for what is older."""
    now = read_definition(DISRUPTION)
    assert make_codec(now, CHAINS).decode(write_by(now, disruption(entry_route="VIA_ROCU"))).entry_route == "VIA_ROCU"


def test_a_value_that_its_upgrade_cannot_read_is_undecodable(disruption: Make) -> None:
    """A grade that never was."""
    with pytest.raises(Rejected) as refused:
        make_codec(FIRST, CHAINS).decode(write_by(FIRST, disruption(), grade=9))
    assert refused.value.code == Code.UNDECODABLE


def test_an_unknown_guid_is_not_looked_for_among_ids(disruption: Make) -> None:
    """Ids and GUIDs are two namespaces."""
    with pytest.raises(Rejected):
        make_codec(SECOND).decode(write_by(SECOND, disruption()), (("__value_schema_id", b"\x01" + uuid4().bytes),))
