"""Snapshots are a cache: kept when they are sound, thrown away when they are not."""

import sqlite3
from pathlib import Path

import pytest

from infra.status import list_troubles
from methodology.posting import restore_event
from streams.books import REACHED_NOTHING, Books, SnapshotReach, SnapshotSpoiled
from tests.streams.records import state_disruption, state_threat

TOPICS = {"soc.published": "id-1", "soc.entries": "id-2", "soc.rejected": "id-3"}
PLENTY = 1_000_000
REACHED = SnapshotReach(covered=41, ledger_time=5, entries=40, rejected=2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the snapshot is."""
    return tmp_path / "3.sqlite"


def save_books(file: Path, disruptions: int = 3, live_bytes: int = PLENTY) -> Books:
    """Books with one threat, saved at REACHED."""
    books = Books(file, TOPICS, live_bytes)
    restore_event(books.touch_book("T1"), state_threat())
    for number in range(1, disruptions + 1):
        restore_event(books.touch_book("T1"), state_disruption(number))
    books.save_books(REACHED)
    return books


def test_what_was_saved_is_there_again(file: Path) -> None:
    """The same book, and how far it reaches."""
    packed = save_books(file).touch_book("T1").pack()
    again = Books(file, TOPICS, PLENTY)
    assert again.reached == REACHED
    assert again.touch_book("T1").pack() == packed


def test_what_was_not_saved_is_not_there(file: Path) -> None:
    """A process that dies between two snapshots leaves the books of the first, whole."""
    books = save_books(file)
    packed = books.touch_book("T1").pack()
    restore_event(books.touch_book("T1"), state_disruption(9))
    restore_event(books.touch_book("T2"), state_threat(2, "T2"))
    again = Books(file, TOPICS, PLENTY)
    assert again.touch_book("T1").pack() == packed
    assert not again.touch_book("T2").assessments


def test_a_snapshot_of_other_topics_is_not_used(file: Path) -> None:
    """A topic made anew starts at 0: what was known of the old one is forgotten."""
    save_books(file).close()
    again = Books(file, TOPICS | {"soc.entries": "id-9"}, PLENTY)
    assert again.reached == REACHED_NOTHING
    assert not again.touch_book("T1").disruptions


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500])
def test_a_file_that_is_no_snapshot_is_replaced(file: Path, content: bytes) -> None:
    """Empty or garbage: as if there were none."""
    save_books(file).close()
    for stale in file.parent.glob("3.sqlite-*"):
        stale.unlink()
    file.write_bytes(content)
    assert Books(file, TOPICS, PLENTY).reached == REACHED_NOTHING


def test_a_truncated_snapshot_is_noticed(file: Path) -> None:
    """At opening, or when the missing book is asked for; never read as an empty book."""
    save_books(file, disruptions=3_000).close()
    with file.open("r+b") as torn:
        torn.truncate(file.stat().st_size // 2)
    books = Books(file, TOPICS, PLENTY)
    if books.reached != REACHED_NOTHING:
        with pytest.raises(SnapshotSpoiled):
            books.touch_book("T1")


def test_a_flipped_byte_is_noticed(file: Path) -> None:
    """A packed book that differs from its checksum is not used."""
    save_books(file).close()
    with sqlite3.connect(file) as store:
        (packed,) = store.execute("SELECT packed FROM books").fetchone()
        store.execute("UPDATE books SET packed = ?", (packed[:-1] + bytes([packed[-1] ^ 1]),))
    store.close()
    with pytest.raises(SnapshotSpoiled, match="checksum"):
        Books(file, TOPICS, PLENTY).touch_book("T1")


def test_books_past_the_bound_are_let_go_and_come_back(file: Path) -> None:
    """With room for nothing no book stays live after a save; asked for again, it is the same."""
    books = save_books(file, live_bytes=0)
    assert not books.live
    assert len(books.touch_book("T1").disruptions) == 3


def test_books_touched_lately_stay_when_there_is_room_for_them(file: Path) -> None:
    """T1 was not touched since the save before; T2 was."""
    books = save_books(file, disruptions=200, live_bytes=4_000)
    books.touch_book("T1")
    books.touched.clear()
    restore_event(books.touch_book("T2"), state_threat(2, "T2"))
    books.save_books(REACHED)
    assert set(books.live) == {"T2"}


def test_a_snapshot_that_cannot_be_written_stays_as_it_was_and_its_books_stay_live(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: what was saved is there, what was not is in memory, health knows; with room it is written."""
    books = save_books(file)
    before = books.touch_book("T1").pack()
    books.touch_book("T2")
    monkeypatch.setattr(books, "_write_snapshot", fail_as_full)
    assert not books.save_books(SnapshotReach(20, 0, 0, 0))
    assert books.reached == REACHED
    assert {"T1", "T2"} <= books.touched
    assert "database or disk is full" in list_troubles()[0]["what"]
    monkeypatch.undo()
    assert books.save_books(SnapshotReach(20, 0, 0, 0))
    assert list_troubles() == []
    assert Books(file, TOPICS, PLENTY).reached == SnapshotReach(20, 0, 0, 0)
    assert Books(file, TOPICS, PLENTY).touch_book("T1").pack() == before


def test_books_live_without_a_snapshot_where_there_can_be_none(tmp_path: Path) -> None:
    """A file stands where the directory should be: all is folded from the beginning, and kept in memory."""
    (tmp_path / "books").write_text("")
    books = Books(tmp_path / "books" / "3.sqlite", TOPICS, PLENTY)
    assert books.reached == REACHED_NOTHING
    books.touch_book("T1")
    assert books.save_books(REACHED)
    assert "the snapshot of partition 3 cannot be written" in list_troubles()[0]["what"]


def fail_as_full(_: str) -> None:
    """Fail as SQLite does on a full disk."""
    raise sqlite3.OperationalError("database or disk is full")
