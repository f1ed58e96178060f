"""A crowd: many who ask at once are shown one finished moment, never an earlier one, and the next is made meanwhile."""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import accumulate

import pytest

from ledger.errors import Unavailable
from queries import balances, crowd, snapshot
from queries.balance_queries import CountQuery
from queries.crowd import AskedQuestions, AskingCrowd
from queries.snapshot import Snapshot, SnapshotSource
from sinks import positions
from sinks.frontier import Frontier
from sinks.store import Store
from tests.patience import PATIENCE_SECONDS, await_truth
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, make_entry, make_leg


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks is a crowd, and what it is shown lasts as long as it may."""
    monkeypatch.setattr(crowd, "AT_ONCE", 1)
    monkeypatch.setattr(crowd, "ASKS_A_SECOND", 1)
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS", 3600.0)


@pytest.fixture
def slow_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The store says how far it has come when the event is set."""
    may, find = threading.Event(), positions.find_frontiers

    def find_when_told(store: Store) -> dict[int, Frontier]:
        assert may.wait(PATIENCE_SECONDS)
        return find(store)

    monkeypatch.setattr(snapshot, "find_frontiers", find_when_told)
    may.set()
    yield may
    may.set()


def write_one(writer: Writer, number: int) -> None:
    """Write one more disruption."""
    writer.write_entries(make_entry(0, number, number + 1, [make_leg(1, 0, f"D{number}")], disruption=f"D{number}"))


def count_lead(found: Snapshot) -> int:
    """Count the lead disruptions of a moment."""
    return sum(int(row["n"]) for row in balances.answer_count(found, CountQuery()).rows)


def test_who_asks_alone_is_no_crowd_however_quickly() -> None:
    """A hundred questions, one after the other, are each answered of all that was stored before."""
    found = AskingCrowd()
    asked = []
    for _ in range(100):
        with found.join_asking() as crowded:
            asked.append(crowded)
    assert asked == [False] * 100
    assert not found.is_there


def test_three_who_wait_at_once_are_a_crowd_while_twenty_a_second_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lasts though nobody waits any more, and is over a second after the last twenty."""
    clock = [100.0]
    monkeypatch.setattr("queries.crowd.time.monotonic", lambda: clock[0])
    found = AskingCrowd()
    for _ in range(17):
        found.note_ask()
    with found.join_asking() as first, found.join_asking() as second:
        assert (first, second, found.is_there) == (False, False, False)
        with found.join_asking() as third:
            assert (third, found.is_there) == (True, True)
    assert found.is_there
    clock[0] = 101.1
    assert not found.is_there
    with found.join_asking() as alone:
        assert not alone


def test_what_was_asked_twice_within_a_second_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest first, eight at most; what is asked once, or seldom, is made for nobody, and the oldest forgotten."""
    clock = [100.0]
    monkeypatch.setattr("queries.crowd.time.monotonic", lambda: clock[0])
    found = AskedQuestions()
    for number in (*range(9), *range(9), 70):
        found.note_question(str(number), lambda _, number=number: number)  # type: ignore[misc]  # of this round
    found.note_again("3")
    found.note_again("never asked")
    assert [make(None) for make in found.list_hot()] == [3, 8, 7, 6, 5, 4, 2, 1]
    clock[0] = 101.1
    assert found.list_hot() == []
    for number in range(100, 100 + crowd.ASKED_MOST):
        found.note_question(str(number), lambda _: None)
    found.note_again("3")
    assert found.list_hot() == [], "it was forgotten"


@pytest.mark.usefixtures("crowded")
def test_a_crowd_waits_for_nobody_while_the_next_moment_is_made(
    store: Store, writer: Writer, slow_store: threading.Event
) -> None:
    """The store stands still, and all are answered of the moment before; then of the next."""
    source = SnapshotSource(store, Broker({0: 9}))
    write_one(writer, 0)
    assert source.take_snapshot().position == {0: 1}
    slow_store.clear()
    write_one(writer, 1)
    assert [source.take_snapshot().position for _ in range(5)] == [{0: 1}] * 5
    slow_store.set()
    await_truth(lambda: source.take_snapshot().position == {0: 2})


@pytest.mark.usefixtures("crowded")
def test_what_was_said_to_be_stored_is_in_every_later_answer(store: Store, writer: Writer) -> None:
    """Whoever must hold all that was written takes the next moment; from then on a crowd is shown no earlier one."""
    source = SnapshotSource(store, Broker({0: 9}))
    write_one(writer, 0)
    source.take_snapshot()
    write_one(writer, 1)
    told = source.advance_snapshot()
    assert (told.position, count_lead(told)) == ({0: 2}, 2)
    assert source.take_snapshot() is told


@pytest.mark.usefixtures("crowded")
def test_nobody_goes_back_while_the_store_moves(store: Store, writer: Writer) -> None:
    """Of any two answers, the one that was asked for after the other was there stands no earlier; rows and all."""
    source, over = SnapshotSource(store, Broker({0: 99})), threading.Event()
    seen: list[tuple[float, float, int, int]] = []

    def read_again(take: str) -> None:
        while not over.is_set():
            began = time.monotonic()
            found = getattr(source, take)()
            lead = source.make_answer(found, "count", lambda one: one.draw_once("count", lambda: count_lead(one)))
            seen.append((began, time.monotonic(), found.position.get(0, 0), lead))
            time.sleep(0.001)

    with ThreadPoolExecutor(6) as threads:
        reading = [threads.submit(read_again, one) for one in (*["take_snapshot"] * 5, "advance_snapshot")]
        for number in range(12):
            write_one(writer, number)
        over.set()
        wait(reading)
    assert [one.exception() for one in reading] == [None] * 6
    assert [lead for *_, position, lead in seen] == [position for *_, position, _ in seen]
    ended = sorted((end, position) for _, end, position, _ in seen)
    told = list(accumulate((position for _, position in ended), max, initial=0))
    for began, _, position, _ in seen:
        assert position >= told[bisect_left(ended, (began, -1))]
    assert len({position for *_, position, _ in seen}) > 1, "it moved"


@pytest.mark.usefixtures("crowded")
def test_what_is_asked_most_is_made_before_its_moment_is_shown(store: Store, writer: Writer) -> None:
    """So nobody waits for it; what fails then fails again for whoever asks, and nothing else with it."""
    source, made = SnapshotSource(store, Broker({0: 9})), []

    def draw_page(found: Snapshot) -> str:
        made.append(found.position)
        return found.draw_once("counts", lambda: f"{count_lead(found)} of {found.position}")

    def raise_trouble(_: Snapshot) -> None:
        raise Unavailable("the store is away")

    write_one(writer, 0)
    assert source.find_drawn("counts") is None
    for _ in range(2):
        assert source.make_answer(source.take_snapshot(), "counts", draw_page) == "1 of {0: 1}"
        with pytest.raises(Unavailable):
            source.make_answer(source.take_snapshot(), "broken", raise_trouble)
    write_one(writer, 1)
    assert source.find_drawn("counts") == "1 of {0: 1}", "what is shown while the next is made"
    source.advance_snapshot()
    assert made[-1] == {0: 2}
    assert source.find_drawn("counts") == "2 of {0: 2}"


def test_without_a_crowd_nothing_is_made_ahead_and_nothing_old_is_shown(store: Store, writer: Writer) -> None:
    """What is drawn already is given while nothing was written since, and not a write longer."""
    source, made = SnapshotSource(store, Broker({0: 9})), []

    def draw_page(found: Snapshot) -> str:
        made.append(found.position)
        return found.draw_once("counts", lambda: str(found.position))

    write_one(writer, 0)
    for _ in range(3):
        source.make_answer(source.take_snapshot(), "counts", draw_page)
    assert source.find_drawn("counts") == ("{0: 1}" if store.embedded else None), "others may write to a server's"
    write_one(writer, 1)
    assert source.find_drawn("counts") is None
    assert source.take_snapshot().position == {0: 2}
    assert made == [{0: 1}] * 3


@pytest.mark.usefixtures("crowded")
def test_what_is_proved_no_more_is_shown_to_no_crowd(store: Store, writer: Writer) -> None:
    """Rows that are missing, and coverage that is to be proved anew, end a moment at once for all."""
    source = SnapshotSource(store, Broker({0: 9}))
    write_one(writer, 0)
    first = source.take_snapshot()
    store.forget_coverage()
    second = source.take_snapshot()
    assert (second is not first) is store.embedded, "a server's is asked again, and has proved the same"
    assert second.position == {0: 1}
    store.note_damage({0: 0})
    assert source.take_snapshot().position == {}


@pytest.mark.usefixtures("crowded")
def test_a_moment_is_shown_for_so_long_and_no_longer(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch, slow_store: threading.Event
) -> None:
    """Then whoever asks waits for the next, and those who waited share it; a slow one may be shown for longer."""
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS", 0.0)
    monkeypatch.setattr(snapshot, "REST_SECONDS_MOST", 0.0)
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS_MOST", 0.0)
    source = SnapshotSource(store, Broker({0: 9}))
    write_one(writer, 0)
    source.take_snapshot()
    slow_store.clear()
    write_one(writer, 1)
    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(source.take_snapshot) for _ in range(4)]
        assert not wait(asking, 0.3).done
        slow_store.set()
        assert [one.result(PATIENCE_SECONDS).position for one in asking] == [{0: 2}] * 4
    shown = source._newest
    assert shown is not None
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS_MOST", 5.0)
    lasts = [shown._replace(took=took).shown_seconds for took in (0.0, 1.0, 60.0)]
    assert lasts == [0.0, 2.0, 5.0]


@pytest.mark.usefixtures("crowded")
def test_a_store_that_is_away_is_told_whoever_asks_once_what_is_shown_is_old(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The making of the next moment fails by itself, and says nothing."""
    source = SnapshotSource(store, Broker({0: 9}))
    write_one(writer, 0)
    first = source.take_snapshot()

    def find_nothing(_: Store) -> dict[int, Frontier]:
        raise Unavailable("the store is away")

    monkeypatch.setattr(snapshot, "find_frontiers", find_nothing)
    write_one(writer, 1)
    assert source.take_snapshot() is first
    renewal = source._renewal
    assert renewal is not None
    assert renewal.exception(PATIENCE_SECONDS) is None
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS", 0.0)
    monkeypatch.setattr(snapshot, "SHOWN_SECONDS_MOST", 0.0)
    with pytest.raises(Unavailable):
        source.take_snapshot()
