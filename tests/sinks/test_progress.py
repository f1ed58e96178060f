"""Where loading begins again: where all that was read before lies within what the store holds, and nowhere later."""

import pytest

from infra.topics import ENTRIES, REJECTED
from sinks.progress import LoadingProgress, ReadExtent, read_progress, read_starts, write_progress
from sinks.store import Store
from tests.sinks.records import Writer, make_entry, make_rejection

PLACES = [(ENTRIES, 0), (REJECTED, 0), (ENTRIES, 1)]


def begin_reading(store: Store) -> LoadingProgress:
    """Begin to read every place at its first record."""
    progress = LoadingProgress(store)
    progress.begin_places(dict.fromkeys(PLACES, ReadExtent(0, 0)))
    return progress


def test_loading_begins_again_no_later_than_the_store_reaches(store: Store, writer: Writer) -> None:
    """Two entries are read and written, and the refusal between them is not: who is killed now reads them again."""
    progress = begin_reading(store)
    writer.write_entries(make_entry(0, 0, 1), make_entry(0, 2, 3, previous=1))
    progress.note_read({(ENTRIES, 0): ReadExtent(2, 3)})
    progress.save_progress(every=0.0)
    assert read_progress(store)[ENTRIES, 0] == 2
    assert read_starts(store)[ENTRIES, 0] == ReadExtent(0, 0)
    writer.write_rejections(make_rejection(0, 1, 2))
    progress.note_read({(REJECTED, 0): ReadExtent(1, 2)})
    progress.save_progress(every=0.0)
    assert read_starts(store) == {
        (ENTRIES, 0): ReadExtent(2, 3), (REJECTED, 0): ReadExtent(1, 2), (ENTRIES, 1): ReadExtent(0, 0),
    }  # fmt: skip
    assert progress.find_reached() == {0: 3, 1: 0}


def test_who_is_never_wholly_within_moves_on_all_the_same(store: Store, writer: Writer) -> None:
    """Entries are always a record ahead of the refusals: what was read first is waited for, and then the next."""
    progress = begin_reading(store)
    for offset in (1, 3, 5):
        writer.write_entries(make_entry(0, offset, offset, previous=offset - 1))
        progress.note_read({(ENTRIES, 0): ReadExtent(offset, offset + 1)})
        progress.save_progress(every=0.0)
        writer.write_rejections(make_rejection(0, offset - 1, offset - 1))
    assert read_starts(store)[ENTRIES, 0] == ReadExtent(3, 4)
    progress.note_read({(REJECTED, 0): ReadExtent(1, 1)})
    progress.save_progress(every=0.0)
    assert read_starts(store)[ENTRIES, 0] == ReadExtent(5, 6)


def test_damage_bounds_where_loading_begins(store: Store, writer: Writer) -> None:
    """Nothing past the first damaged row counts, so what was read past it is read again."""
    progress = begin_reading(store)
    writer.write_entries(*(make_entry(0, offset, offset) for offset in range(3)))
    store.note_damage({0: 1})
    progress.note_read({(ENTRIES, 0): ReadExtent(3, 3)})
    progress.save_progress(every=0.0)
    assert read_starts(store)[ENTRIES, 0] == ReadExtent(0, 0)


def test_what_is_not_new_is_not_written_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has read anything; and what was read just now waits for its second."""
    written: list[dict[tuple[str, int], int]] = []
    monkeypatch.setattr("sinks.progress.write_progress", lambda _, come, __: written.append(dict(come)))
    progress = begin_reading(store)
    progress.save_progress(every=0.0)
    progress.note_read({})
    progress.save_progress(every=0.0)
    assert written == []
    progress.note_read({(ENTRIES, 0): ReadExtent(1, 1)})
    progress.save_progress(every=1_000.0)
    assert written == []
    progress.save_progress(every=0.0)
    assert written == [{(ENTRIES, 0): 1, (REJECTED, 0): 0, (ENTRIES, 1): 0}]


def test_places_that_went_to_another_are_written_no_more(store: Store) -> None:
    """The other has come further meanwhile."""
    progress = begin_reading(store)
    progress.note_read({(ENTRIES, 0): ReadExtent(4, 4), (ENTRIES, 1): ReadExtent(2, 2)})
    progress.forget_places([(ENTRIES, 0)])
    write_progress(store, {(ENTRIES, 0): 9})
    progress.save_progress(every=0.0)
    assert {place: read_progress(store)[place] for place in ((ENTRIES, 0), (ENTRIES, 1))} == {
        (ENTRIES, 0): 9, (ENTRIES, 1): 2,
    }  # fmt: skip
