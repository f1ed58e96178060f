"""What was stored last is at hand between any two positions that were told without a break, and nothing else is."""

import pytest

from sinks import told_legs
from sinks.coverage import Coverage
from sinks.frontier import Frontier
from sinks.positions import find_stored
from sinks.store import Store
from sinks.told_legs import ChainedOutput, ToldLegs
from tests.sinks.records import Writer, make_entry, make_leg, make_rejection, make_threat_leg


def make_output(partition: int, offset: int, previous: int | None = None, size: int = 1) -> ChainedOutput:
    before = offset - 1 if previous is None else previous
    return ChainedOutput(partition, offset, before, 100, size=size)


def list_places(legs: ToldLegs, start: dict[int, int], end: dict[int, int]) -> list[tuple[int, int]] | None:
    """Where those between two positions lie; None where they are not at hand."""
    found = legs.list_between(start, end)
    return None if found is None else sorted((one.partition, one.offset) for one in found)


@pytest.fixture
def told() -> ToldLegs:
    """Of partition 0 the offsets 4, 5 and 8 (6 and 7 are a transaction's, which 8 covers), of partition 1 offset 0."""
    made = ToldLegs()
    for one in (make_output(0, 4), make_output(1, 0), make_output(0, 5), make_output(0, 8, 5)):
        made.add_output(one)
    return made


def test_what_came_between_two_positions_is_at_hand(told: ToldLegs) -> None:
    """From the beginning of any output to the end of any; where nothing came, there is nothing."""
    assert list_places(told, {0: 4}, {0: 9, 1: 1}) == [(0, 4), (0, 5), (0, 8), (1, 0)]
    assert list_places(told, {0: 5, 1: 1}, {0: 6, 1: 1}) == [(0, 5)]
    assert list_places(told, {0: 9, 1: 1}, {0: 9, 1: 1}) == []
    assert list_places(told, {0: 2, 7: 3}, {0: 2, 7: 3}) == [], "nothing came, whoever is at hand"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ({0: 3}, {0: 6}),
        ({0: 5}, {0: 10}),
        ({0: 6}, {0: 8}),
        ({0: 7}, {0: 9}),
        ({0: 6}, {0: 5}),
        ({0: 5, 1: 1}, {0: 6}),
        ({}, {2: 1}),
    ],
    ids=["from before", "to after", "to within", "from within", "backwards", "a partition gone", "one not told of"],
)
def test_what_is_not_at_hand_is_not_told(told: ToldLegs, start: dict[int, int], end: dict[int, int]) -> None:
    """The store is asked then."""
    assert told.list_between(start, end) is None


def test_a_break_forgets_what_came_before_it(told: ToldLegs) -> None:
    """Offset 9 was proved by the store and never told: what came before 10 does not reach to it."""
    told.add_output(make_output(0, 10))
    assert list_places(told, {0: 4}, {0: 9}) is None
    assert list_places(told, {0: 10}, {0: 11}) == [(0, 10)]
    assert list_places(told, {0: 11}, {0: 11, 1: 1}) == [(1, 0)], "another partition is as it was"


def test_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are kept, of 10 bytes together: the fourth takes the first one's place, and a large one that of two."""
    monkeypatch.setattr(told_legs, "KEPT_MOST", 3)
    monkeypatch.setattr(told_legs, "KEPT_BYTES_MOST", 10)
    told = ToldLegs()
    for offset in range(4):
        told.add_output(make_output(0, offset))
    assert list_places(told, {0: 0}, {0: 4}) is None
    assert list_places(told, {0: 1}, {0: 4}) == [(0, 1), (0, 2), (0, 3)]
    told.add_output(make_output(0, 4, size=9))
    assert list_places(told, {0: 2}, {0: 5}) is None
    assert list_places(told, {0: 3}, {0: 5}) == [(0, 3), (0, 4)]
    told.add_output(make_output(0, 5, size=11))
    assert list_places(told, {0: 5}, {0: 6}) is None, "larger than all that is kept"


def test_a_break_in_a_run_leaves_the_count_of_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a break forgot is no more at hand when its turn to be forgotten comes, and nothing else is lost by it."""
    monkeypatch.setattr(told_legs, "KEPT_MOST", 2)
    told = ToldLegs()
    for offset in (0, 5, 6):
        told.add_output(make_output(0, offset))
    assert list_places(told, {0: 5}, {0: 7}) == [(0, 5), (0, 6)]


def test_a_store_that_others_write_to_tells_nothing() -> None:
    """Whoever else writes there is not heard here; and what one coverage was told, the next one was not."""
    shared, own = Coverage(is_told=False), Coverage(is_told=True)
    own.learn_asked(own.read_proved(), {0: Frontier(1, 100, None)}, set())
    for one in (shared, own):
        with one.note_write({0}) as write:
            write.tell_stored([make_output(0, 1)])
    assert own.list_told({0: 1}, {0: 2}) == [make_output(0, 1)]
    assert shared.list_told({0: 1}, {0: 1}) is None
    assert own.renew_proof().list_told({0: 1}, {0: 2}) is None


@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
def test_the_legs_are_those_that_were_written(store: Store, writer: Writer) -> None:
    """Of each entry its own, and its threat; of a refusal none; a threat's are no disruption's; however often asked."""
    writer.write_entries(make_entry(0, 0, 1))
    assert find_stored(store) == {0: 1}
    legs = [make_leg(1, 2), make_leg(-1, 3, "D2", on="2022-03-01", organisation="essex", type="SUPPORT")]
    writer.write_entries(make_entry(0, 1, 2, legs), make_entry(0, 2, 3, [], [make_threat_leg(1, 3)], threat="T2"))
    writer.write_rejections(make_rejection(0, 3, 4))
    told = store.coverage.list_told({0: 1}, {0: 4})
    assert told is not None
    for _ in range(2):
        assert [list(one.list_legs()) for one in reversed(told)] == [legs, [], []]
    assert [one.threat_id for one in reversed(told)] == ["T1", "T2", ""]


@pytest.mark.parametrize("settings", ["embedded"], indirect=True)
def test_an_entry_that_names_no_threat_is_not_told(store: Store, writer: Writer) -> None:
    """Sums go on by the threats that are named: the store is asked of what follows it."""
    writer.write_entries(make_entry(0, 0, 1))
    assert find_stored(store) == {0: 1}
    writer.write_entries(make_entry(0, 1, 2, [make_leg(1, 2)], threat=""))
    assert find_stored(store) == {0: 2}
    assert store.coverage.list_told({0: 1}, {0: 2}) is None
