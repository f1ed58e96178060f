"""What is read out of stored originals, row by row."""

from datetime import UTC, date, datetime

from ledger.entries import SourceRecord
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from queries.feed_events import answer_feed_events
from queries.feed_queries import FeedEventQuery
from queries.snapshot import take_snapshot
from sinks.feed_events import FeedEventWriter, choose_spans
from sinks.store import Store
from tests.facts import make_disruption
from tests.sinks.broker import Broker
from tests.sinks.records import CODEC, Writer, count_day, count_millis_of, make_leg

DAY = 86_400_000


def test_the_schema_that_a_header_names_is_the_one_that_is_read_by(store: Store, writer: Writer) -> None:
    """Its value has no frame; a header of that name without a value names nothing, nor does another header."""
    fact = make_disruption(source_sequence=7, activity_ref="A-1")
    framed = CODEC.encode_fact(fact)
    headers = (("__value_schema_id", None), ("ce_id", b"one"), ("__value_schema_id", framed[:5]))
    source = SourceRecord(0, 0, -1, count_millis_of(0), b"T-1", framed[5:], headers)
    writer.write_entries(CODEC.encode_entry(source, fact, Posted(Verdict.ADMITTED, (), ())))
    assert FeedEventWriter(store, CODEC).follow_store() == 1
    (row,) = store.query("SELECT * FROM feed_events")
    said = {name: row[name] for name in ("organisation", "source_sequence", "record", "disruption_id", "has_activity")}
    assert said == {
        "organisation": "metropolitan",
        "source_sequence": 7,
        "record": "DisruptionEvent",
        "disruption_id": "D-1",
        "has_activity": True,
    }
    assert row["ledger_time"] == datetime(2022, 7, 1, tzinfo=UTC)


def test_days_and_instants_are_kept_as_far_as_the_tables_hold_them(store: Store, writer: Writer) -> None:
    """From the first day of 1900 to the last of 2299; what is a day or a millisecond beside it is left out."""
    first, last = count_day("1900-01-01"), count_day("2299-12-31")
    end = (last + 1) * DAY
    said = [(first, first * DAY), (first - 1, first * DAY - 1), (last, end - 1), (last + 1, end)]
    for offset, (day, entered_at) in enumerate(said):
        fact = make_disruption(event_date=day, entered_at=entered_at)
        source = SourceRecord(0, offset, offset - 1, count_millis_of(0), b"T-1", CODEC.encode_fact(fact), ())
        writer.write_rejections(CODEC.encode_rejection(source, Code.UNRECOGNISED_VALUE, "No.", fact))
    assert FeedEventWriter(store, CODEC).follow_store() == len(said)
    rows = store.query("SELECT event_date, entered_at FROM feed_events ORDER BY offset")
    held = [(row["event_date"], row["entered_at"]) for row in rows]
    assert held == [
        (date(1900, 1, 1), datetime(1900, 1, 1, tzinfo=UTC)),
        (None, None),
        (date(2299, 12, 31), datetime(2299, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        (None, None),
    ]


def test_a_page_takes_the_next_positions_of_as_many_partitions_as_fit() -> None:
    """Of 5, 2 and 4 positions that are left: seven are the first five and two of the second; the next are the rest."""
    ends = {0: 9, 1: 2, 2: 3, 4: 4}
    assert choose_spans({0: 4, 2: 3}, ends, 7) == [(0, 4, 9), (1, 0, 2)]
    assert choose_spans({0: 9, 1: 1, 2: 3}, ends, 3) == [(1, 1, 2), (4, 0, 2)]
    assert choose_spans(ends, ends, 3) == []


def test_a_disruption_that_another_recorder_has_by_now_stands_with_it(store: Store, writer: Writer) -> None:
    """Kent's was amended to be Surrey's: of Kent's event too it is told that it counts, as nobody withdrew it."""
    said = [make_disruption(recorded_by="kent"), make_disruption(recorded_by="surrey", change="AMENDED", version=2)]
    legs = [[make_leg(1, 0, "D-1", organisation="kent")]]
    legs += [[make_leg(-1, 1, "D-1", organisation="kent"), make_leg(1, 1, "D-1", organisation="surrey")]]
    for offset, (fact, moved) in enumerate(zip(said, legs, strict=True)):
        source = SourceRecord(0, offset, offset - 1, count_millis_of(offset), b"T-1", CODEC.encode_fact(fact), ())
        writer.write_entries(CODEC.encode_entry(source, fact, Posted(Verdict.ADMITTED, tuple(moved), ())))
    assert FeedEventWriter(store, CODEC).follow_store() == len(said)
    for org in ("kent", "surrey"):
        (row,) = answer_feed_events(take_snapshot(store, Broker({})), FeedEventQuery(org=org))["rows"]
        assert (row["verdict"], row["standing"]) == ("ADMITTED", "COUNTED")
