"""The codec against a real Confluent-compatible registry."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.settings import Settings
from ledger.errors import Misuse, Rejected, Unavailable
from ledger.facts import DisruptionFact
from ledger.vocabulary import Code
from schemas.codec import Codec
from schemas.confluent import COMPATIBILITY, ConfluentIds
from schemas.definitions import DISRUPTION, NAMES, THREAT, read_definition, read_text
from schemas.registry import RegistryIds, connect_registry, pin_ids, resolve_ids
from schemas.wire import SCHEMA_HEADER
from tests.live.apicurio import Registry


@pytest.fixture
def fact() -> DisruptionFact:
    """One disruption."""
    values: dict[str, Any] = dict.fromkeys(DisruptionFact.__struct_fields__, "x")
    values |= {"version": 1, "source_sequence": 1, "event_date": 19000, "entered_at": 1, "tags": []}
    values |= {"change": "AMENDED", "type": "LEAD", "pillar": "PREPARE", "category": "NONE", "entry_route": "DIRECT"}
    return DisruptionFact(**values)


def change_schema(name: str, change: Callable[[list[dict[str, Any]]], None]) -> str:
    """The text of ``name``'s schema after ``change`` was done to its fields."""
    schema = copy.deepcopy(dict(read_definition(name)))
    change(schema["fields"])
    return json.dumps(schema)


def test_all_four_records_are_registered_and_read_back(registry_url: str, fact: DisruptionFact) -> None:
    """One codec registers, another that knows nothing reads by id; asking again gives the same ids."""
    ids = connect_registry(registry_url)
    assert len({ids.find_id(name) for name in NAMES}) == len(NAMES)
    value = Codec(ids).encode_fact(fact)
    assert Codec(connect_registry(registry_url)).decode(value) == fact
    assert [connect_registry(registry_url).find_id(name) for name in NAMES] == [ids.find_id(name) for name in NAMES]


def test_subjects_are_the_records_full_names_and_fully_compatible(registry_url: str) -> None:
    """RecordNameStrategy, FULL_TRANSITIVE."""
    from confluent_kafka.schema_registry import SchemaRegistryClient  # noqa: PLC0415 - asked as any other client would

    connect_registry(registry_url).find_id(DISRUPTION)
    client = SchemaRegistryClient({"url": registry_url})
    assert set(NAMES) <= set(client.get_subjects())
    assert {client.get_compatibility(name) for name in NAMES} == {COMPATIBILITY}


def test_breaking_compatibility_on_purpose_is_refused(registry_url: str) -> None:
    """A field without a default can neither be added nor taken away."""
    ids = ConfluentIds(registry_url)
    ids.find_id(THREAT)
    added = {"name": "risk", "type": "int", "doc": "x"}
    for breach in (lambda fields: fields.append(added), lambda fields: fields.pop(0)):
        with pytest.raises(Misuse, match=f"the registry refuses {THREAT}: not FULL_TRANSITIVE"):
            ids.register_schema(THREAT, change_schema(THREAT, breach))


def test_a_newer_publishers_schema_is_registered_and_its_values_are_read(
    registry_url: str, fact: DisruptionFact
) -> None:
    """A field with a default is compatible; the ledger, not yet upgraded, skips it."""
    ids = ConfluentIds(registry_url)
    ids.find_id(DISRUPTION)
    newer = change_schema(DISRUPTION, lambda fields: fields.append({"name": "note", "type": "string", "default": ""}))
    newer_id = ids.register_schema(DISRUPTION, newer)
    assert newer_id != ids.find_id(DISRUPTION)
    codec = Codec(connect_registry(registry_url))
    datum = codec.encode_fact(fact)[5:]
    assert codec.decode(b"\x00" + newer_id.to_bytes(4, "big") + datum + b"\x06abc") == fact


def test_an_id_that_the_registry_does_not_know_is_an_unknown_schema(registry_url: str, fact: DisruptionFact) -> None:
    """A registry without GUIDs knows none; what is pinned is read beside it."""
    codec = Codec(connect_registry(registry_url))
    datum = codec.encode_fact(fact)[5:]
    for value, headers in (
        (b"\x00" + (123456).to_bytes(4, "big") + datum, ()),
        (datum, ((SCHEMA_HEADER, b"\x01" + bytes(16)),)),
    ):
        with pytest.raises(Rejected) as refused:
            codec.decode(value, headers)
        assert refused.value.code == Code.UNKNOWN_SCHEMA
    assert codec.decode(Codec(pin_ids()).encode_fact(fact)) == fact


def test_a_subject_that_is_none_of_the_ledgers_is_an_unknown_schema(registry_url: str) -> None:
    """Another team's record in the same registry."""
    ids = ConfluentIds(registry_url)
    other = json.dumps({"type": "record", "name": "Other", "namespace": "elsewhere", "fields": []})
    other_id = ids.register_schema("elsewhere.Other", other)
    with pytest.raises(Rejected) as refused:
        Codec(connect_registry(registry_url)).decode(b"\x00" + other_id.to_bytes(4, "big"))
    assert refused.value.code == Code.UNKNOWN_SCHEMA


def test_the_header_form_by_id_is_read_with_a_registry(registry_url: str, fact: DisruptionFact) -> None:
    """The value is the bare datum."""
    codec = Codec(connect_registry(registry_url))
    value = codec.encode_fact(fact)
    assert codec.decode(value[5:], ((SCHEMA_HEADER, value[:5]),)) == fact


def test_a_registry_that_does_not_answer_is_unavailable(tmp_path: Any, fact: DisruptionFact) -> None:
    """Neither a rejection nor a wait for ever; a wrong path is the world's fault too."""
    with Registry(tmp_path) as running:
        codec, elsewhere = Codec(connect_registry(running.url)), connect_registry(running.url.replace("v7", "nowhere"))
        value = codec.encode_fact(fact)
        with pytest.raises(Unavailable):
            Codec(elsewhere).decode(value)
    fresh = Codec(connect_registry(running.url))
    for ask in (lambda: fresh.decode(value), lambda: fresh.encode_fact(fact)):
        with pytest.raises(Unavailable, match="the schema registry gave no answer"):
            ask()
    assert codec.encode_fact(fact) == value


def test_the_setting_chooses_the_registry(registry_url: str) -> None:
    """Without one, pinned ids."""
    assert resolve_ids(Settings()) is pin_ids()
    assert isinstance(resolve_ids(Settings(schema_registry_url=registry_url)), RegistryIds)
    assert read_text(DISRUPTION)
