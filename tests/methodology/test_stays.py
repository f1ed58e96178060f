"""Ended stays in blocks: what is kept, what is found, and that blocks are passed over, not looked through."""

import random

import pytest

from methodology import stays
from methodology.standards import FOREVER
from methodology.stays import NOBODY, ActivitySide, EndedStays, Stay, StayBlock


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Two stays to a block, so that a few are many."""
    monkeypatch.setattr(stays, "BLOCK_STAYS", 2)


def make_side(found):
    ended = EndedStays()
    for one in found:
        ended.add_stay(one)
    return ended


def draw_stays(count, seed):
    """Stays of different disruptions, begun and ended at few instants."""
    rng = random.Random(seed)
    pairs = [(rng.randrange(20), rng.randrange(1, 9)) for _ in range(count)]
    return [Stay((since - since % 3, f"D{n}"), since, since + length) for n, (since, length) in enumerate(pairs)]


def test_of_three_stays_those_are_found_that_overlap_and_have_a_lower_rank():
    """From 4 to before 6: neither the one that ended at 4 nor the one that began at 6; no rank of 5 under 5."""
    first, second, third = Stay((1, "A"), 1, 4), Stay((3, "B"), 3, 5), Stay((5, "C"), 6, 9)
    ended = make_side([third, first, second])
    assert list(ended.list_between(4, 6)) == [second]
    assert list(ended.list_between(3, 7)) == [first, second, third]
    assert list(ended.list_between(3, 7, (5, "C"))) == [first, second]
    assert list(ended.list_between(9, FOREVER)) == []


def test_a_span_is_from_the_first_beginning_to_the_last_end():
    """Of those that ended after the instant, and not before it; FOREVER and FOREVER when there is none."""
    ended = make_side([Stay((1, "A"), 1, 4), Stay((6, "C"), 6, 9), Stay((3, "B"), 3, 5)])
    assert ended.find_span(0) == (1, 9)
    assert ended.find_span(2) == (2, 9)
    assert ended.find_span(5) == (6, 9)
    assert ended.find_span(9) == (FOREVER, FOREVER)
    assert EndedStays().find_span(0) == (FOREVER, FOREVER)


@pytest.mark.parametrize("seed", range(30))
def test_any_stays_in_any_order_are_found_as_a_plain_list_finds_them(seed):
    """Added, and half of them removed again."""
    found = draw_stays(25, seed)
    ended, rng = make_side(found), random.Random(seed)
    for gone in rng.sample(found, 12):
        ended.remove_stay(gone)
        found.remove(gone)
    plain = sorted(found, key=lambda one: (one.until, one.since, one.rank))
    for since in range(-1, 30, 3):
        later = [one for one in plain if one.until > since]
        assert ended.find_span(since) == (
            (max(since, min(one.since for one in later)), later[-1].until) if later else (FOREVER, FOREVER)
        )
        for until, rank in ((since + 4, NOBODY), (FOREVER, (9, "")), (since + 9, (12, "D5"))):
            expected = [one for one in later if one.since < until and one.rank < rank]
            assert list(ended.list_between(since, until, rank)) == expected


def test_the_last_stay_may_go():
    """A block that is empty is none."""
    one = Stay((1, "A"), 1, 4)
    ended = make_side([one])
    ended.remove_stay(one)
    assert list(ended.list_between(0, FOREVER)) == []
    ended.add_stay(one)
    assert list(ended.list_between(0, FOREVER)) == [one]


def test_a_block_beside_the_question_is_not_looked_through():
    """Its earliest beginning and lowest rank are enough to pass it over."""
    ended = make_side([Stay((n, f"D{n}"), n, n + 1) for n in range(100)])
    looked_at = []

    class Watched(list):
        def __iter__(self):
            looked_at.append(self)
            return super().__iter__()

    for block in ended._blocks:
        block.stays = Watched(block.stays)
    assert [one.since for one in ended.list_between(50, 52)] == [50, 51]
    assert [one.since for one in ended.list_between(50, FOREVER, (51, ""))] == [50]
    assert len(looked_at) <= 4


def test_a_block_is_summed_up_by_its_first_beginning_and_lowest_rank():
    """Each of them may be another's."""
    block = StayBlock([Stay((2, "B"), 2, 5), Stay((1, "A"), 4, 6)])
    assert (block.since, block.rank) == (2, (1, "A"))


def test_the_heads_of_a_side_are_looked_for_among_few():
    """Of those who stayed from their first entry on, the first alone can lead."""
    side = ActivitySide()
    for n in range(9):
        side.begin_stay((n, f"D{n}"), n)
    assert side.list_heads(0, NOBODY) == [Stay((0, "D0"), 0, FOREVER)]
    assert side.list_heads(0, (0, "D0")) == [Stay((1, "D1"), 1, FOREVER)]
