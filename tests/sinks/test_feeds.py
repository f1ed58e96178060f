"""Feeds over real engines: numbers out of stored originals, gaps by hand, heartbeats as they came."""

import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka import Message

from infra.settings import Settings
from ledger.entries import SourceRecord
from ledger.facts import DisruptionFact
from ledger.heartbeats import Heartbeat
from ledger.vocabulary import Code, Verdict
from methodology.posting import Posted
from queries.answer import read_clock
from queries.feed_answers import FeedRow
from queries.feed_events import answer_feed_events
from queries.feed_queries import FeedEventQuery, FeedQuery
from queries.feeds import answer_feeds
from queries.snapshot import Snapshot, take_snapshot
from sinks.alerts import COLUMNS as ALERT_COLUMNS
from sinks.feed_events import FeedEventWriter
from sinks.heartbeats import COLUMNS, HeartbeatReader
from sinks.store import Store
from tests.facts import make_disruption
from tests.sinks.broker import Broker
from tests.sinks.records import CODEC, Writer, count_day, count_millis_of, make_leg, tell_instant

MINUTE = 60_000


def make_published(sequence: int, **said: Any) -> DisruptionFact:
    """Kent's event of that number: happened on 1 June 2022, entered on 3 June at noon."""
    fields = {"event_id": str(UUID(int=sequence)), "disruption_id": f"D{sequence}", "recorded_by": "kent"}
    times = {"event_date": count_day("2022-06-01"), "entered_at": (count_day("2022-06-03") * 24 + 12) * 3_600_000}
    return make_disruption(**fields | times | {"source_sequence": sequence} | said)


def make_source(partition: int, offset: int, fact: DisruptionFact | None, learnt: int = 0) -> SourceRecord:
    """That event as it was published; None: bytes that nobody can read."""
    value = b"\x00garbage" if fact is None else CODEC.encode_fact(fact)
    return SourceRecord(partition, offset, offset - 1, count_millis_of(learnt), b"T-1", value, (("ce_id", b"one"),))


def make_admitted(partition: int, offset: int, fact: DisruptionFact, verdict: Verdict = Verdict.ADMITTED) -> bytes:
    """The entry of it: counted, where it is no resend."""
    legs = (
        [make_leg(1, 0, fact.disruption_id, "2022-06-01", organisation="kent")] if verdict == Verdict.ADMITTED else []
    )
    return CODEC.encode_entry(make_source(partition, offset, fact), fact, Posted(verdict, tuple(legs), ()))


def make_rejected(
    partition: int, offset: int, fact: DisruptionFact | None, code: Code = Code.SUPPORT_BY_FORCE
) -> bytes:
    """The refusal of it."""
    return CODEC.encode_rejection(make_source(partition, offset, fact), code, "A force records lead alone.", fact)


@pytest.fixture
def followed(store: Store, writer: Writer) -> Store:
    """Kent's numbers 3, 4, 4 (a resend), 6, 9 (refused), 9 (another event), and a record that nobody can read."""
    writer.write_entries(
        make_admitted(0, 0, make_published(3)),
        make_admitted(0, 1, make_published(6)),
        make_admitted(1, 0, make_published(4)),
        make_admitted(1, 1, make_published(4), Verdict.DUPLICATE),
        make_admitted(1, 2, make_published(9, event_id=str(UUID(int=90)), disruption_id="D90")),
    )
    writer.write_rejections(make_rejected(0, 2, make_published(9)), make_rejected(0, 3, None, Code.UNDECODABLE))
    follower = FeedEventWriter(store, CODEC)
    assert follower.follow_store() == 7
    assert follower.follow_store() == 0
    return store


def make_snapshot(store: Store) -> Snapshot:
    """A moment of it."""
    return take_snapshot(store, Broker({}))


def ask_kent(store: Store, **asked: Any) -> FeedRow:
    """Kent's feed."""
    (row,) = answer_feeds(make_snapshot(store), FeedQuery(org="kent", **asked))["rows"]
    return row


def test_numbers_that_never_arrived_are_named_and_those_that_stand_twice(followed: Store) -> None:
    """5, 7 and 8: a refused event's number arrived, a resend is no repetition, and nothing is missing before the 3."""
    row = ask_kent(followed)
    assert (row["first_sequence"], row["last_sequence"]) == (3, 9)
    assert (row["missing"], row["gaps"]) == (3, [{"first": 5, "last": 5}, {"first": 7, "last": 8}])
    assert (row["repeated"], row["repeats"]) == (1, [9])
    assert answer_feeds(make_snapshot(followed), FeedQuery())["behind"] == 0


def test_events_and_delays_are_of_the_period(followed: Store) -> None:
    """Entry: from 23:00 in UTC, the end of 1 June in London, to noon of the 3rd: 37 hours. Transit: 27.5 days on."""
    row = ask_kent(followed, start=date(2022, 6, 1), end=date(2022, 6, 1))
    assert (row["events"], row["admitted"], row["refused"]) == (6, 4, 1)
    assert (row["entry_delay_median_seconds"], row["entry_delay_p90_seconds"]) == (37 * 3600, 37 * 3600)
    assert row["transit_median_seconds"] == (27 * 24 + 12) * 3600
    assert row["last_event_at"] == "2022-07-01T00:00:00.000Z"
    outside = ask_kent(followed, start=date(2022, 6, 2))
    assert (outside["events"], outside["entry_delay_median_seconds"]) == (0, None)


def test_before_anything_could_be_known_nothing_was(followed: Store) -> None:
    """An instant before 1970 is an instant: not "whenever", and no rule lacks."""
    row = ask_kent(followed, known_at=datetime(1900, 1, 1, tzinfo=UTC))
    assert (row["events"], row["last_event_at"], row["last_sequence"]) == (0, None, None)


@pytest.mark.parametrize("day", ["1900-01-01", "1969-12-31", "2106-02-07", "2202-06-01", "2299-12-31", "9999-12-31"])
def test_a_feed_is_told_whatever_day_a_refused_event_names(followed: Store, writer: Writer, day: str) -> None:
    """A year with two digits changed places, say: it is refused, and the feed beside it has its 37 hours."""
    writer.write_rejections(make_rejected(2, 0, make_published(10, event_date=count_day(day)), Code.EVENT_AFTER_ENTRY))
    assert FeedEventWriter(followed, CODEC).follow_store() == 1
    row = ask_kent(followed)
    assert (row["last_sequence"], row["entry_delay_median_seconds"]) == (10, 37 * 3600)


def test_quantiles_are_interpolated(store: Store, writer: Writer) -> None:
    """Delays of 1 and 3 hours: median 2, nine in ten within 2.8."""
    end = count_day("2022-06-02") * 24 * 3_600_000 - 3_600_000  # of 1 June in London
    writer.write_entries(
        *[make_admitted(0, n, make_published(n + 1, entered_at=end + h * 3_600_000)) for n, h in enumerate((1, 3))]
    )
    FeedEventWriter(store, CODEC).follow_store()
    row = ask_kent(store)
    assert (row["entry_delay_median_seconds"], row["entry_delay_p90_seconds"]) == (7200, 10_080)


def test_a_number_is_not_missing_while_it_may_be_on_its_way(store: Store, writer: Writer) -> None:
    """6 was learnt a minute ago: 5 may lie in another partition still."""
    now = round(read_clock().timestamp() * 1000)
    facts = make_published(4), make_published(6)
    recent = [make_source(0, n, fact)._replace(ledger_time=now - MINUTE) for n, fact in enumerate(facts)]
    pairs = zip(recent, facts, strict=True)
    writer.write_entries(
        *[CODEC.encode_entry(source, fact, Posted(Verdict.ADMITTED, (), ())) for source, fact in pairs]
    )
    FeedEventWriter(store, CODEC).follow_store()
    assert ask_kent(store)["missing"] == 0


@pytest.fixture
def hours_ago(store: Store, writer: Writer) -> Store:
    """Kent's 3, 6, 9 (refused) and 5, learnt 0, 10, 20 and 30 minutes after midnight, and a heartbeat of today."""
    facts = [(0, 0, make_published(3), 0), (0, 1, make_published(6), 10), (1, 0, make_published(5), 30)]
    writer.write_entries(
        *[
            CODEC.encode_entry(make_source(partition, offset, fact, learnt), fact, Posted(Verdict.ADMITTED, (), ()))
            for partition, offset, fact, learnt in facts
        ]
    )
    nine = make_published(9)
    writer.write_rejections(CODEC.encode_rejection(make_source(0, 2, nine, 20), Code.SUPPORT_BY_FORCE, "No.", nine))
    assert FeedEventWriter(store, CODEC).follow_store() == 4
    now = read_clock()
    store.insert_aside("heartbeats", COLUMNS, [["kent", 12, now, 60, None, 0, 0, now]])
    return store


@pytest.mark.parametrize(
    ("minute", "last", "gaps", "events"),
    [
        (9, 3, [], (1, 0)),
        (11, 6, [], (2, 0)),
        (12, 6, [(4, 5)], (2, 0)),
        (25, 9, [(4, 5), (7, 8)], (3, 1)),
        (31, 9, [(4, 4), (7, 8)], (4, 1)),
    ],
)
def test_a_feed_of_the_past_is_what_had_arrived_by_then(
    hours_ago: Store, minute: int, last: int, gaps: list[tuple[int, int]], events: tuple[int, int]
) -> None:
    """4 and 5 are missing two minutes after the 6; the 5 comes at half past, and the 4, which the 6 overtook, stays so.

    No heartbeat is of then.
    """
    row = ask_kent(hours_ago, known_at=tell_instant(minute))
    assert (row["last_sequence"], (row["events"], row["refused"])) == (last, events)
    assert row["missing"] == sum(last - first + 1 for first, last in gaps)
    assert [(one["first"], one["last"]) for one in row["gaps"]] == gaps
    said = (row["heard_at"], row["due_at"], row["claimed_sequence"], row["unarrived"], row["silent_since"])
    assert (row["verdict"], said) == ("NOT_KEPT", (None,) * 5)
    live = ask_kent(hours_ago)
    assert (live["verdict"], live["claimed_sequence"], live["unarrived"]) == ("EVENTS_MISSING", 12, 3)


@pytest.mark.parametrize(
    ("minute", "since"), [(4, None), (5, 5), (14, 5), (15, None), (19, None), (20, 20), (24 * 60, 20)]
)
def test_a_feed_was_down_while_an_alert_stood(hours_ago: Store, minute: int, since: int | None) -> None:
    """Raised at minute 5, cleared at 15, raised at 20; another recorder's alert and another kind say nothing of it."""
    said = [("FEED_SILENT", "kent", "RAISED", 5), ("FEED_SILENT", "surrey", "RAISED", 1)]
    said += [("DEGRADED", "kent", "RAISED", 2), ("FEED_SILENT", "kent", "CLEARED", 15)]
    said += [("FEED_SILENT", "kent", "RAISED", 20)]
    rows = [
        [0, n, kind, who, state, tell_instant(at), 1.0, 1.0, "", "", ""]
        for n, (kind, who, state, at) in enumerate(said)
    ]
    hours_ago.insert_aside("alerts", ALERT_COLUMNS, rows)
    row = ask_kent(hours_ago, known_at=tell_instant(minute))
    spelt = None if since is None else f"2022-07-01T00:{since:02}:00.000Z"
    assert (row["verdict"], row["silent_since"]) == ("NOT_KEPT" if since is None else "FEED_DOWN", spelt)


@pytest.mark.parametrize(("minute", "end", "complete"), [(19, 4, True), (25, 4, False), (25, 3, True)])
def test_a_feed_of_the_past_is_complete_when_nothing_can_come_to_it(
    hours_ago: Store, minute: int, end: int, complete: bool
) -> None:
    """Partition 0 is stored to its third record, of minute 20; where it has a fourth, that may be of minute 25."""
    broker = Broker({0: end, 1: 1})
    answer = answer_feeds(take_snapshot(hours_ago, broker), FeedQuery(known_at=tell_instant(minute)))
    assert (answer["complete"], answer["judged_at"]) == (complete, f"2022-07-01T00:{minute}:00.000Z")
    live = answer_feeds(take_snapshot(hours_ago, broker), FeedQuery())
    assert (live["complete"], live["known_at"]) == (False, None)


def test_the_last_events_say_what_became_of_them(followed: Store) -> None:
    """Where their disruptions stand now, or why they were refused."""
    rows = answer_feed_events(make_snapshot(followed), FeedEventQuery(org="kent"))["rows"]
    told = [(row["source_sequence"], row["verdict"], row["code"], row["standing"]) for row in rows]
    assert told == [
        (9, "REFUSED", "SUPPORT_BY_FORCE", None),
        (9, "ADMITTED", "", "COUNTED"),
        (6, "ADMITTED", "", "COUNTED"),
        (4, "DUPLICATE", "", "COUNTED"),
        (4, "ADMITTED", "", "COUNTED"),
        (3, "ADMITTED", "", "COUNTED"),
    ]
    assert [row["message"] for row in rows[:2]] == ["A force records lead alone.", None]
    assert len(answer_feed_events(make_snapshot(followed), FeedEventQuery(org="kent", limit=2))["rows"]) == 2


def test_following_goes_on_where_it_ended_and_never_past_a_hole(followed: Store, writer: Writer) -> None:
    """Another process reads on from the rows; an event beyond a hole waits for what is missing."""
    writer.write_entries(make_admitted(1, 3, make_published(10)), make_admitted(1, 5, make_published(12)))
    again = FeedEventWriter(followed, CODEC)
    assert again.follow_store() == 1
    assert ask_kent(followed)["last_sequence"] == 10
    writer.write_entries(make_admitted(1, 4, make_published(11)))
    assert again.follow_store() == 2
    assert ask_kent(followed)["last_sequence"] == 12


class HeartbeatMessage(Message):
    """A record of ``soc.heartbeats``, as the client hands it over."""

    def __init__(self, value: bytes | None, key: bytes | None, offset: int, at: int) -> None:
        super().__init__(value=value, key=key, offset=offset, partition=0, timestamp=(2, at))


def test_of_heartbeats_the_newest_is_kept_and_what_is_none_is_passed_over(store: Store, settings: Settings) -> None:
    """By the broker's clock, whatever the sender's says; garbage, a wrong key and a stranger leave no row."""
    reader, now = HeartbeatReader(settings, store, CODEC), round(read_clock().timestamp() * 1000)
    said = Heartbeat("kent", 9, now - 500, 60)
    good = CODEC.encode_heartbeat(said)
    stranger = CODEC.encode_heartbeat(said._replace(organisation="kentt"))
    records = [
        HeartbeatMessage(good, b"kent", 0, now),
        HeartbeatMessage(CODEC.encode_heartbeat(said._replace(last_sequence=8, sent_at=now + 9)), b"kent", 1, now - 1),
        HeartbeatMessage(good, b"surrey", 2, now),
        HeartbeatMessage(good, None, 3, now),
        HeartbeatMessage(stranger, b"kentt", 4, now),
        HeartbeatMessage(b"garbage", b"kent", 5, now),
        HeartbeatMessage(None, b"kent", 6, now),
    ]
    rows = [row for one in records if (row := reader.read_row(one)) is not None]
    store.insert_aside("heartbeats", COLUMNS, rows)
    kent = ask_kent(store)
    assert (len(rows), kent["claimed_sequence"], kent["interval_seconds"], kent["unarrived"]) == (2, 9, 60, 9)
    assert kent["verdict"] == "EVENTS_MISSING"
    assert {one["org"] for one in answer_feeds(make_snapshot(store), FeedQuery())["rows"] if one["heard_at"]} == {
        "kent"
    }


def test_a_broker_whose_clock_was_a_day_ahead_keeps_nobody_alive(store: Store, settings: Settings) -> None:
    """What it had then counts as heard when it was read; the next one, with the clock set right, takes its place."""
    reader, now = HeartbeatReader(settings, store, CODEC), round(read_clock().timestamp() * 1000)
    said = Heartbeat("kent", 9, now, 60)
    ahead = reader.read_row(HeartbeatMessage(CODEC.encode_heartbeat(said), b"kent", 0, now + 86_400_000))
    assert ahead is not None
    assert now <= ahead[-1].timestamp() * 1000 < now + 60_000
    time.sleep(0.01)
    set_right = round(read_clock().timestamp() * 1000)
    row = reader.read_row(
        HeartbeatMessage(CODEC.encode_heartbeat(said._replace(last_sequence=10)), b"kent", 1, set_right)
    )
    assert row is not None
    store.insert_aside("heartbeats", COLUMNS, [ahead, row])
    assert ask_kent(store)["claimed_sequence"] == 10
