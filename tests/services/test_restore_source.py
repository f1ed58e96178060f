"""What a store gives back of the topics that it was loaded from: the very bytes, or a sentence on what it lacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from infra.settings import load_settings
from infra.topics import ALERTS, ENTRIES, PUBLISHED, REJECTED
from ledger.entries import WHOLE, EntryPart, SourceRecord
from ledger.errors import Misuse
from ledger.originals import Original
from ledger.vocabulary import AlertKind, AlertState, Code, Verdict
from methodology.posting import Posted
from methodology.rejection_sentences import SENTENCES
from schemas.alerts import Alert, decode_alert
from schemas.codec import NO_VALUE
from schemas.parts import strip_source
from schemas.registry import pin_ids
from schemas.restored import ORIGINAL_GONE
from services.restore_source import StoreSource
from sinks.adopting import forget_past
from sinks.alerts import COLUMNS
from sinks.store import Store
from streams.outputs import make_error_headers
from tests.facts import make_disruption
from tests.sinks.records import CODEC, HEADERS, Writer, count_millis_of, make_leg, make_threat_leg, tell_instant
from tests.stores import open_migrated

SHOUTED = str(UUID(int=0xABCDEF)).upper()
FACT = make_disruption(event_id=SHOUTED, threat_id="T1", disruption_id="D1")
GONE = Original(5_000_000, "ab" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with open_migrated(load_settings(tmp_path / "state").model_copy(update={"clickhouse_dsn": None})) as opened:
        yield opened


def make_source(offset: int, previous: int, key: bytes | None = b"T1") -> SourceRecord:
    """The event as it was published in partition 0."""
    return SourceRecord(0, offset, previous, count_millis_of(offset), key, CODEC.encode_fact(FACT), HEADERS)


def make_bare_source(offset: int, previous: int, *headers: tuple[str, bytes | None]) -> SourceRecord:
    """A record without key and value."""
    return SourceRecord(0, offset, previous, count_millis_of(offset), None, None, headers)


def make_entry(offset: int, previous: int, legs: int = 1, part: EntryPart = WHOLE) -> bytes:
    """An entry of the event, or a part of one: its original in the first alone."""
    source = make_source(offset, previous) if part.part == 0 else strip_source(make_source(offset, previous))
    threat_legs = (make_threat_leg(1, 0),) if part.part == 0 else ()
    moved = tuple(make_leg(1, 0, f"D{part.first_leg + number}") for number in range(legs))
    return CODEC.encode_entry(source, FACT, Posted(Verdict.ADMITTED, moved, threat_legs), part=part)


ENTRIES_THERE = [
    make_entry(0, -1),
    make_entry(3, 1, legs=2, part=EntryPart(0, 2, 0)),
    make_entry(3, 1, legs=1, part=EntryPart(1, 2, 2)),
    CODEC.encode_entry(make_source(6, 5), FACT, Posted(Verdict.DUPLICATE, (), ())),
]
REJECTED_THERE = [
    CODEC.encode_rejection(make_bare_source(1, 0), Code.UNDECODABLE, NO_VALUE, None),
    CODEC.encode_rejection(make_bare_source(4, 3), Code.RECORD_TOO_LARGE, "Too large.", None, None, GONE),
    CODEC.encode_rejection(make_source(5, 4, b"other"), Code.KEY_MISMATCH, "Key it by its threat.", FACT),
]


@pytest.fixture
def loaded(store: Store) -> Store:
    """Offsets 0 to 6, but for a hole at 2; one of the entries twice."""
    writer = Writer(store)
    writer.write_entries(*ENTRIES_THERE)
    writer.write_entries(ENTRIES_THERE[0])
    writer.write_rejections(*REJECTED_THERE)
    return store


def open_source(store: Store, partitions: int = 1) -> StoreSource:
    """The store as a source."""
    return StoreSource(store, pin_ids(), partitions)


def test_outputs_come_back_with_the_bytes_that_they_were_written_with(loaded: Store) -> None:
    """Parts, duplicates, the publisher's capitals in an id, null keys and values; each once, in order."""
    entries = list(open_source(loaded).read_topic(ENTRIES, 0))
    assert [one.value for one in entries] == ENTRIES_THERE
    assert [(one.offset, one.timestamp, one.key) for one in entries] == [
        (0, count_millis_of(0), b"T1"),
        (1, count_millis_of(3), b"T1"),
        (2, count_millis_of(3), b"T1"),
        (3, count_millis_of(6), b"T1"),
    ]
    rejections = list(open_source(loaded).read_topic(REJECTED, 0))
    assert [one.value for one in rejections] == REJECTED_THERE
    assert [one.key for one in rejections] == [None, None, b"other"]
    said = [dict(one.headers)["__connect.errors.stage"] for one in rejections]
    assert said == [b"VALUE_CONVERTER", b"VALUE_CONVERTER", b"ADMISSION"]
    wanted = make_error_headers(PUBLISHED, make_source(5, 4), "ADMISSION", Code.KEY_MISMATCH, "Key it by its threat.")
    assert rejections[2].headers == tuple(wanted)


def test_what_was_published_comes_back_at_its_offsets_and_a_stand_in_where_nobody_kept_it(loaded: Store) -> None:
    """0, 1, 3 to 6; of 4 only size and digest were kept. A record of null is no stand-in."""
    found = list(open_source(loaded).read_topic(PUBLISHED, 0))
    assert [one.offset for one in found] == [0, 1, 3, 4, 5, 6]
    assert [one.timestamp for one in found] == [count_millis_of(one.offset) for one in found]
    assert (found[0].key, found[0].value, found[0].headers) == (b"T1", CODEC.encode_fact(FACT), HEADERS)
    assert (found[1].key, found[1].value, found[1].headers) == (None, None, ())
    assert (found[3].value, found[3].headers) == (None, ((ORIGINAL_GONE, None),))
    assert (open_source(loaded).find_end(PUBLISHED, 0), open_source(loaded).find_low(0)) == (7, 0)
    assert open_source(loaded).find_end(PUBLISHED, 1) == 0


def test_an_acknowledged_loss_has_no_record_and_what_lies_before_it_is_deleted(loaded: Store) -> None:
    """7 to 9 were deleted before they were judged."""
    said = (("acknowledged-by", b"somebody"),)
    lost = CODEC.encode_rejection(make_bare_source(9, 6, *said), Code.LOST, SENTENCES[Code.LOST], None)
    Writer(loaded).write_rejections(lost)
    source = open_source(loaded)
    assert [one.offset for one in source.read_topic(PUBLISHED, 0)] == [0, 1, 3, 4, 5, 6]
    assert (source.find_low(0), source.find_end(PUBLISHED, 0)) == (10, 10)
    assert dict(list(source.read_topic(REJECTED, 0))[-1].headers)["__connect.errors.stage"] == b"ACKNOWLEDGED"


def test_a_store_that_lacks_a_leg_is_not_restored_from(loaded: Store) -> None:
    """The place is said."""
    loaded.query("DELETE FROM postings WHERE offset = 3 AND leg = 1")
    with pytest.raises(Misuse, match="legs of the entry at partition 0 offset 3"):
        list(open_source(loaded).read_topic(ENTRIES, 0))


def test_what_lies_past_an_output_that_the_store_lacks_is_to_be_judged_again(loaded: Store) -> None:
    """Without the refusal at 5, the 6 is not known to follow: the topics end before 5, and its rows can go."""
    loaded.query("DELETE FROM rejected WHERE offset = 5")
    source = open_source(loaded)
    assert [one.offset for one in source.read_topic(PUBLISHED, 0)] == [0, 1, 3, 4]
    assert [one.value for one in source.read_topic(ENTRIES, 0)] == ENTRIES_THERE[:3]
    assert [(one.offset, one.value) for one in source.read_past(0)] == [(6, CODEC.encode_fact(FACT))]
    forget_past(loaded)
    assert list(source.read_past(0)) == []
    assert [one.offset for one in open_source(loaded).read_topic(PUBLISHED, 0)] == [0, 1, 3, 4]


def test_another_count_of_partitions_is_refused(loaded: Store) -> None:
    """By 3 partitions the threat's key lies elsewhere; a store with more partitions is told at once."""
    with pytest.raises(Misuse, match="DISRUPTIONS_PARTITIONS"):
        list(open_source(loaded, 3).read_topic(PUBLISHED, 0))
    with pytest.raises(Misuse, match="DISRUPTIONS_PARTITIONS"):
        open_source(loaded, 0)


def test_alerts_come_back_at_their_offsets(loaded: Store) -> None:
    """The second one lies at 4: what lay between said nothing."""
    sentences = ("It is.", "Mend it.", "x 1")
    said: tuple[Any, ...] = (AlertKind.DEGRADED, "ledger", AlertState.RAISED, tell_instant(1), 2.5, 1.0, *sentences)
    loaded.insert_aside("alerts", COLUMNS, [[0, 0, *said], [0, 4, *said]])
    first, second = open_source(loaded).read_topic(ALERTS, 0)
    alert = Alert(*said)._replace(at=count_millis_of(1))
    assert (first.offset, second.offset, second.key, second.timestamp) == (0, 4, b"ledger", count_millis_of(1))
    assert decode_alert(second.value, pin_ids()) == alert
