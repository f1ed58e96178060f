"""How far the store has come, on every store: proved, or not claimed. Offsets and minutes are written by hand."""

from ledger.entries import EntryPart
from sinks import positions
from sinks.positions import find_frontiers
from sinks.store import Store
from tests.sinks.records import Writer, count_millis_of, make_entry, make_rejection


def test_positions_are_the_first_offsets_not_covered(store: Store, writer: Writer) -> None:
    """Entries and refusals cover a partition together; holes in the offsets are covered by whoever comes after them."""
    assert positions.find_stored(store) == {}
    writer.write_entries(make_entry(0, 0, 1), make_entry(0, 4, 1, previous=1), make_entry(1, 2, 1, previous=-1))
    assert positions.find_stored(store) == {0: 1, 1: 3}, "offset 1 of partition 0 is in nobody's hands"
    writer.write_rejections(make_rejection(0, 1, 1))
    assert positions.find_stored(store) == {0: 5, 1: 3}
    writer.write_entries(make_entry(0, 4, 1, previous=1), make_entry(0, 0, 1))
    assert positions.find_stored(store) == {0: 5, 1: 3}, "a redelivery changes no position"
    writer.write_entries(make_entry(0, 9, 1, previous=7))
    assert positions.find_stored(store) == {0: 5, 1: 3}, "offsets 5 to 7 are missing"


def test_a_repeated_row_does_not_hide_a_hole_of_its_length(store: Store, writer: Writer) -> None:
    """Offset 1 is missing and offset 2 stands twice: the lengths add up to 3, and only offset 0 is covered."""
    writer.write_entries(make_entry(0, 0, 1), make_entry(0, 2, 1))
    writer.write_entries(make_entry(0, 2, 1))
    assert positions.find_stored(store) == {0: 1}
    writer.write_entries(make_entry(0, 1, 1))
    assert positions.find_stored(store) == {0: 3}


def test_an_output_that_overlaps_extends_nothing(store: Store, writer: Writer) -> None:
    """One says that 1 to 3 is a single record, another that 1 is one of its own: they contradict each other."""
    writer.write_entries(make_entry(0, 0, 1), make_entry(0, 1, 1), make_entry(0, 3, 1, previous=0))
    assert positions.find_stored(store) == {0: 2}
    writer.write_entries(make_entry(0, 2, 1))
    assert positions.find_stored(store) == {0: 3}, "and what comes after does not follow from it"


def test_a_frontier_says_when_it_was_learnt_and_entered(store: Store, writer: Writer) -> None:
    """The greatest within the chain; what lies past a hole is no part of it; a refusal has no entry time."""
    writer.write_rejections(make_rejection(1, 0, 9))
    writer.write_entries(make_entry(0, 0, 12), make_entry(0, 1, 15), make_entry(0, 3, 99))
    entered = count_millis_of(0)  # of every event that the tests write
    assert find_frontiers(store) == {0: (2, count_millis_of(15), entered), 1: (1, count_millis_of(9), None)}
    writer.write_rejections(make_rejection(0, 2, 16))
    writer.write_entries(make_entry(1, 1, 9))
    assert find_frontiers(store) == {0: (4, count_millis_of(99), entered), 1: (2, count_millis_of(9), entered)}


def test_coverage_that_is_forgotten_is_proved_again(store: Store, writer: Writer) -> None:
    """Rows that vanish behind what was proved are not looked for, until the loader finds the damage and says so."""
    writer.write_entries(*[make_entry(0, offset, 1) for offset in range(5)])
    assert positions.find_stored(store) == {0: 5}
    store.query("ALTER TABLE entries DELETE WHERE offset = 2 SETTINGS mutations_sync = 2")
    assert positions.find_stored(store) == {0: 5}
    store.forget_coverage()
    assert positions.find_stored(store) == {0: 2}


def test_an_entry_in_parts_covers_its_position_with_its_last_part(store: Store, writer: Writer) -> None:
    """Two of three parts, one of them twice: not covered; the third: covered."""
    parts = [make_entry(0, 1, 1, part=EntryPart(number, 3)) for number in range(3)]
    writer.write_entries(make_entry(0, 0, 1), parts[0], parts[2], make_entry(0, 2, 1))
    writer.write_entries(parts[2])
    assert positions.find_stored(store) == {0: 1}
    writer.write_entries(parts[1])
    assert positions.find_stored(store) == {0: 3}
