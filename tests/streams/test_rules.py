"""By what the newest output was judged: remembered by books, and held against the rules in force."""

from pathlib import Path

import pytest

from infra.topic_identity import Standstill
from ledger.entries import JudgedBy, SourceRecord
from schemas.judged import name_judge_here
from schemas.stored import StoredRejection
from streams.books import Books, SnapshotReach
from streams.losses import OutputWitness
from streams.rules import hold_rules

ELSEWHERE = JudgedBy("2099.1", "ab" * 32, None, "disruption-ledger 9.9.9")


def test_a_partition_without_outputs_may_be_judged_by_any_rules() -> None:
    """And so may one that was judged by those in force."""
    hold_rules(0, None, 0)
    hold_rules(0, name_judge_here("cd" * 32), 0)


def test_a_partition_that_was_judged_by_rules_that_are_not_known_here_stands() -> None:
    """The sentence names the partition, the rules and the software that has them."""
    with pytest.raises(Standstill, match=r"partition 3 stands: .* rules 2099\.1 of disruption-ledger 9\.9\.9"):
        hold_rules(3, ELSEWHERE, 0)


def test_books_remember_by_what_the_newest_output_was_judged(tmp_path: Path) -> None:
    """The snapshot says it, whatever is read past it."""
    books = Books(tmp_path / "0.sqlite", {"soc.entries": "id"}, 10**9)
    assert books.judged is None
    books.judged = ELSEWHERE
    books.save_books(SnapshotReach(4, 1, 2, 3))
    books.close()
    again = Books(tmp_path / "0.sqlite", {"soc.entries": "id"}, 10**9)
    assert (again.judged, again.reached) == (ELSEWHERE, SnapshotReach(4, 1, 2, 3))
    again.close()


def test_only_outputs_past_the_snapshot_say_by_what_the_newest_was_judged() -> None:
    """A repeated output of before says nothing new."""
    witness = OutputWitness()
    assert witness.find_judged(-1) is None
    source = SourceRecord(0, 5, 4, 77, b"T1", None, ())
    witness.see_output(StoredRejection(source, "UNDECODABLE", "No.", None, None, None, ELSEWHERE))
    assert witness.find_judged(4) == (ELSEWHERE, 77)
    assert witness.find_judged(5) is None
