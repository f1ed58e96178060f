"""The .avsc files: documented, safe to extend, and in step with the vocabulary and the types."""

import json
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest

from ledger import events, facts, vocabulary
from schemas.definitions import DISRUPTION, ENTRY, NAMES, REJECTION, THREAT, make_plain, read_definition, read_text
from schemas.registry import pin_ids
from schemas.upcast import make_canonical_form


def walk_schema(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within ``schema``, itself first."""
    if isinstance(schema, list):
        for part in schema:
            yield from walk_schema(part)
    elif isinstance(schema, dict):
        yield schema
        for part in (schema.get("items"), *[field["type"] for field in schema.get("fields", ())]):
            yield from walk_schema(part)
        if isinstance(schema.get("type"), dict):
            yield from walk_schema(schema["type"])


def list_enums(name: str) -> dict[str, list[str]]:
    """Symbols by enum of one record."""
    return {part["name"]: part["symbols"] for part in walk_schema(read_definition(name)) if part.get("type") == "enum"}


@pytest.mark.parametrize("name", NAMES)
def test_every_record_enum_and_field_says_what_it_is(name: str) -> None:
    """A registry shows nothing but the schema: its docs are the documentation."""
    for part in walk_schema(read_definition(name)):
        if part["type"] in ("record", "enum"):
            assert part.get("doc"), part["name"]
        for field in part.get("fields", ()):
            assert field.get("doc"), f"{part['name']}.{field['name']}"


@pytest.mark.parametrize("name", NAMES)
def test_every_enum_ends_in_its_default_unrecognised(name: str) -> None:
    """What a newer publisher's symbol reads as is never one that means something."""
    for part in walk_schema(read_definition(name)):
        if part["type"] == "enum":
            assert part["symbols"][-1] == part["default"] == "UNRECOGNISED", part["name"]
            assert part["symbols"].count("UNRECOGNISED") == 1


@pytest.mark.parametrize("name", NAMES)
def test_enums_hold_the_vocabulary(name: str) -> None:
    """The schemas and ``ledger.vocabulary`` close over the same symbols, in the same order."""
    for enum, symbols in list_enums(name).items():
        if enum == "Record":
            assert symbols[:-1] == ["DisruptionEvent", "ThreatEvent"]
        elif enum == "AccountKind":
            assert symbols[:-1] == [*vocabulary.ThreatKind, "UNKNOWN"]
        else:
            assert symbols[:-1] == list(getattr(vocabulary, enum)), enum


def test_an_enum_repeated_in_several_files_is_the_same_in_each() -> None:
    """One name, one list of symbols: a registry would otherwise hold two types of one name."""
    seen: dict[str, list[str]] = {}
    for name in NAMES:
        for enum, symbols in list_enums(name).items():
            assert seen.setdefault(enum, symbols) == symbols, enum


@pytest.mark.parametrize(
    ("name", "event", "fact"),
    [(DISRUPTION, events.DisruptionEvent, facts.DisruptionFact), (THREAT, events.ThreatEvent, facts.ThreatFact)],
)
def test_events_and_facts_have_the_fields_of_their_schema_in_its_order(name: str, event: Any, fact: Any) -> None:
    """A fact is made from a record's values without naming each."""
    fields = tuple(field["name"] for field in read_definition(name)["fields"])
    assert event.__struct_fields__ == fact.__struct_fields__ == fields


def test_the_fixed_fields_of_the_events_are_as_designed() -> None:
    """The contract with publishers: names are never changed, and a new one is added here too."""
    disruption = (
        "event_id change disruption_id version threat_id recorded_by source_sequence type benefits pillar category "
        "activity_ref event_date entered_at tags plan_ref actor reason source_system entry_route"
    )
    threat = (
        "event_id threat_id version owner source_sequence kind crime_type tags assessment_type moderation_status soc "
        "tier phase assessed_on entered_at actor reason source_system"
    )
    for name, fixed in ((DISRUPTION, disruption), (THREAT, threat)):
        assert " ".join(field["name"] for field in read_definition(name)["fields"]) == fixed


def test_a_plain_schema_keeps_the_bytes_and_drops_the_rest() -> None:
    """No documentation and no logical type is left, and Avro's canonical form is unchanged."""
    for name in NAMES:
        assert make_canonical_form(make_plain(read_definition(name))) == make_canonical_form(read_definition(name))
        assert not any(word in json.dumps(make_plain(read_definition(name))) for word in ('"doc"', "logicalType"))


def test_a_pinned_definition_is_not_edited_without_a_new_version() -> None:
    """Ids name bytes for ever. If this fails: keep the old .avsc in schemas/history/ and add a line to ids.json."""
    subjects = json.loads(files("schemas").joinpath("ids.json").read_text())
    assert set(subjects) == set(NAMES)
    for name, versions in subjects.items():
        newest = versions[-1]
        assert sha256(make_canonical_form(read_definition(name)).encode()).hexdigest() == newest["canonical_sha256"], (
            name
        )
        assert pin_ids().find_id(name) == newest["id"]
        assert [version["version"] for version in versions] == list(range(1, len(versions) + 1))


def test_pinned_ids_and_guids_are_each_given_once_and_far_from_a_registrys() -> None:
    """A registry counts from 1: a pinned value read with a registry is unknown, never misread."""
    subjects = json.loads(files("schemas").joinpath("ids.json").read_text())
    versions = [version for held in subjects.values() for version in held]
    assert (
        len({version["id"] for version in versions}) == len({version["guid"] for version in versions}) == len(versions)
    )
    assert all(2_000_000_000 < version["id"] < 2**31 for version in versions)


def test_entry_and_rejection_cover_the_same_stretch_of_the_source() -> None:
    """Each output says where its event lay and what came before it."""
    covered = {"partition", "offset", "previous_offset", "ledger_time", "key", "value", "header_names", "header_values"}
    for name in (ENTRY, REJECTION):
        assert covered <= {field["name"] for field in read_definition(name)["fields"]}
    assert '"logicalType": "timestamp-millis"' in read_text(ENTRY)
