"""Entries and rejections: written, read back, and equal to fastavro's own bytes."""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from fastavro import schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import Account, EntryPart, JudgedBy, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.facts import DisruptionFact, Fact, ThreatFact
from ledger.originals import Original
from ledger.vocabulary import Code
from schemas.codec import Codec
from schemas.definitions import ENTRY, REJECTION, read_definition, read_plain
from schemas.entries import EntryWriter
from schemas.judged import name_judge_here
from schemas.registry import pin_ids
from schemas.stored import StoredEntry, StoredRejection
from schemas.wire import make_prefix


def test_an_entry_keeps_the_event_its_position_and_its_legs(
    codec: Codec, disruption: Any, source: Callable[..., SourceRecord], posted: Any
) -> None:
    """Framed for its own schema; read back as the values that went in."""
    at, fact, posting = source(codec.encode_fact(disruption())), disruption(), posted(3)
    value = codec.encode_entry(at, fact, posting)
    assert value.startswith(make_prefix(pin_ids().find_id(ENTRY)))
    assert codec.decode_entry(value) == StoredEntry(
        source=at,
        verdict="ADMITTED",
        record="DisruptionEvent",
        event_id=fact.event_id,
        threat_id="T-1",
        disruption_id="D-1",
        version=1,
        organisation="metropolitan",
        entered_at=1641038400000,
        legs=posting.legs,
        threat_legs=posting.threat_legs,
        judged=codec.name_judge(at),
    )


def test_an_entry_of_a_threat_has_its_owner_and_no_disruption(
    codec: Codec, threat: Any, source: Callable[..., SourceRecord], posted: Any
) -> None:
    """A duplicate is kept as an entry without postings."""
    entry = codec.decode_entry(codec.encode_entry(source(b"v"), threat(), posted(0, "DUPLICATE")))
    assert (entry.record, entry.organisation, entry.disruption_id) == ("ThreatEvent", "metropolitan", None)
    assert (entry.verdict, entry.legs, entry.threat_legs) == ("DUPLICATE", (), ())


def test_a_rejection_keeps_the_original_bytes_and_what_could_be_read(
    codec: Codec, disruption: Any, source: Callable[..., SourceRecord]
) -> None:
    """With a fact its ids; without one nulls, and a null value or key stays null."""
    at = source(b"\xff\x00")
    value = codec.encode_rejection(at, Code.MISROUTED, "Sentence.", disruption())
    assert value.startswith(make_prefix(pin_ids().find_id(REJECTION)))
    assert codec.decode_rejection(value) == StoredRejection(
        at, "MISROUTED", "Sentence.", disruption().event_id, "T-1", "D-1", codec.name_judge(at)
    )
    nothing = source(None, key=None, headers=())
    unread = codec.decode_rejection(codec.encode_rejection(nothing, "UNDECODABLE", "Sentence.", None))
    assert unread == StoredRejection(nothing, "UNDECODABLE", "Sentence.", None, None, None, name_judge_here(None))


def test_a_rejection_says_the_size_and_digest_of_an_original_that_it_does_not_carry(
    codec: Codec, source: Callable[..., SourceRecord]
) -> None:
    """Then it has no bytes of it."""
    nothing = source(None, key=None, headers=())
    original = Original(40_000_000, "ab" * 32)
    value = codec.encode_rejection(nothing, Code.RECORD_TOO_LARGE, "Sentence.", None, None, original)
    read = codec.decode_rejection(value)
    assert (read.code, read.original_size, read.original_digest) == ("RECORD_TOO_LARGE", 40_000_000, "ab" * 32)


def test_an_output_names_the_rules_the_schema_and_the_software(
    codec: Codec, disruption: Any, source: Callable[..., SourceRecord], posted: Any
) -> None:
    """The schema by the fingerprint that ids.json pins, once the value was decoded by it."""
    at = source(codec.encode_fact(disruption()))
    codec.decode(at.value)
    judged = codec.decode_entry(codec.encode_entry(at, disruption(), posted(1))).judged
    assert judged.rules_version == "2026.1"
    assert len(judged.rules_digest) == 64
    assert judged.schema_fingerprint == "b7cfdca48bbc73f1d94c82ceba0cc53cc9e2f70a09733f1daffc5dc42673d653"
    assert judged.software.startswith("disruption-ledger ")


def test_one_part_of_an_entry_says_which_it_is_and_its_legs(
    codec: Codec, disruption: Any, source: Callable[..., SourceRecord], posted: Any
) -> None:
    """The second of three, whose first leg is number 5,000."""
    value = codec.encode_entry(source(b"v"), disruption(), posted(2), part=EntryPart(1, 3, 5000))
    assert codec.decode_entry(value).part == EntryPart(part=1, parts=3, first_leg=5000)


def make_record(source: SourceRecord, fact: Fact, posting: Any, judged: JudgedBy, part: EntryPart) -> Any:
    """The Entry record by its field names: the model that the quick writer is held to."""
    legs, threat_legs = posting.legs, posting.threat_legs
    disruption = isinstance(fact, DisruptionFact)
    return {
        **source._asdict(),
        "verdict": posting.verdict,
        "record": "DisruptionEvent" if disruption else "ThreatEvent",
        "event_id": fact.event_id,
        "threat_id": fact.threat_id,
        "disruption_id": fact.disruption_id if isinstance(fact, DisruptionFact) else None,
        "version": fact.version,
        "organisation": fact.recorded_by if isinstance(fact, DisruptionFact) else fact.owner,
        "entered_at": fact.entered_at,
        "header_names": [name for name, _ in source.headers],
        "header_values": [found for _, found in source.headers],
        "legs": [_flatten_leg(leg) for leg in legs],
        "threat_legs": [_flatten_leg(leg) for leg in threat_legs],
        **judged._asdict(),
        **part._asdict(),
        "leg_count": len(legs),
        "threat_leg_count": len(threat_legs),
    }


def _flatten_leg(leg: Leg | ThreatLeg) -> dict[str, Any]:
    return {**leg._asdict(), **leg.account._asdict()}


def _list_symbols(field: str, leg: str) -> st.SearchStrategy[str]:
    """Symbols of a leg's field, from the schema."""
    fields = {f["name"]: f["type"] for f in read_definition(ENTRY)["fields"]}
    enums = {}
    for record in (fields["legs"]["items"], fields["threat_legs"]["items"]):
        enums |= {f["type"]["name"]: f["type"] for f in record["fields"] if "symbols" in f["type"]}
    kind = {f["name"]: f["type"] for f in fields[leg]["items"]["fields"]}[field]
    return st.sampled_from((enums[kind] if isinstance(kind, str) else kind)["symbols"])


INTS = st.integers(-(2**31), 2**31 - 1)
LONGS = st.integers(-(2**63), 2**63 - 1)
SIGNS = st.sampled_from([1, -1])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
BYTES = st.binary(max_size=300)
HEADER_VALUES = st.none() | BYTES | st.sampled_from([b"x" * 8_191, b"x" * 8_192])  # about what is looked up
HEADERS = st.lists(st.tuples(TEXT, HEADER_VALUES), max_size=7).map(tuple)
SOURCES = st.builds(SourceRecord, INTS, LONGS, LONGS, LONGS, BYTES, BYTES, HEADERS)
ACCOUNT_SYMBOLS = [_list_symbols(name, "legs") for name in ("type", "pillar", "kind", "crime_type", "category")]
ACCOUNTS = st.builds(Account, TEXT, *ACCOUNT_SYMBOLS, INTS, _list_symbols("standing", "legs"))
THREAT_SYMBOLS = [_list_symbols(name, "threat_legs") for name in ThreatAccount._fields[1:5]]
THREAT_ACCOUNTS = st.builds(ThreatAccount, TEXT, *THREAT_SYMBOLS, st.booleans(), INTS, st.booleans())
LEGS = st.lists(st.builds(Leg, TEXT, ACCOUNTS, SIGNS, LONGS), max_size=3)
THREAT_LEGS = st.lists(st.builds(ThreatLeg, THREAT_ACCOUNTS, SIGNS, LONGS), max_size=3)


POSTINGS = st.builds(
    SimpleNamespace, verdict=st.sampled_from(["ADMITTED", "DUPLICATE"]), legs=LEGS, threat_legs=THREAT_LEGS
)


JUDGED = st.builds(JudgedBy, TEXT, TEXT, st.none() | TEXT, TEXT)
PARTS = st.builds(EntryPart, INTS, INTS, INTS)


@given(SOURCES, POSTINGS, st.sampled_from([DisruptionFact, ThreatFact]), TEXT, LONGS, JUDGED, PARTS)
def test_the_quick_writer_writes_what_fastavro_writes(  # noqa: PLR0917 - what hypothesis gives
    source: SourceRecord, posting: Any, kind: Any, text: str, number: int, judged: JudgedBy, part: EntryPart
) -> None:
    """Byte for byte, for whatever values: Entry.avsc cannot change without this failing."""
    fact = kind(**{**dict.fromkeys(kind.__struct_fields__, text), "version": 7, "entered_at": number})
    record = make_record(source, fact, posting, judged, part)
    stream = io.BytesIO()
    schemaless_writer(stream, read_plain(ENTRY), record)
    assert EntryWriter().write_datum(source, fact, posting, judged, part) == stream.getvalue()
