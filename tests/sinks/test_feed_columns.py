"""Originals that are read in columns: the same rows as one by one, and the numbers that stand in the bytes."""

import random
from collections.abc import Sequence
from uuid import UUID

import pytest

from ledger.facts import Fact
from sinks.feed_columns import ColumnReader, UnreadableColumns
from sinks.feed_events import FeedEventWriter, StoredEvent
from sinks.store import Store
from tests.facts import make_disruption, make_threat
from tests.sinks.records import CODEC, count_day

SEED, EVENTS = 20_261_129, 400
SCHEMA = {
    "fields": [
        {"name": "one", "type": "string"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
        {"name": "note", "type": ["null", "string"]},
        {"name": "day", "type": "int"},
        {"name": "rest", "type": {"type": "array", "items": "string"}},
    ]
}
LONG = b"x" * 64
# by hand: zigzag makes 1 into 2, 64 into 128 (two bytes, 0x80 0x01), -1 into 1, 300 into 600 (0xd8 0x04)
FIRST = b"\x02a" + b"\x02" + b"\x00" + b"\x01"
SECOND = b"\x80\x01" + LONG + b"\x00" + b"\x02\x04hi" + b"\xd8\x04" + b"rest"


def test_fields_are_read_where_the_bytes_say_that_they_lie() -> None:
    """A text of 64 bytes has two bytes of length; a note that is null has none; what follows is left alone."""
    reader = ColumnReader(SCHEMA, ("day", "one", "note"))
    found = reader.read_columns([b"??" + FIRST, b"??" + SECOND], 2)
    assert {name: list(one) for name, one in found.items()} == {
        "one": ["a", LONG.decode()],
        "note": ["", "hi"],
        "day": [-1, 300],
    }


@pytest.mark.parametrize(
    "value",
    [
        FIRST[:-1],
        b"",
        b"\x01a\x02\x00\x01",
        b"\xfe\xff\xff\xff\x0fa",
        b"\x02a\x02\x00" + b"\xff" * 11,
        b"\x02\xff\x02\x00\x01",
    ],
    ids=["cut off", "nothing", "a length below 0", "a length past the end", "a number without an end", "no UTF-8"],
)
def test_a_value_that_is_not_what_its_schema_says_is_refused_wherever_it_lies(value: bytes) -> None:
    """Also between others, where its fields would be read out of the next one."""
    reader = ColumnReader(SCHEMA, ("one", "day"))
    for values in ([value], [FIRST, value], [value, FIRST], [FIRST, value, SECOND]):
        with pytest.raises(UnreadableColumns):
            reader.read_columns(values, 0)


def test_what_lies_behind_a_list_is_not_read_in_columns() -> None:
    """Whoever asks for it has made a mistake."""
    with pytest.raises(TypeError):
        ColumnReader(SCHEMA, ("rest",)).read_columns([FIRST], 0)


def draw_events(rng: random.Random) -> list[StoredEvent]:
    """Events of every kind that a page may have: most are disruptions, as they are sent."""
    return [draw_event(rng, offset) for offset in range(EVENTS)]


def draw_event(rng: random.Random, offset: int) -> StoredEvent:
    """Admitted or duplicate, refused, a threat, under a header, of somebody unknown, on a day that no table holds."""
    fact: Fact = make_disruption(
        event_id=str(UUID(int=rng.getrandbits(128))).upper(),
        disruption_id=rng.choice(("D", "D" * 64, "Ä" * 40, "D" * 900)),
        version=rng.choice((1, 63, 64, 100_000)),
        recorded_by=rng.choice(("metropolitan", "kent", "nobody-here")),
        source_sequence=rng.choice((0, 1, 2**40, 2**62)),
        activity_ref=rng.choice((None, "", "A-1")),
        event_date=rng.choice((count_day("2022-07-01"), count_day("1900-01-01") - 1, count_day("2299-12-31") + 1)),
        entered_at=rng.choice((1_656_676_800_000, -(10**14), 10**14)),
    )
    if rng.random() < 0.2:
        fact = make_threat(event_id=str(UUID(int=rng.getrandbits(128))))
    value, schema = CODEC.encode_fact(fact), None
    if rng.random() < 0.1:
        value, schema = value[5:], value[:5]
    if rng.random() < 0.1:
        return StoredEvent(1, offset, offset, "REFUSED", "UNDECODABLE", rng.choice((b"", b"garbage", value[:9])), None)
    verdict = rng.choice(("ADMITTED", "ADMITTED", "DUPLICATE", "REFUSED"))
    return StoredEvent(1, offset, offset, verdict, "", value, schema)


def list_rows(columns: Sequence[Sequence[object]]) -> list[tuple[object, ...]]:
    """The rows of columns, in the order of their offsets."""
    return sorted(zip(*columns, strict=True), key=lambda row: int(str(row[1])))


def test_a_page_read_in_columns_has_the_rows_of_one_read_event_by_event(store: Store) -> None:
    """Whatever is among them."""
    writer, events = FeedEventWriter(store, CODEC), draw_events(random.Random(SEED))
    assert list_rows(writer.read_events(events)) == [tuple(writer.read_event(one)) for one in events]


def test_one_original_that_does_not_read_takes_no_other_with_it(store: Store) -> None:
    """It has a row that says so, as a disk that garbled it leaves it; the others have their own."""
    value = CODEC.encode_fact(make_disruption(source_sequence=7))
    events = [StoredEvent(0, at, at, "ADMITTED", "", some, None) for at, some in enumerate((value, value[:20], value))]
    rows = list_rows(FeedEventWriter(store, CODEC).read_events(events))
    assert [(row[2], row[3]) for row in rows] == [("metropolitan", 7), ("", -1), ("metropolitan", 7)]
