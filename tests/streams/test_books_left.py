"""Books that are left while a snapshot of theirs is under way: it never changes under the hands of the next owner."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from methodology.posting import restore_event
from streams.books import REACHED_NOTHING, Books, SnapshotReach
from tests.patience import PATIENCE_SECONDS
from tests.streams.records import state_disruption, state_threat

TOPICS = {"soc.published": "id-1", "soc.entries": "id-2", "soc.rejected": "id-3"}
PLENTY = 1_000_000
FIRST = SnapshotReach(covered=10, ledger_time=5, entries=9, rejected=2)
SECOND = SnapshotReach(covered=20, ledger_time=9, entries=18, rejected=3)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Books that reach FIRST, and were advanced since."""
    made = Books(tmp_path / "3.sqlite", TOPICS, PLENTY)
    for number in range(50):
        restore_event(made.touch_book(f"T{number}"), state_threat(number, f"T{number}"))
    made.save_books(FIRST)
    restore_event(made.touch_book("T1"), state_disruption(1))
    restore_event(made.touch_book("T2"), state_disruption(2, "T2"))
    return made


def save_slowly(books: Books, begun: threading.Event, monkeypatch: pytest.MonkeyPatch) -> threading.Thread:
    """Write a snapshot in a thread of its own, that takes a while once it has begun to write."""
    packed = books._pack_touched

    def slow_down() -> Iterator[Any]:
        for row in packed():
            begun.set()
            time.sleep(0.2)
            yield row

    monkeypatch.setattr(books, "_pack_touched", slow_down)
    thread = threading.Thread(target=books.save_books, args=(SECOND,))
    thread.start()
    return thread


def test_books_are_left_only_when_no_snapshot_is_half_written(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that stays away makes a worker leave its partitions while it saves: whoever takes one next finds the
    snapshot before or the one after, whole, and it stays so.
    """
    begun = threading.Event()
    saving = save_slowly(books, begun, monkeypatch)
    begun.wait(PATIENCE_SECONDS)
    books.close()
    after = Books(tmp_path / "3.sqlite", TOPICS, PLENTY)
    found, disruptions = after.reached, len(after.touch_book("T1").disruptions)
    saving.join()
    again = Books(tmp_path / "3.sqlite", TOPICS, PLENTY)
    assert (found, disruptions) in {(FIRST, 0), (SECOND, 1)}
    assert (again.reached, len(again.touch_book("T1").disruptions)) == (found, disruptions)


def test_a_snapshot_that_begins_after_the_books_were_left_writes_nothing(books: Books, tmp_path: Path) -> None:
    """Not even how far they reach: that would claim books that are not there."""
    books.close()
    assert books.save_books(SECOND) is False
    assert Books(tmp_path / "3.sqlite", TOPICS, PLENTY).reached == FIRST


def test_books_that_were_thrown_away_write_nothing(books: Books, tmp_path: Path) -> None:
    """As those that were left."""
    books.discard_snapshot()
    assert books.save_books(SECOND) is False
    assert Books(tmp_path / "3.sqlite", TOPICS, PLENTY).reached == REACHED_NOTHING
