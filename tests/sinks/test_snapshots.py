"""A moment of the store: all that is asked of it stands on one position, once, and is never older than a write."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from queries import snapshot
from queries.balance_queries import CountQuery
from queries.snapshot import Snapshot, SnapshotSource
from sinks import positions
from sinks.frontier import Frontier
from sinks.store import Store
from tests.patience import PATIENCE_SECONDS
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, count_lead, make_entry, make_leg


def test_a_snapshot_holds_all_that_was_written_before_it(store: Store, writer: Writer) -> None:
    """And an earlier one still says what it said, though more is stored."""
    source = SnapshotSource(store, Broker({0: 2}))
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    first = source.take_snapshot()
    assert (first.position, count_lead(first)) == ({0: 1}, 1)
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 0, "D2")], disruption="D2"))
    second = source.take_snapshot()
    assert (second.position, count_lead(second)) == ({0: 2}, 2)
    assert (first.position, count_lead(first)) == ({0: 1}, 1)


def test_a_moment_says_of_which_ledger_it_is(store: Store, writer: Writer) -> None:
    """By the topic that its records came from, once the store knows it: the first digits of SHA-256 of "p-1"."""
    source = SnapshotSource(store, Broker({0: 2}))
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    assert source.take_snapshot().cursor == ("e3b0c442", {0: 1})
    store.insert_rows("topics", ["name", "id"], [["soc.published", "p-1"], ["soc.entries", "e-1"]])
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 0, "D2")], disruption="D2"))
    assert source.take_snapshot().cursor == ("1dee6e3e", {0: 2})


def test_while_nothing_is_written_the_snapshot_stays_until_it_is_old(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Completeness grows with the clock, so a moment ends by itself."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    source = SnapshotSource(store, Broker({0: 1}))
    monkeypatch.setattr(snapshot, "SNAPSHOT_SECONDS", 3600.0)
    first = source.take_snapshot()
    assert source.take_snapshot() is first
    monkeypatch.setattr(snapshot, "SNAPSHOT_SECONDS", 0.0)
    assert source.take_snapshot() is not first


def test_damage_ends_a_snapshot(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are missing are claimed by nobody, from that moment on."""
    monkeypatch.setattr(snapshot, "SNAPSHOT_SECONDS", 3600.0)
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    source = SnapshotSource(store, Broker({0: 1}))
    assert source.take_snapshot().position == {0: 1}
    store.note_damage({0: 0})
    assert source.take_snapshot().position == {}


def test_many_who_ask_the_same_at_once_are_answered_once(store: Store) -> None:
    """However many watch, the store is read once for a position."""
    found, asked, together = SnapshotSource(store, Broker({})).take_snapshot(), [], threading.Barrier(8)

    def note_question(_snapshot: Snapshot, query: CountQuery) -> str:
        asked.append(query)
        return "an answer"

    def ask_once(_: int) -> str:
        together.wait(PATIENCE_SECONDS)
        return found.answer_once(CountQuery(), note_question)

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask_once, range(8))) == {"an answer"}
    assert asked == [CountQuery()]
    assert found.answer_once(CountQuery(org="kent"), lambda _snapshot, _query: "another") == "another"


def test_a_page_of_a_moment_is_drawn_once(store: Store) -> None:
    """However many look at it; another address, or another moment, is another page."""
    source, drawn = SnapshotSource(store, Broker({})), []

    def draw_page() -> str:
        drawn.append(1)
        return "a page"

    found = source.take_snapshot()
    assert [found.draw_once(address, draw_page) for address in ("/", "/", "/rates")] == ["a page"] * 3
    assert len(drawn) == 2
    assert SnapshotSource(store, Broker({})).take_snapshot().draw_once("/", draw_page) == "a page"
    assert len(drawn) == 3


def test_who_asks_while_one_is_taken_shares_the_next(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store moves all the while; of nine who ask, the first asks it, and one more for all who waited."""
    source, begun, go_on, taken = SnapshotSource(store, Broker({})), threading.Event(), threading.Event(), []
    find = positions.find_frontiers

    def find_slowly(of: Store) -> dict[int, Frontier]:
        taken.append(1)
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        store.forget_coverage()
        return find(of)

    monkeypatch.setattr(snapshot, "find_frontiers", find_slowly)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(source.take_snapshot)
        assert begun.wait(PATIENCE_SECONDS)
        others = [threads.submit(source.take_snapshot) for _ in range(8)]
        time.sleep(0.2)
        go_on.set()
        found = {id(one.result()) for one in others}
    assert (len(taken), len(found)) == (2, 1)
    assert first.result().position == {}
