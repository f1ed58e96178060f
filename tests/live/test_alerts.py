"""Alerts on a real broker and a real store: raised once, kept in topic and table, and by one judge at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import pytest

from infra import topic_admin
from infra.settings import Settings
from ledger.errors import Unavailable
from ledger.vocabulary import AlertKind, AlertState
from queries.alerts import AlertQuery
from queries.health_answers import AlertRow
from queries.store_answers import StoreAnswers
from schemas.alerts import Alert
from schemas.registry import pin_ids
from services import alert_judge
from services.alert_judge import AlertJudge
from sinks.alerts import AlertLog
from sinks.store import Store
from tests.patience import PATIENCE_SECONDS
from tests.sinks.records import START, Writer, make_rejection
from tests.stores import open_migrated

ALERT = Alert(AlertKind.DEGRADED, "the ledger", AlertState.RAISED, 1, 2.0, 1.0, "In trouble.", "Look.", "us 1")


@pytest.fixture
def store(quick: Settings) -> Iterator[Store]:
    """An empty store under the state directory of the test."""
    with open_migrated(quick) as opened:
        yield opened


@contextmanager
def run_judge(settings: Settings, store: Store) -> Iterator[None]:
    """A judge at work."""
    stop = threading.Event()
    thread = threading.Thread(target=AlertJudge(settings, store, StoreAnswers(settings, store)).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def insert_rejections(store: Store, first: int, how_many: int) -> None:
    """So many events were refused within the last minute or so."""
    lately = int((datetime.now(UTC) - START).total_seconds() // 60)
    Writer(store).write_rejections(*[make_rejection(0, first + n, lately) for n in range(how_many)])


def await_rows(settings: Settings, store: Store, enough: Callable[[list[AlertRow]], bool]) -> list[AlertRow]:
    """The alerts that were raised or cleared, oldest first, once they are as wanted."""
    answers, deadline = StoreAnswers(settings, store), time.monotonic() + PATIENCE_SECONDS
    while True:
        rows = answers.answer_query(AlertQuery())["rows"][::-1]
        if enough(rows):
            return rows
        assert time.monotonic() < deadline, rows
        time.sleep(0.2)


def test_a_burst_is_raised_once_whoever_judges_and_however_often_it_begins_anew(
    quick: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One judge raises it; the next, which began anew, knows that it stands; a store that lost it reads it again."""
    monkeypatch.setattr(alert_judge, "LOOK_SECONDS", 0.2)
    insert_rejections(store, 0, 25)
    bursts = [("REFUSAL_BURST", "KEY_MISMATCH", "RAISED", 25.0, 20.0)]

    def find_bursts(rows: list[AlertRow]) -> list[tuple[Any, ...]]:
        fields = ("kind", "subject", "state", "value", "bound")
        return [itemgetter(*fields)(row) for row in rows if row["kind"] == "REFUSAL_BURST"]

    with run_judge(quick, store), run_judge(quick, store):
        rows = await_rows(quick, store, lambda rows: find_bursts(rows) == bursts)
        said = "25 events were rejected as KEY_MISMATCH in the last 5 minutes. The message key is not the"
        assert [row["sentence"] for row in rows if row["kind"] == "REFUSAL_BURST"] == [f"{said} event's threat_id."]
        time.sleep(1)
    with run_judge(quick, store):
        time.sleep(1)
        assert find_bursts(await_rows(quick, store, bool)) == bursts
    store.query("TRUNCATE TABLE alerts")
    with run_judge(quick, store):
        assert find_bursts(await_rows(quick, store, lambda rows: bool(find_bursts(rows)))) == bursts


def test_the_log_is_read_from_where_it_was_handed_over(quick: Settings, store: Store) -> None:
    """What was stored and not handed over is handed over by the next process: twice is possible, never is not."""
    log = AlertLog(quick, store, pin_ids())
    read_until(log, lambda: log.is_given and log.has_read_all)
    for number in range(3):
        log.append_alert(ALERT._replace(subject=f"part {number}", at=number))
    assert not log.has_read_all
    assert [(one.offset, one.alert.at) for one in read_until(log, lambda: log.has_read_all)] == [(0, 0), (1, 1), (2, 2)]
    assert log.list_standing() == {("DEGRADED", f"part {number}") for number in range(3)}
    log.commit_handed(0)
    log.read_new()
    log.close()
    again = AlertLog(quick, store, pin_ids())
    assert [one.offset for one in read_until(again, lambda: again.is_given and again.has_read_all)] == [1, 2]
    again.close()


def test_what_a_judge_appends_that_was_replaced_says_nothing(quick: Settings, store: Store) -> None:
    """A second raising, as of a judge that slept through its session, is neither stored nor handed over."""
    log = AlertLog(quick, store, pin_ids())
    read_until(log, lambda: log.is_given and log.has_read_all)
    cleared = ALERT._replace(state=AlertState.CLEARED)
    for alert in (cleared, ALERT, ALERT, cleared, cleared, ALERT):
        log.append_alert(alert)
    assert [one.offset for one in read_until(log, lambda: log.has_read_all)] == [1, 3, 5]
    rows = store.query("SELECT offset, state FROM alerts ORDER BY offset")
    assert [(row["offset"], row["state"]) for row in rows] == [(1, "RAISED"), (3, "CLEARED"), (5, "RAISED")]
    log.close()
    again = AlertLog(quick, store, pin_ids())
    found = read_until(again, lambda: again.is_given and again.has_read_all)
    assert [one.offset for one in found] == [1, 3, 5]
    assert again.list_standing() == {("DEGRADED", "the ledger")}
    again.close()


def test_what_the_broker_refuses_is_told(quick: Settings, store: Store) -> None:
    """The log's topic is gone, as it would be out of reach without a right to it: that is no silence."""
    topic_admin.delete_topics(quick)
    log = AlertLog(quick, store, pin_ids())
    with pytest.raises(Unavailable, match=r"the log of alerts cannot be read: .*Unknown topic"):
        read_until(log, lambda: False)
    log.close()


def read_until(log: AlertLog, enough: Callable[[], bool]) -> list[Any]:
    """Read until it is enough."""
    found, deadline = [], time.monotonic() + PATIENCE_SECONDS
    while not enough():
        assert time.monotonic() < deadline
        found += log.read_new()
    return found
