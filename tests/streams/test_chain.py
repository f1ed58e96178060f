"""The chain of outputs: its end is where reading goes on, in whatever order and however often outputs are found."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import EntryPart
from streams.chain import OutputChain


def join_chain(*links: tuple[int, int], covered: int = -1) -> OutputChain:
    chain = OutputChain(covered, 0)
    for previous, offset in links:
        chain.add_output(previous, offset, offset)
        list(chain.follow_links())
    return chain


def test_a_partition_without_outputs_begins_at_its_first_record() -> None:
    """Nothing is covered: -1."""
    assert join_chain().covered == -1


def test_holes_in_the_offsets_are_covered() -> None:
    """0, then 4 which covers 1 to 4."""
    assert join_chain((-1, 0), (0, 4)).covered == 4


def test_outputs_past_a_break_are_remembered() -> None:
    """1 lacks (a crash between the two topics): 2 and 3 are there, to be folded and not written again."""
    chain = join_chain((-1, 0), (1, 2), (2, 3))
    assert (chain.covered, set(chain.list_beyond())) == (0, {2, 3})


def test_repeated_outputs_change_nothing() -> None:
    """A stale worker repeats 0 and 1 after 2."""
    chain = join_chain((-1, 0), (0, 1), (1, 2), (-1, 0), (0, 1))
    assert (chain.covered, chain.list_beyond()) == (2, {})


def test_ledger_time_is_the_greatest_passed() -> None:
    """Beyond the break it is not yet learnt."""
    chain = OutputChain(-1, 7)
    chain.add_output(-1, 0, 5)
    chain.add_output(1, 2, 99)
    list(chain.follow_links())
    assert chain.ledger_time == 7


@given(st.data())
def test_the_end_is_the_longest_unbroken_beginning(data: st.DataObject) -> None:
    """Any offsets with holes, any of their outputs lacking, any order, any repeats."""
    offsets = sorted(data.draw(st.sets(st.integers(0, 40), min_size=1)))
    links = list(zip([-1, *offsets], offsets, strict=False))
    lacking = data.draw(st.sets(st.sampled_from(offsets)))
    there = [link for link in links if link[1] not in lacking]
    shuffled = data.draw(st.permutations(there + there[: len(there) // 2]))
    chain = join_chain(*shuffled)
    unbroken = [offset for offset in offsets if not any(one <= offset for one in lacking)]
    assert chain.covered == (unbroken[-1] if unbroken else -1)
    assert set(chain.list_beyond()) == {offset for _, offset in there if offset > chain.covered}


def test_an_entry_in_parts_joins_when_all_of_them_are_there() -> None:
    """Three parts of 1, in any order and one of them twice; 2 waits for them."""
    chain = OutputChain(-1, 0)
    chain.add_output(-1, 0, 5)
    chain.add_output(1, 2, 9)
    for part in (2, 0, 0):
        chain.add_output(0, 1, 7, None, EntryPart(part, 3, part * 10))
        list(chain.follow_links())
    assert (chain.covered, chain.list_begun(), chain.list_beyond(), chain.has_loose_entries()) == (
        0,
        {1: {0, 2}},
        {2: None},
        True,
    )
    chain.add_output(0, 1, 7, None, EntryPart(1, 3, 10))
    list(chain.follow_links())
    assert (chain.covered, chain.list_begun(), chain.list_beyond()) == (2, {}, {})
    assert not chain.has_loose_entries()


def test_a_whole_output_takes_the_place_of_an_entry_that_lacks_parts() -> None:
    """The entry's event was deleted before the other parts were written, and the loss acknowledged: up to 4."""
    chain = OutputChain(-1, 0)
    chain.add_output(-1, 0, 5, None, EntryPart(0, 2, 0))
    chain.add_output(-1, 4, 5)
    list(chain.follow_links())
    assert (chain.covered, chain.list_begun()) == (4, {})
