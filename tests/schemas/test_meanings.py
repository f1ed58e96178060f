"""A writer's logical types: another meaning is refused by the field's name, never read as ours."""

import copy
import json
from typing import Any

import pytest

from ledger.errors import Misuse, Rejected
from schemas.codec import Codec
from schemas.definitions import DISRUPTION, ENTRY, read_definition
from schemas.meanings import find_other_meaning
from schemas.registry import NO_REGISTRY, PinnedIds, RegistryIds, pin_ids
from schemas.wire import make_prefix


def change_type(field: str, kind: Any) -> Any:
    """The definition of a disruption with one field's type changed."""
    schema: Any = copy.deepcopy(read_definition(DISRUPTION))
    for one in schema["fields"]:
        if one["name"] == field:
            one["type"] = kind
    return schema


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("entered_at", {"type": "long", "logicalType": "local-timestamp-millis"}),
        ("entered_at", {"type": "long", "logicalType": "timestamp-micros"}),
        ("entered_at", ["null", {"type": "long", "logicalType": "timestamp-nanos"}]),
        ("event_date", {"type": "int", "logicalType": "time-millis"}),
        ("version", {"type": "int", "logicalType": "date"}),
        ("plan_ref", ["null", {"type": "string", "logicalType": "uuid"}]),
    ],
)
def test_another_logical_type_is_named_by_its_field(field: str, kind: Any) -> None:
    """It would be read as if it were ours."""
    assert find_other_meaning(change_type(field, kind), read_definition(DISRUPTION)) == field


@pytest.mark.parametrize("kind", ["long", {"type": "long"}, {"type": "long", "logicalType": "timestamp-millis"}])
def test_no_logical_type_or_ours_is_ours(kind: Any) -> None:
    """Some clients strip them; the type's word is taken."""
    assert find_other_meaning(change_type("entered_at", kind), read_definition(DISRUPTION)) is None


@pytest.mark.parametrize("schema", [None, [], "string", {"fields": 7}, {"fields": [1, {"name": 2}, {"name": "x"}]}])
def test_what_is_no_record_has_no_meaning(schema: Any) -> None:
    """A schema from outside may be anything."""
    assert find_other_meaning(schema, read_definition(DISRUPTION)) is None


def test_a_value_of_another_meaning_is_refused_with_the_field() -> None:
    """UNKNOWN_SCHEMA, and what to publish instead; nothing of the foreign schema is quoted."""
    schema = change_type("entered_at", {"type": "long", "logicalType": "local-timestamp-millis"})
    codec = Codec(PinnedIds({}, {9: schema}))
    with pytest.raises(Rejected) as refused:
        codec.decode(make_prefix(9) + b"anything")
    assert refused.value.code == "UNKNOWN_SCHEMA"
    assert refused.value.sentence.startswith("entered_at: ")
    assert "local" not in refused.value.sentence


def test_an_id_of_a_registry_is_told_where_there_is_none() -> None:
    """The sentence names the setting; an unknown pinned id is another matter."""
    for schema_id, told in ((17, True), (2_000_000_099, False)):
        with pytest.raises(Rejected) as refused:
            Codec(pin_ids()).decode(make_prefix(schema_id) + b"anything")
        assert (refused.value.sentence == NO_REGISTRY) is told


def test_the_ledgers_own_records_of_a_registry_stop_a_ledger_without_one(
    source: Any, disruption: Any, posted: Any
) -> None:
    """They are no garbage: reading on would judge everything again. Garbage under such an id is garbage."""
    value = Codec(pin_ids()).encode_entry(source(b"v"), disruption(), posted(1))
    with pytest.raises(Misuse, match="SCHEMA_REGISTRY_URL"):
        Codec(pin_ids()).decode_entry(make_prefix(17) + value[5:])
    with pytest.raises(Rejected):
        Codec(pin_ids()).decode_entry(make_prefix(17) + value[5:-1])


def test_pinned_ids_are_read_beside_a_registry() -> None:
    """What was written without a registry is read on when one is set; the registry is not asked for them."""
    ids = RegistryIds(PinnedIds({ENTRY: 5}, {5: {"five": True}}))
    assert (ids.find_id(ENTRY), ids.find_writer(5)) == (5, {"five": True})
    assert ids.find_writer(pin_ids().find_id(ENTRY)) == json.loads(json.dumps(read_definition(ENTRY)))
