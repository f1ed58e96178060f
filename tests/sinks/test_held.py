"""What the store holds already: the chain from the beginning, and past its end exactly what is there."""

from infra.topics import ENTRIES, REJECTED
from ledger.entries import EntryPart
from sinks.block import SourcePosition
from sinks.held import HeldPositions, find_held
from sinks.store import Store
from tests.sinks.records import Writer, make_entry, make_leg, make_rejection

PLACES = [(ENTRIES, 0), (REJECTED, 0), (ENTRIES, 1)]


def test_a_position_is_new_once() -> None:
    """Each part of an entry is a position of its own; what the chain proved is not new."""
    held = HeldPositions(below=5)
    asked = [SourcePosition(4), SourcePosition(5), SourcePosition(5, 1), SourcePosition(5), SourcePosition(9)]
    assert [held.take_new(one) for one in asked] == [False, True, True, False, True]
    held.forget_below(6)
    assert [held.take_new(one) for one in asked] == [False, False, False, False, False]


def test_a_forged_far_position_makes_nothing_before_it_look_held(store: Store, writer: Writer) -> None:
    """Offsets 0 and 1 are held, and 10^12 that somebody forged; 2 is not."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)]), make_entry(0, 10**12, 2))
    writer.write_rejections(make_rejection(0, 1, 1))
    held = find_held(store, PLACES)
    assert [held[ENTRIES, 0].take_new(SourcePosition(offset)) for offset in (0, 1, 2, 10**12)] == [
        False, False, True, False,
    ]  # fmt: skip
    assert held[REJECTED, 0].take_new(SourcePosition(1)) is False
    assert held[ENTRIES, 1].take_new(SourcePosition(0)) is True


def test_a_part_that_is_there_is_held_and_the_others_are_not(store: Store, writer: Writer) -> None:
    """A loader that died between two parts goes on with the next."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 1)], part=EntryPart(0, 2, 0)))
    held = find_held(store, PLACES)[ENTRIES, 0]
    assert [held.take_new(SourcePosition(0, part)) for part in (0, 1)] == [False, True]


def test_nothing_from_the_first_damaged_row_on_is_held(store: Store, writer: Writer) -> None:
    """It is all written again."""
    writer.write_entries(*(make_entry(0, offset, 1, [make_leg(1, 1)]) for offset in range(4)))
    store.note_damage({0: 2})
    store.forget_coverage()
    held = find_held(store, PLACES)[ENTRIES, 0]
    assert [held.take_new(SourcePosition(offset)) for offset in range(4)] == [False, False, True, True]
