"""Events to bytes and back, and what does not read."""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import header_schema_id_serializer
from confluent_kafka.schema_registry.serde import SchemaId
from confluent_kafka.serialization import MessageField, SerializationContext
from fastavro import parse_schema, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import SourceRecord
from ledger.errors import Misuse, Rejected, Unavailable
from ledger.events import DisruptionEvent, ThreatEvent
from ledger.facts import DisruptionFact, ThreatFact
from ledger.vocabulary import (
    AssessmentType,
    Category,
    Change,
    Code,
    CrimeType,
    DisruptionType,
    EntryRoute,
    ModerationStatus,
    Pillar,
    ThreatKind,
)
from schemas.codec import Codec, UnrecognisedValue
from schemas.conversion import make_fact
from schemas.definitions import DISRUPTION, ENTRY, read_definition
from schemas.registry import PinnedIds, pin_ids
from schemas.wire import SCHEMA_HEADER, make_prefix

ID = pin_ids().find_id(DISRUPTION)


def find_code(codec: Codec, value: bytes | None, headers: Any = ()) -> Code:
    """The code with which ``value`` is refused; its sentence must end as one and hold nothing of the value."""
    with pytest.raises(Rejected) as refused:
        codec.decode(value, headers)
    assert refused.value.sentence.endswith(".")
    assert "T-1" not in refused.value.sentence
    return refused.value.code


def test_a_typed_disruption_becomes_a_fact_of_days_and_milliseconds(codec: Codec) -> None:
    """1 July 2022, entered at 10:30:00.250 British Summer Time."""
    event = DisruptionEvent(
        event_id="0190b0f0-0000-7000-8000-000000000001",
        change=Change.RECORDED,
        disruption_id="D-1",
        version=1,
        threat_id="T-1",
        recorded_by="kent",
        source_sequence=1,
        type=DisruptionType.LEAD,
        pillar=Pillar.PROTECT,
        category=Category.MINOR,
        event_date=date(2022, 7, 1),
        entered_at=datetime(2022, 7, 1, 10, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=1))),
        tags=("prison",),
        actor="a1",
        entry_route=EntryRoute.VIA_ROCU,
    )
    fact = codec.decode(codec.encode_fact(make_fact(event)))
    assert isinstance(fact, DisruptionFact)
    assert (fact.event_date, fact.entered_at, fact.tags) == (19174, 1656667800250, ["prison"])
    assert (fact.type, fact.pillar, fact.category, fact.entry_route) == ("LEAD", "PROTECT", "MINOR", "VIA_ROCU")


def test_a_typed_threat_becomes_a_fact(codec: Codec) -> None:
    """Dates before 1970 are negative days."""
    event = ThreatEvent(
        event_id="0190b0f0-0000-7000-8000-000000000002",
        threat_id="T-1",
        version=1,
        owner="kent",
        source_sequence=2,
        kind=ThreatKind.VULNERABILITY,
        crime_type=CrimeType.CYBER,
        assessment_type=AssessmentType.THEMATIC,
        moderation_status=ModerationStatus.UNMODERATED,
        soc=False,
        tier=5,
        phase="Closed - archived",
        assessed_on=date(1969, 12, 31),
        entered_at=datetime(2022, 7, 1, tzinfo=UTC),
        actor="a1",
    )
    fact = codec.decode(codec.encode_fact(make_fact(event)))
    assert isinstance(fact, ThreatFact)
    assert (fact.assessed_on, fact.tier, fact.soc, fact.kind) == (-1, 5, False, "VULNERABILITY")


def test_facts_come_back_as_they_went(codec: Codec, disruption: Any, threat: Any) -> None:
    """Every field, nulls among them."""
    for fact in (disruption(), disruption(benefits="kent", reason="R1", tags=[]), threat(), threat(soc=False)):
        assert codec.decode(codec.encode_fact(fact)) == fact


def test_a_value_is_magic_zero_the_id_and_the_datum(codec: Codec, disruption: Any) -> None:
    """The Confluent wire format, as any consumer reads it."""
    value = codec.encode_fact(disruption())
    assert value[:5] == b"\x00" + ID.to_bytes(4, "big") == make_prefix(ID)


@pytest.mark.parametrize(
    "named", [b"\x00" + ID.to_bytes(4, "big"), b"\x01" + UUID("19f0fa8e-16cd-5a27-a3f9-0766cf5e71fb").bytes]
)
def test_the_header_form_names_the_schema_by_id_or_guid(codec: Codec, disruption: Any, named: bytes) -> None:
    """The value is then the bare datum."""
    datum = codec.encode_fact(disruption())[5:]
    assert codec.decode(datum, (("ce_id", b"1"), (SCHEMA_HEADER, named))) == disruption()


def test_what_confluents_own_serializer_puts_in_the_header_is_read(codec: Codec, disruption: Any) -> None:
    """Byte for byte what confluent-kafka writes for a GUID."""
    headers: list[tuple[str, bytes]] = []
    context = SerializationContext("soc.published", MessageField.VALUE, headers)
    schema_id = SchemaId("AVRO", ID, "19f0fa8e-16cd-5a27-a3f9-0766cf5e71fb")
    datum = header_schema_id_serializer(codec.encode_fact(disruption())[5:], context, schema_id)
    assert codec.decode(datum, headers) == disruption()


def test_bytes_that_do_not_read_are_undecodable(codec: Codec, disruption: Any) -> None:
    """Null, empty, other magic, a short prefix, a bad header, truncated anywhere, bytes too many."""
    value = codec.encode_fact(disruption())
    for bad in (None, b"", b"\x00\x00", b'{"record": "DisruptionEvent"}', b"\x01" + value[1:], value + b"\x00"):
        assert find_code(codec, bad) == Code.UNDECODABLE
    for length in range(5, len(value)):
        assert find_code(codec, value[:length]) == Code.UNDECODABLE
    for header in (b"", b"\x00\x01", b"\x02" + b"0" * 16):
        assert find_code(codec, value, ((SCHEMA_HEADER, header),)) == Code.UNDECODABLE


def test_a_header_without_value_is_as_if_it_were_not_there(codec: Codec, disruption: Any) -> None:
    """As confluent-kafka's deserializer treats it."""
    assert codec.decode(codec.encode_fact(disruption()), ((SCHEMA_HEADER, None),)) == disruption()


def test_text_that_is_not_utf8_is_undecodable(codec: Codec, disruption: Any) -> None:
    """Nothing is replaced or guessed."""
    assert find_code(codec, codec.encode_fact(disruption()).replace(b"D-1", b"D-\xff")) == Code.UNDECODABLE


def test_a_number_beyond_its_type_is_undecodable(codec: Codec, disruption: Any) -> None:
    """Avro's int has 32 bits; a reader that took more would hand on what no other reader can read."""
    stream = io.BytesIO()
    wide = {**read_definition(DISRUPTION)}
    wide["fields"] = [{**f, "type": "long"} if f["name"] == "version" else f for f in wide["fields"]]
    fact = disruption(version=2**31)
    schemaless_writer(stream, parse_schema(wide), {name: getattr(fact, name) for name in fact.__struct_fields__})
    assert find_code(codec, make_prefix(ID) + stream.getvalue()) == Code.UNDECODABLE


def test_an_id_that_names_nothing_or_no_event_is_an_unknown_schema(codec: Codec, disruption: Any) -> None:
    """An entry in the events' topic is not an event."""
    datum = codec.encode_fact(disruption())[5:]
    assert find_code(codec, make_prefix(1) + datum) == Code.UNKNOWN_SCHEMA
    assert find_code(codec, datum, ((SCHEMA_HEADER, b"\x01" + bytes(16)),)) == Code.UNKNOWN_SCHEMA


def test_a_stored_record_among_the_events_is_an_unknown_schema(
    codec: Codec, disruption: Any, source: Callable[..., SourceRecord], posted: Any
) -> None:
    """It reads, but as something that no force publishes; nor is a rejection an entry."""
    entry = codec.encode_entry(source(b"v"), disruption(), posted())
    assert find_code(codec, entry) == Code.UNKNOWN_SCHEMA
    with pytest.raises(Rejected, match="another record"):
        codec.decode_rejection(entry)


def test_the_symbol_unrecognised_is_refused_with_its_field_and_ids(codec: Codec, disruption: Any, threat: Any) -> None:
    """It encodes, so it is sent; what is refused still carries the ids for the duty officer."""
    for fact, field in ((disruption(pillar="UNRECOGNISED"), "pillar"), (threat(kind="UNRECOGNISED"), "kind")):
        with pytest.raises(UnrecognisedValue, match=f"^{field}: ") as refused:
            codec.decode(codec.encode_fact(fact))
        assert refused.value.code == Code.UNRECOGNISED_VALUE
        assert refused.value.fact.event_id == fact.event_id


def test_what_cannot_be_encoded_is_the_callers_mistake(codec: Codec, disruption: Any) -> None:
    """A symbol outside the enum, a value of another type, a number too large."""
    for fields in ({"pillar": "PERSUADE"}, {"threat_id": None}, {"version": 2**31}, {"source_sequence": 2**63}):
        with pytest.raises(Misuse, match="encoded"):
            codec.encode_fact(disruption(**fields))


def test_a_registry_that_is_away_is_never_a_rejection(codec: Codec, disruption: Any, posted: Any) -> None:
    """The world's fault: nothing is decided, for writing or for reading."""

    class Away(PinnedIds):
        def __init__(self) -> None:
            super().__init__({}, {})

        def find_id(self, _name: str) -> int:
            raise Unavailable("away")

        def find_writer(self, _reference: object) -> None:
            raise Unavailable("away")

    away = Codec(Away())
    with pytest.raises(Unavailable):
        away.decode(codec.encode_fact(disruption()))
    for _ in range(2):
        with pytest.raises(Unavailable):
            away.encode_entry(SourceRecord(0, 0, -1, 0, b"k", b"v", ()), disruption(), posted())


@given(st.binary(max_size=200), st.sampled_from([b"", make_prefix(ID), make_prefix(pin_ids().find_id(ENTRY))]))
def test_no_bytes_from_outside_raise_anything_but_a_rejection(noise: bytes, start: bytes) -> None:
    """Whatever arrives has a code."""
    with suppress(Rejected):
        Codec(pin_ids()).decode(start + noise)
