"""The plan of a restore, written by a stand-in for a log that numbers what it is given: every record has its offset."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import restore_plan
from services.restore_plan import RestoredRecord, Stretch, UnfitHole, plan_stretches


def make_record(offset: int) -> RestoredRecord:
    """A record of that offset."""
    return RestoredRecord(offset, offset, b"k", b"%d" % offset, ())


def plan_records(offsets: Sequence[int], start: int = 0, end: int | None = None) -> list[Stretch]:
    """What is written for records at these offsets."""
    behind = max(offsets, default=-1) + 1 if end is None else end
    return list(plan_stretches(map(make_record, offsets), start, behind))


def write_as_kafka(stretches: Sequence[Stretch]) -> tuple[list[int], int]:
    """Write as Kafka does, by hand: where records come to lie that a reader of committed ones sees, and the end."""
    at, seen = 0, []
    for one in stretches:
        assert one.start == at
        at += one.settled  # an abort's marker
        assert one.hole != 1  # an aborted transaction of no record writes nothing
        at += one.hole + one.begun
        for found in one.records:
            seen.append((at, found.offset))
            at += 1
        at += one.marked
    assert all(at == offset for at, offset in seen)
    return [offset for _, offset in seen], at


def test_what_has_no_holes_is_written_as_it_is() -> None:
    """One stretch of three."""
    assert [(one.hole, len(one.records), one.marked) for one in plan_records([0, 1, 2])] == [(0, 3, False)]


def test_a_hole_of_one_is_the_marker_of_the_record_before_it() -> None:
    """0, then its marker at 1, then 2."""
    assert [(one.hole, len(one.records), one.marked) for one in plan_records([0, 2])] == [(0, 1, True), (0, 1, False)]


def test_a_larger_hole_is_an_aborted_transaction() -> None:
    """1 to 3 are two records that nobody reads, and a marker."""
    assert [(one.start, one.hole, len(one.records)) for one in plan_records([0, 4])] == [(0, 0, 1), (1, 3, 1)]


def test_a_hole_of_one_at_the_beginning_is_paid_in_the_next_hole_or_behind_the_end() -> None:
    """0 is a record of a transaction whose marker lies at 2; where there is no other hole, at 2 behind the 1."""
    first, second = plan_records([1, 3])
    assert (first.begun, first.settled, len(first.records)) == (True, False, 1)
    assert (second.settled, second.hole, second.start) == (True, 0, 2)
    assert [(one.start, one.settled) for one in plan_records([1])] == [(0, False), (2, True)]


def test_offsets_behind_the_last_record_are_passed() -> None:
    """Deleted records of which a loss was acknowledged: up to before 7."""
    assert write_as_kafka(plan_records([0, 1], end=7)) == ([0, 1], 7)
    assert write_as_kafka(plan_records([], end=3)) == ([], 3)
    assert write_as_kafka(plan_records([], end=1)) == ([], 2)


def test_a_hole_of_which_all_but_one_was_written_cannot_be_completed() -> None:
    """1 to 3 are missing, and 1 and 2 are there: no transaction is one offset long."""
    with pytest.raises(UnfitHole):
        plan_records([0, 4], start=3)
    assert [(one.start, one.hole, len(one.records)) for one in plan_records([0, 4], start=2)] == [(2, 2, 1)]


@given(st.sets(st.integers(0, 40)), st.integers(1, 4))
def test_every_history_of_offsets_comes_to_lie_where_it_was(offsets: set[int], most: int) -> None:
    """However the holes lie, and however small the stretches are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restore_plan, "STRETCH_RECORDS", most)
        written = write_as_kafka(plan_records(sorted(offsets)))
    behind = max(offsets, default=-1) + 1
    assert written[0] == sorted(offsets)
    assert written[1] in (behind, behind + 1)
