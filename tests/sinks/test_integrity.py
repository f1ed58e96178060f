"""Stored legs are held to what their entries say: what is lost is found, named by its position, and found only once."""

from typing import Final

import pytest

from ledger.entries import EntryPart
from sinks import integrity
from sinks.integrity import IntegrityCheck, describe_damage, find_holes, find_lost_legs, find_shortened
from sinks.positions import find_covered
from sinks.store import Store
from tests.sinks.records import Writer, make_entry, make_leg, make_rejection, make_threat_leg

SYNC: Final = "SETTINGS mutations_sync = 2"
ENDS: Final = {0: 9, 1: 9}  # of ``soc.published``


def inspect_partition(check: IntegrityCheck, *, is_caught_up: bool = True) -> dict[int, int]:
    """Have partition 0 looked at."""
    return check.inspect_partitions({0}, ENDS, {}, is_caught_up=is_caught_up)


def lose_entries(store: Store, first: int) -> None:
    """Lose the entries from an offset on, and keep their legs: what a write leaves that was cut off between the two."""
    store.query(f"ALTER TABLE entries DELETE WHERE partition = 0 AND offset >= {first} {SYNC}")


def test_a_whole_store_has_lost_nothing(store: Store, writer: Writer) -> None:
    """Entries with no leg, with several, of the threat, written twice: each has what it says."""
    values = (
        make_entry(0, 0, 1, [], [make_threat_leg(1, 1)]),
        make_entry(0, 1, 2, [make_leg(-1, 1), make_leg(1, 1)]),
        make_entry(1, 0, 2, []),
    )
    writer.write_entries(*values)
    writer.write_entries(values[1])
    assert find_lost_legs(store, {0, 1}) == find_holes(store, {0: 9, 1: 9}) == {}


@pytest.mark.parametrize("table", ["postings", "threat_postings"])
def test_a_lost_leg_is_found_at_its_position(store: Store, writer: Writer, table: str) -> None:
    """Offset 1 of partition 0 lost a leg; partition 1 is whole, and other partitions are not looked at."""
    legs = [make_leg(-1, 1), make_leg(1, 1)], [make_threat_leg(1, 1)]
    writer.write_entries(
        make_entry(0, 0, 1, *legs), make_entry(0, 1, 2, *legs), make_entry(0, 2, 3, *legs), make_entry(1, 1, 2, *legs)
    )
    store.query(f"ALTER TABLE {table} DELETE WHERE partition = 0 AND offset = 1 AND leg = 0 {SYNC}")
    assert find_lost_legs(store, {0, 1}) == {0: 1}
    assert find_lost_legs(store, {1}) == {}


def test_a_leg_lost_and_another_invented_do_not_cancel(store: Store, writer: Writer) -> None:
    """As many rows as there must be, and not those."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]), make_entry(0, 1, 2, [make_leg(1, 1)]))
    store.query(f"ALTER TABLE postings DELETE WHERE offset = 0 {SYNC}")
    store.query(
        "INSERT INTO postings SELECT * REPLACE (toUInt32(7) AS leg) FROM postings WHERE offset = 1 LIMIT 1",
    )
    assert find_lost_legs(store, {0}) == {0: 0}


def test_lost_entries_leave_a_hole(store: Store, writer: Writer) -> None:
    """Found at the first offset that nothing covers, though it had been proved covered before."""
    writer.write_entries(*(make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(4)))
    writer.write_rejections(make_rejection(0, 4, 4))
    assert find_holes(store, {0: 9}) == {}
    store.query(f"ALTER TABLE entries DELETE WHERE offset = 2 {SYNC}")
    assert find_holes(store, {0: 9}) == {0: 2}
    assert find_lost_legs(store, {0}) == {0: 2}  # its leg is there without it


def test_damage_is_loaded_again_once_for_each_finding(store: Store, writer: Writer) -> None:
    """The same finding is not loaded for ever; mended, it is forgotten, and found anew when it comes back."""
    check = IntegrityCheck(store)
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]))
    assert inspect_partition(check) == {}
    store.query(f"ALTER TABLE postings DELETE WHERE offset = 0 {SYNC}")
    assert inspect_partition(check) == {0: 0}
    check.mark_reloading({0: 0})
    assert inspect_partition(check) == {}
    assert store.damaged == {0: 0}
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]))
    assert inspect_partition(check) == store.damaged == {}
    store.query(f"ALTER TABLE postings DELETE WHERE offset = 0 {SYNC}")
    assert inspect_partition(check) == {0: 0}


def test_a_chain_that_is_shorter_than_it_was_is_a_loss(store: Store, writer: Writer) -> None:
    """The newest output is lost with all that tells of it: it has no legs, and nothing comes after it."""
    writer.write_entries(make_entry(0, 0, 0))
    writer.write_rejections(make_rejection(0, 1, 1), make_rejection(1, 0, 1))
    assert find_shortened(store, {0: 2, 1: 1}) == {}
    store.query(f"ALTER TABLE rejected DELETE WHERE partition = 0 {SYNC}")
    store.query(f"ALTER TABLE rejected DELETE WHERE partition = 1 {SYNC}")
    store.forget_coverage()
    assert find_shortened(store, {0: 2, 1: 1}) == {0: 1, 1: 0}
    check = IntegrityCheck(store)
    assert check.inspect_partitions({0}, ENDS, {0: 2, 1: 1}, is_caught_up=False) == store.damaged == {0: 1}
    writer.write_rejections(make_rejection(0, 1, 1))
    assert check.inspect_partitions({0}, ENDS, {0: 2}, is_caught_up=False) == store.damaged == {}


def test_a_hole_is_a_loss_only_when_it_lasts(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that was killed leaves one, which the next worker fills; not caught up, none is looked for."""
    check = IntegrityCheck(store)
    writer.write_entries(make_entry(0, 0, 1), make_entry(0, 2, 3, previous=1))
    assert inspect_partition(check) == {}
    monkeypatch.setattr(integrity, "HOLE_SECONDS", 0.0)
    assert inspect_partition(check, is_caught_up=False) == {}
    assert inspect_partition(check) == {0: 1}


@pytest.mark.parametrize("table", ["postings", "threat_postings"])
def test_legs_past_the_last_entry_are_a_write_cut_off_until_all_is_loaded(
    store: Store, writer: Writer, table: str
) -> None:
    """Offsets 1 and 2 have legs and no entry: nothing is loaded again for them while records may still explain them."""
    legs = (
        [make_leg(1, 1)] if table == "postings" else [],
        [make_threat_leg(1, 1)] if table == "threat_postings" else [],
    )
    writer.write_entries(*(make_entry(0, offset, offset, *legs) for offset in range(3)))
    lose_entries(store, 1)
    check = IntegrityCheck(store)
    assert inspect_partition(check, is_caught_up=False) == store.damaged == {}
    writer.write_entries(*(make_entry(0, offset, offset, *legs) for offset in (1, 2)))
    assert inspect_partition(check) == store.damaged == {}
    lose_entries(store, 2)
    assert inspect_partition(check) == store.damaged == {0: 2}


def test_legs_past_the_last_entry_that_nothing_explains_are_loaded_again_once(store: Store, writer: Writer) -> None:
    """Found when all is loaded, they stay damage while all is loaded again, and no third time is tried."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]), make_entry(0, 1, 2, [make_leg(1, 1)]))
    lose_entries(store, 1)
    check = IntegrityCheck(store)
    assert inspect_partition(check) == {0: 1}
    assert inspect_partition(check, is_caught_up=False) == {0: 1}
    check.mark_reloading({0: 1})
    assert inspect_partition(check, is_caught_up=False) == inspect_partition(check) == {}
    assert store.damaged == {0: 1}
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 1)]))
    assert inspect_partition(check, is_caught_up=False) == {}
    assert store.damaged == {0: 1}
    assert inspect_partition(check) == store.damaged == {}


def test_legs_without_their_entry_are_damage_at_once_below_the_end_of_the_chain(store: Store, writer: Writer) -> None:
    """Three outputs follow each other, and the second lost its entry: no write was cut off there."""
    writer.write_entries(*(make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(3)))
    assert find_covered(store) == {0: 3}
    store.query(f"ALTER TABLE entries DELETE WHERE offset = 1 {SYNC}")
    assert inspect_partition(IntegrityCheck(store), is_caught_up=False) == {0: 1}


def test_legs_without_their_entry_past_the_chain_are_damage_once_all_was_loaded(store: Store, writer: Writer) -> None:
    """Offset 1 has no entry though 2 has its own: a broker may have refused the one and taken the other.

    The next worker writes both anew; so the record of 1 may be what comes next, and until then nobody can tell.
    """
    writer.write_entries(*(make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(3)))
    store.query(f"ALTER TABLE entries DELETE WHERE offset = 1 {SYNC}")
    check = IntegrityCheck(store)
    assert inspect_partition(check, is_caught_up=False) == store.damaged == {}
    assert inspect_partition(check) == store.damaged == {0: 1}


def test_a_lost_leg_and_a_write_cut_off_are_damage_together(store: Store, writer: Writer) -> None:
    """Offset 0 lost its leg, 2 has no entry yet: loaded again from 0 on."""
    writer.write_entries(*(make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(3)))
    lose_entries(store, 2)
    store.query(f"ALTER TABLE postings DELETE WHERE offset = 0 {SYNC}")
    assert inspect_partition(IntegrityCheck(store), is_caught_up=False) == {0: 0}


def test_a_forged_entry_of_a_far_position_makes_no_damage_of_a_write_cut_off(store: Store, writer: Writer) -> None:
    """It claims offset 10^12 of 9 that were published: no entry comes after it."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]), make_entry(0, 1, 2, [make_leg(1, 1)]))
    lose_entries(store, 1)
    writer.write_entries(make_entry(0, 10**12, 2))
    assert inspect_partition(IntegrityCheck(store), is_caught_up=False) == {}


@pytest.mark.parametrize("offset", [0, 1], ids=["followed", "last"])
def test_parts_of_an_entry_that_were_cut_off_are_damage_once_all_was_loaded(
    store: Store, writer: Writer, offset: int
) -> None:
    """Of two parts of one entry both have their legs, and one is there: the other is loaded next, or was lost."""
    parts = [
        make_entry(0, offset, 1, [make_leg(1, 1), make_leg(1, 1)], part=EntryPart(part, 2, 2 * part)) for part in (0, 1)
    ]
    writer.write_entries(make_entry(0, 1 - offset, 1, [make_leg(1, 1)]), *parts)
    store.query(f"ALTER TABLE entries DELETE WHERE partition = 0 AND offset = {offset} AND part = 1 {SYNC}")
    check = IntegrityCheck(store)
    assert inspect_partition(check, is_caught_up=False) == {}
    assert inspect_partition(check) == {0: offset}


def test_a_cut_off_write_is_looked_at_again_soon(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """In seconds, not minutes: it may be nobody's."""
    monkeypatch.setattr(integrity, "CHECK_AGAIN_SECONDS", -1.0)
    check = IntegrityCheck(store)
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]))
    inspect_partition(check, is_caught_up=False)
    assert not check.is_due(is_busy=False)
    lose_entries(store, 0)
    inspect_partition(check, is_caught_up=False)
    assert check.is_due(is_busy=False)
    assert not check.is_due(is_busy=True)  # a minute later, where there is always something to write


def test_a_hole_stays_damage_until_all_is_loaded_again(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost refusal leaves no leg behind: only who has loaded all sees it, and who begins again must know of it."""
    monkeypatch.setattr(integrity, "HOLE_SECONDS", 0.0)
    check = IntegrityCheck(store)
    writer.write_rejections(make_rejection(0, 0, 1), make_rejection(0, 1, 2), make_rejection(0, 2, 3))
    store.query(f"ALTER TABLE rejected DELETE WHERE offset = 1 {SYNC}")
    assert inspect_partition(check) == inspect_partition(check, is_caught_up=False) == {0: 1}
    check.mark_reloading({0: 1})
    assert inspect_partition(check, is_caught_up=False) == inspect_partition(check) == {}
    writer.write_rejections(make_rejection(0, 1, 2))
    assert inspect_partition(check) == store.damaged == {}


def test_damage_is_said_with_its_places() -> None:
    """One sentence for an operator; none for nothing."""
    assert describe_damage({}) is None
    said = describe_damage({3: 17, 1: 4})
    assert said is not None
    assert "partition 1 from offset 4 on, partition 3 from offset 17 on" in said


def test_a_position_past_the_end_of_what_was_published_makes_no_hole(store: Store, writer: Writer) -> None:
    """Somebody forged offset 10^12: what lies before it is not missing, it was never there."""
    writer.write_entries(make_entry(0, 0, 0), make_entry(0, 1, 1), make_entry(0, 10**12, 2))
    assert find_holes(store, {0: 2}) == {}
