"""Many who ask at once: those who ask for the same take turns, and each answer holds all that was stored before."""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import accumulate

import pytest

from ledger.errors import Unavailable
from queries.snapshot import Snapshot, SnapshotSource
from queries.turns import SharedTurns
from sinks.store import Store
from tests.patience import PATIENCE_SECONDS
from tests.sinks.broker import Broker
from tests.sinks.records import Writer, count_lead, make_entry, make_leg


def write_one(writer: Writer, number: int) -> None:
    """Write one more disruption."""
    writer.write_entries(make_entry(0, number, number + 1, [make_leg(1, 0, f"D{number}")], disruption=f"D{number}"))


class HeldMaker:
    """Makes an answer of a moment, slowly: each once it is let."""

    def __init__(self, source: SnapshotSource) -> None:
        self._source = source
        self.began, self.may = threading.Semaphore(0), threading.Semaphore(0)
        self.made: list[int] = []

    def ask_question(self, key: str) -> int:
        """Ask for it, by its name."""
        with self._source.share_moment(key) as found:
            return found.draw_once(key, lambda: self._make_count(found))

    def _make_count(self, found: Snapshot) -> int:
        self.began.release()
        assert self.may.acquire(timeout=PATIENCE_SECONDS)
        self.made.append(found.position[0])
        return count_lead(found)


@pytest.fixture
def source(store: Store) -> SnapshotSource:
    """Who takes moments of a store that holds nothing yet."""
    return SnapshotSource(store, Broker({0: 99}))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads enough for everybody."""
    with ThreadPoolExecutor(16) as made:
        yield made


def await_asking(source: SnapshotSource, key: str, number: int) -> None:
    """Return once so many have a turn at it, or wait for one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (turn := source._turns._turns.get(key)) is None or turn.asking < number:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_who_waited_shares_the_next_moment_and_what_is_made_of_it(
    source: SnapshotSource, writer: Writer, threads: ThreadPoolExecutor
) -> None:
    """One asks, the store moves, and eight ask for the same: two moments, each made once; the eight hold what came.

    What comes while the second is made is in none of them: all eight had asked before.
    """
    maker = HeldMaker(source)
    write_one(writer, 0)
    first = threads.submit(maker.ask_question, "count")
    assert maker.began.acquire(timeout=PATIENCE_SECONDS)
    write_one(writer, 1)
    others = [threads.submit(maker.ask_question, "count") for _ in range(8)]
    await_asking(source, "count", 9)
    assert maker.made == []
    maker.may.release()
    assert first.result(PATIENCE_SECONDS) == 1
    assert maker.began.acquire(timeout=PATIENCE_SECONDS)
    write_one(writer, 2)
    maker.may.release(8)
    assert [one.result(PATIENCE_SECONDS) for one in others] == [2] * 8
    assert maker.made == [1, 2]


def test_who_asks_for_something_else_waits_for_nobody(
    source: SnapshotSource, writer: Writer, threads: ThreadPoolExecutor
) -> None:
    """However long the other takes; and what nobody asks for any more is forgotten."""
    slow, quick = HeldMaker(source), HeldMaker(source)
    quick.may.release()
    write_one(writer, 0)
    waiting = threads.submit(slow.ask_question, "slow")
    assert slow.began.acquire(timeout=PATIENCE_SECONDS)
    write_one(writer, 1)
    assert quick.ask_question("quick") == 2
    slow.may.release()
    assert waiting.result(PATIENCE_SECONDS) == 1
    assert source._turns._turns == {}


def test_what_fails_is_told_whoever_asks_and_tried_again_by_the_next(threads: ThreadPoolExecutor) -> None:
    """Nobody is given what was not begun; a turn that failed is over."""
    turns, tried, held = SharedTurns[int](), [], threading.Event()

    def begin_badly() -> int:
        tried.append(len(tried))
        assert held.wait(PATIENCE_SECONDS)
        if tried == [0]:
            raise Unavailable("the store is away")
        return 7

    def ask_once() -> int:
        with turns.take_turn("count", begin_badly) as given:
            return given

    asking: list[Future[int]] = [threads.submit(ask_once) for _ in range(3)]
    while not (turn := turns._turns.get("count")) or turn.asking < 3:
        time.sleep(0.005)
    held.set()
    wait(asking)
    assert sorted(str(one.exception() or one.result()) for one in asking) == ["7", "7", "the store is away"]
    assert len(tried) == 2, "the third was given what the second began"


def test_nobody_goes_back_while_the_store_moves(source: SnapshotSource, writer: Writer) -> None:
    """Of any two answers, the one that was asked for after the other was there stands no earlier; rows and all."""
    over = threading.Event()
    seen: list[tuple[float, float, int, int]] = []

    def note_answer(began: float, found: Snapshot, lead: int) -> None:
        seen.append((began, time.monotonic(), found.position.get(0, 0), lead))
        time.sleep(0.001)

    def ask_again(key: str) -> None:
        while not over.is_set():
            began = time.monotonic()
            with source.share_moment(key) as found:
                lead = found.draw_once(key, partial(count_lead, found))
            note_answer(began, found, lead)

    def look_again() -> None:
        while not over.is_set():
            began = time.monotonic()
            found = source.take_snapshot()
            note_answer(began, found, count_lead(found))

    with ThreadPoolExecutor(7) as threads:
        reading = [threads.submit(ask_again, one) for one in ("a", "a", "a", "b", "b")]
        reading.append(threads.submit(look_again))
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


def test_what_is_drawn_is_found_while_nothing_was_written_since(
    source: SnapshotSource, store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not a write longer; where others may write, nobody knows that nothing was."""
    monkeypatch.setattr("queries.snapshot.SNAPSHOT_SECONDS", 3600.0)
    write_one(writer, 0)
    with source.share_moment("counts") as found:
        found.draw_once("counts", lambda: str(found.position))
    assert source.find_drawn("counts") == ("{0: 1}" if store.embedded else None)
    assert source.find_drawn("others") is None
    write_one(writer, 1)
    assert source.find_drawn("counts") is None
    assert source.take_snapshot().position == {0: 2}


def test_what_is_proved_no_more_stands_in_no_answer(source: SnapshotSource, store: Store, writer: Writer) -> None:
    """Rows that are missing, and coverage that is to be proved anew, end a moment at once."""
    write_one(writer, 0)
    first = source.take_snapshot()
    store.forget_coverage()
    second = source.take_snapshot()
    assert (second is not first) is store.embedded, "a server's is asked again, and has proved the same"
    assert second.position == {0: 1}
    store.note_damage({0: 0})
    assert source.take_snapshot().position == {}
