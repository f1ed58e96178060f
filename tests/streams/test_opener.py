"""A snapshot is put off where the broker does not say how far the topics reach; nothing that is judged waits for it."""

from pathlib import Path

import pytest

from infra.settings import load_settings
from ledger.errors import Unavailable
from methodology.posting import restore_event
from schemas.registry import pin_ids
from streams import assigned_partition
from streams.assigned_partition import AssignedPartition
from streams.books import Books
from streams.intake import FoldProgress, Intake
from streams.partition_opener import PartitionOpener
from streams.reading import RecordReader
from streams.recovery import Recovery
from tests.streams.records import state_threat

TOPICS = {"soc.published": "id-1", "soc.entries": "id-2", "soc.rejected": "id-3"}


class MovingLeader(Recovery):
    """Knows no ends at first: nobody leads the topics."""

    def __init__(self) -> None:
        self.asked = 0

    def read_ends(self, partition: int) -> tuple[int, int]:
        """Fail the first time."""
        assert partition == 0
        self.asked += 1
        if self.asked == 1:
            raise Unavailable("where soc.entries ends is not known: NOT_LEADER_FOR_PARTITION")
        return 7, 2


@pytest.fixture
def assigned(tmp_path: Path) -> AssignedPartition:
    """A partition with one threat that no snapshot has, of which one is due."""
    books = Books(tmp_path / "0.sqlite", TOPICS, 1_000_000)
    restore_event(books.touch_book("T1"), state_threat())
    made = AssignedPartition(books, Intake(RecordReader(pin_ids()).codec, books, FoldProgress(0, covered=8), 1), 1)
    made.unsaved = 1
    made.saved_at -= assigned_partition.SAVE_SECONDS + 1
    return made


def test_a_snapshot_is_put_off_while_a_leader_moves(
    assigned: AssignedPartition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker goes on judging; a while later the snapshot is due again, and written."""
    opener = PartitionOpener(load_settings(tmp_path), tmp_path, pin_ids(), RecordReader(pin_ids()))
    opener.__dict__["_recovery"] = MovingLeader()
    assert assigned.is_save_due()
    opener.save_books(assigned)
    assert not assigned.is_save_due()
    assert Books(tmp_path / "0.sqlite", TOPICS, 1_000_000).reached.covered == -1
    monkeypatch.setattr(assigned, "_put_off_until", 0.0)
    assert assigned.is_save_due()
    opener.save_books(assigned)
    assert Books(tmp_path / "0.sqlite", TOPICS, 1_000_000).reached == (8, 0, 7, 2)
