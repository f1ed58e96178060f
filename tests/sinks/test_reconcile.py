"""What a force sent on a day beside what arrived of it, over the engine in process; every figure worked out by hand."""

from datetime import date
from uuid import UUID

import pytest

from infra.settings import Settings
from queries.errors import WrongField
from queries.reconcile import answer_day_fates, answer_event_fates, answer_reconcile
from queries.reconcile_answers import ReconcileAnswer
from queries.reconcile_queries import IDS_MOST, DayFatesQuery, EventFatesQuery, ReconcileQuery
from queries.snapshot import take_snapshot
from sinks.feed_events import COLUMNS
from sinks.heartbeats import COLUMNS as HEARTBEAT_COLUMNS
from sinks.store import Store
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, tell_instant
from tests.sinks.test_feeds import make_admitted, make_published

DAY = date(2022, 6, 3)


@pytest.fixture
def settings(embedded: Settings) -> Settings:
    """One engine: what the other one answers, tests/live/adversary asks."""
    return embedded


def make_row(offset: int, sequence: int, verdict: str = "ADMITTED", *, day: int = 0, **said: object) -> list[object]:
    """An event of Kent's, entered at noon so many days after 3 June 2022."""
    name = str(UUID(int=sequence)) if sequence > 0 else ""
    code = "SUPPORT_BY_FORCE" if verdict == "REFUSED" else ""
    entered = tell_instant(0).replace(month=6, day=3 + day, hour=12)
    known = {"organisation": "kent", "event_id": name, "entered_at": entered} | said
    return [0, offset, known["organisation"], sequence, tell_instant(0), verdict, code, "DisruptionEvent",
            known["event_id"], "T-1", f"D{sequence}", 1, date(2022, 6, 1), known["entered_at"], False]  # fmt: skip


def ask_kent(store: Store, start: date = DAY, end: date | None = None, behind: int = 0) -> ReconcileAnswer:
    """Kent's days."""
    published_end = store.query("SELECT count() AS n FROM entries")[0]["n"] + behind
    moment = take_snapshot(store, Broker({0: published_end}))
    return answer_reconcile(moment, ReconcileQuery(org="kent", start=start, end=end or start))


@pytest.fixture
def told(store: Store, writer: Writer) -> Store:
    """Numbers 51 to 53 on 2 June; 55, 56 (refused), 57 (twice) on the 3rd; 60 on the 5th. 54, 58, 59 never came."""
    writer.write_entries(*[make_admitted(0, n, make_published(n + 50)) for n in range(9)])
    rows = [make_row(n, 51 + n, day=-1) for n in range(3)]
    rows += [
        make_row(3, 55),
        make_row(4, 56, "REFUSED"),
        make_row(5, 57),
        make_row(6, 57, "DUPLICATE"),
        make_row(7, 60, day=2),
    ]
    rows.append(make_row(8, -1, "REFUSED", organisation="", entered_at=None))
    store.insert_aside("feed_events", COLUMNS, rows)
    return store


def test_what_was_sent_arrived_and_is_missing_of_a_day(told: Store) -> None:
    """55, 56, 57 arrived; 54 may be of the 3rd, and so may 58 and 59: their neighbours are of the 3rd and the 5th."""
    found = ask_kent(told)
    assert (found["sent"], found["arrived"], found["admitted"], found["refused"], found["resent"]) == (6, 3, 2, 1, 1)
    assert found["gaps"] == [{"first": 54, "last": 54}, {"first": 58, "last": 59}]
    assert (found["missing"], found["recent"], found["unarrived"], found["unread"]) == (3, 0, 0, 0)
    assert (found["complete"], found["behind"], found["position"]) == (True, 0, {"0": 9})


def test_a_day_of_which_everything_is_lost_names_its_numbers(told: Store) -> None:
    """Nothing arrived of the 4th: 58 and 59 lie between the 3rd and the 5th."""
    found = ask_kent(told, date(2022, 6, 4))
    assert (found["sent"], found["arrived"], found["gaps"]) == (2, 0, [{"first": 58, "last": 59}])


def test_a_missing_number_is_not_counted_to_days_that_it_cannot_be_of(told: Store) -> None:
    """Before the 2nd nothing is missing; of the 2nd it is 54 alone; all days together have each once."""
    assert ask_kent(told, date(2022, 6, 1))["sent"] == 0
    assert ask_kent(told, date(2022, 6, 2))["gaps"] == [{"first": 54, "last": 54}]
    whole = ask_kent(told, date(2022, 6, 1), date(2022, 6, 5))
    assert (whole["sent"], whole["arrived"], whole["missing"]) == (10, 7, 3)


def test_refusals_that_name_nobody_are_told_by_the_day_on_which_the_ledger_learnt_them(told: Store) -> None:
    """One, on 1 July: whose it is nobody knows."""
    assert ask_kent(told, date(2022, 7, 1))["unread"] == 1


def test_what_a_heartbeat_claims_beyond_the_last_that_arrived_may_be_of_its_day_or_later(told: Store) -> None:
    """It claims 62; the last to arrive is 60, of the 5th."""
    told.insert_aside("heartbeats", HEARTBEAT_COLUMNS, [["kent", 62, tell_instant(0), 60, None, 0, 0, tell_instant(0)]])
    assert ask_kent(told, date(2022, 6, 5))["unarrived"] == 2
    assert ask_kent(told, date(2022, 6, 4))["unarrived"] == 0


def test_a_number_that_was_given_wrongly_is_a_jump_and_leaves_nothing_missing(told: Store, writer: Writer) -> None:
    """Rule F5: after 60, of the 5th, comes the greatest number that there is, of the 3rd. A heartbeat claims 62."""
    writer.write_entries(make_admitted(0, 9, make_published(61)))
    told.insert_aside("feed_events", COLUMNS, [make_row(9, 2**63 - 1)])
    told.insert_aside("heartbeats", HEARTBEAT_COLUMNS, [["kent", 62, tell_instant(0), 60, None, 0, 0, tell_instant(0)]])
    found = ask_kent(told)
    assert (found["sent"], found["arrived"], found["missing"], found["recent"]) == (7, 4, 3, 0)
    assert found["jumps"] == ask_kent(told, date(2022, 6, 4))["jumps"] == [{"last": 60, "next": 2**63 - 1}]
    assert ask_kent(told, date(2022, 6, 2))["jumps"] == []
    assert (ask_kent(told, date(2022, 6, 5))["unarrived"], ask_kent(told, date(2022, 6, 4))["unarrived"]) == (2, 0)


def test_an_answer_is_complete_once_the_days_are_over_and_all_of_them_is_stored_and_read(
    told: Store, writer: Writer
) -> None:
    """One more is published and not stored: 1 July is not complete, June is. Then one is stored and not read yet."""
    assert ask_kent(told, date(2022, 7, 1))["complete"]
    assert not ask_kent(told, date(2022, 7, 1), behind=1)["complete"]
    assert ask_kent(told, DAY, behind=1)["complete"]
    assert not ask_kent(told, DAY, date(2299, 12, 31))["complete"]
    writer.write_entries(make_admitted(0, 9, make_published(61)))
    unread = ask_kent(told)
    assert (unread["behind"], unread["complete"]) == (1, False)


def test_ids_are_told_wherever_they_stand(told: Store) -> None:
    """57 stands and came again, 56 was refused and why, 54 has no row; either letter case is the same id."""
    ids = tuple(str(UUID(int=n)) for n in (54, 56, 57))
    moment = take_snapshot(told, Broker({0: 9}))
    rows = answer_event_fates(moment, EventFatesQuery.parse_fields(ids=",".join(ids).upper()))["rows"]
    assert [(one["event_id"], one["verdict"], one["code"], one["resent"], one["offset"]) for one in rows] == [
        (ids[1], "REFUSED", "SUPPORT_BY_FORCE", 0, 4),
        (ids[2], "ADMITTED", "", 1, 5),
    ]
    assert rows[1]["standing"] == "COUNTED"


def test_the_events_of_a_day_come_in_pages_by_their_ids(told: Store) -> None:
    """Two a page, of three."""
    moment = take_snapshot(told, Broker({0: 9}))
    first = answer_day_fates(moment, DayFatesQuery(org="kent", start=DAY, end=DAY, limit=2))
    assert [one["source_sequence"] for one in first["rows"]] == [55, 56]
    rest = DayFatesQuery(org="kent", start=DAY, end=DAY, limit=2, after=first["next"])
    second = answer_day_fates(moment, rest)
    assert ([one["source_sequence"] for one in second["rows"]], second["next"]) == ([57], None)


@pytest.mark.parametrize(
    "written",
    [
        {"org": "kent"},
        {"org": "kent", "from": "2022-06-01"},
        {"org": "kent", "day": "2022-06-01", "from": "2022-06-01"},
        {"org": "kent", "from": "2022-06-02", "to": "2022-06-01"},
    ],
)
def test_a_question_without_days_is_none(written: dict[str, str]) -> None:
    """Neither half a period, nor a day beside one, nor one that ends before it begins."""
    with pytest.raises(WrongField):
        ReconcileQuery.parse_fields(**written)


@pytest.mark.parametrize("ids", ["", "abc", ",".join([str(UUID(int=1))] * (IDS_MOST + 1))])
def test_what_is_no_list_of_ids_is_refused(ids: str) -> None:
    """Nothing, no UUID, too many."""
    with pytest.raises(WrongField):
        EventFatesQuery.parse_fields(ids=ids)
