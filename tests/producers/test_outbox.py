"""The outbox: gapless numbers, stored before they are sent, kept across restarts."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.errors import Misuse, Unavailable
from ledger.events import DisruptionEvent
from producers.drafts import Draft, Message, make_draft
from producers.outbox import Outbox, OutboxEvent

Make = Callable[..., DisruptionEvent]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in a directory that is not there yet."""
    return tmp_path / "new" / "outbox.sqlite"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    """An outbox, closed at the end."""
    made = Outbox(path)
    yield made
    made.close()


def write_message(draft: Draft, sequence: int | None) -> Message:
    """A message that shows its number; D-13 cannot be encoded."""
    if draft.fact.threat_id == "T-13":
        raise Misuse("too large")
    return Message(draft.fact.threat_id.encode(), str(sequence).encode(), [("ce_id", b"x"), ("none", None)])


def list_numbers(outbox: Outbox, *events: DisruptionEvent) -> list[str]:
    """What was written as the number of each event; its refusal for one that was refused."""
    stored = outbox.store_drafts([make_draft(event) for event in events], write_message)
    return [each.message.value.decode() if isinstance(each, OutboxEvent) else str(each) for each in stored]


def test_an_outbox_that_could_not_be_opened_is_held_by_nobody(path: Path) -> None:
    """Its file is garbage; once that is put right, the same process opens it."""
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 100)
    with pytest.raises(Unavailable, match="cannot be used"):
        Outbox(path)
    path.unlink()
    Outbox(path).close()


def test_each_recorder_counts_from_one_without_gaps(outbox: Outbox, event: Make) -> None:
    """Two recorders, two sequences."""
    assert list_numbers(outbox, event(1), event(2, recorded_by="essex"), event(3)) == ["1", "1", "2"]
    assert list_numbers(outbox, event(4)) == ["3"]


def test_an_event_that_cannot_be_encoded_uses_no_number(outbox: Outbox, event: Make) -> None:
    """The next one has it."""
    assert list_numbers(outbox, event(1), event(13), event(2)) == ["1", "too large", "2"]
    assert len(outbox.list_after(0)) == 2


def test_an_event_that_brings_its_number_keeps_it(outbox: Outbox, event: Make) -> None:
    """It is stored, and not counted."""
    assert list_numbers(outbox, event(1, source_sequence=40), event(2)) == ["None", "1"]


def test_the_same_event_again_has_the_same_number(outbox: Outbox, event: Make) -> None:
    """After a crash a caller may publish again what it does not know to be published: the ledger sees a resend."""
    assert list_numbers(outbox, event(1), event(2), event(1)) == ["1", "2", "1"]
    outbox.remove_events([each.number for each in outbox.list_after(0)])
    assert list_numbers(outbox, event(2), event(3)) == ["2", "3"]


def test_numbers_go_on_after_a_restart(outbox: Outbox, path: Path, event: Make) -> None:
    """And what was not acknowledged is still there, in order, as it was."""
    list_numbers(outbox, event(1), event(2), event(3))
    first = outbox.list_after(0)
    outbox.remove_events([first[1].number])
    outbox.close()
    again = Outbox(path)
    assert again.list_after(0) == [first[0], first[2]]
    assert (again.count_after(0), again.count_after(first[0].number)) == (2, 1)
    assert list_numbers(again, event(4)) == ["4"]
    again.close()


def test_one_publisher_at_a_time_holds_it(outbox: Outbox, path: Path) -> None:
    """Two that counted on their own would give one number twice."""
    with pytest.raises(Misuse, match="another publisher holds this outbox"):
        Outbox(path)
    outbox.close()
    Outbox(path).close()


def test_a_sequence_kept_elsewhere_until_now_is_continued(outbox: Outbox, event: Make) -> None:
    """Forward only."""
    outbox.continue_after("kent", 500)
    assert list_numbers(outbox, event(1)) == ["501"]
    with pytest.raises(Misuse, match="never goes back"):
        outbox.continue_after("kent", 500)


def test_a_file_that_is_no_outbox_is_unavailable(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable, match="the outbox cannot be used"):
        Outbox(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_disk_that_fails_numbers_nothing(outbox: Outbox, path: Path, event: Make) -> None:
    """Locked by somebody's tool, say: once it lets go, the number is still free."""
    intruder = sqlite3.connect(path)
    outbox._database.execute("PRAGMA busy_timeout = 10")
    intruder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        list_numbers(outbox, event(1))
    intruder.rollback()
    intruder.close()
    assert list_numbers(outbox, event(2)) == ["1"]


def test_a_full_disk_numbers_nothing_and_keeps_what_is_there(outbox: Outbox, event: Make) -> None:
    """It says so; with room again the number is the next one."""
    assert list_numbers(outbox, event(1)) == ["1"]
    before = outbox.list_after(0)
    (pages,) = outbox._database.execute("PRAGMA page_count").fetchone()
    outbox._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unavailable, match="the disk is full"):
        list_numbers(outbox, *(event(n, reason="x" * 500) for n in range(2, 500)))
    assert outbox.list_after(0) == before
    outbox._database.execute("PRAGMA max_page_count = 100000")
    assert list_numbers(outbox, event(2)) == ["2"]


def test_a_place_that_cannot_be_written_is_the_callers_mistake(tmp_path: Path) -> None:
    """With the path and the remedy."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misuse, match=r"file/outbox\.sqlite cannot be made .*choose a state directory"):
        Outbox(tmp_path / "file" / "outbox.sqlite")
