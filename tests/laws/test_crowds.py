"""Postings of crowded activities are the difference of two whole timelines, and cost no more than they must.

What is kept beside a book to find what an event moves must never show: in whatever order a crowd is heard, each event
writes what the plain timeline of ``whole`` says it does.
"""

import sys
from collections import Counter

import pytest
from hypothesis import given

from bench.large import SHAPES
from methodology import book as books
from methodology import stays
from methodology.book import Book
from methodology.posting import foresee_posting, post_event
from tests.laws.crowds import draw_crowds, make_seeded_crowd
from tests.laws.test_four_laws import ALWAYS, LAW, sum_signs
from tests.laws.whole import list_timeline


def check_against_the_whole_timeline(facts):
    """Every event's legs, in order and without opposites, and the same when they are only foreseen."""
    book, before = Book("T1"), Counter()
    for fact in facts:
        foreseen = foresee_posting(book, fact, ALWAYS)
        posted = post_event(book, fact, ALWAYS)
        assert foreseen == posted
        after = list_timeline(book)
        expected = Counter(after)
        expected.subtract(before)
        assert sum_signs(Counter(posted.legs)) == sum_signs(expected)
        assert not any(leg._replace(sign=-leg.sign) in posted.legs for leg in posted.legs)
        assert list(posted.legs) == sorted(posted.legs, key=lambda leg: (leg.entered_at, leg.sign, leg.disruption_id))
        before = after


@LAW
@given(draw_crowds())
def test_postings_of_a_crowd_are_the_difference_of_two_timelines(facts):
    """Newest first, oldest first, versions interleaved; withdrawn, come back, changed sides, tied, of two recorders."""
    check_against_the_whole_timeline(facts)


@pytest.mark.parametrize("hundred", range(8))
def test_postings_of_eight_hundred_more_crowds_are_too(hundred):
    """The same by plain seeds."""
    for seed in range(100 * hundred, 100 * hundred + 100):
        check_against_the_whole_timeline(make_seeded_crowd(seed))


def test_postings_of_a_crowd_in_a_large_book_are_too(monkeypatch):
    """A book that is large enough finds by an index of dates whom an assessment moves, and has its stays in blocks."""
    monkeypatch.setattr(books, "INDEXED_DISRUPTIONS", 0)
    monkeypatch.setattr(stays, "BLOCK_STAYS", 1)
    for seed in range(1_000, 1_050):
        check_against_the_whole_timeline(make_seeded_crowd(seed))


@LAW
@given(draw_crowds())
def test_a_crowd_unpacked_anywhere_is_the_crowd(facts):
    """What is kept beside a book is made anew from it: from any event on, the same legs."""
    book = Book("T1")
    for fact in facts:
        book, thawed = Book.unpack("T1", book.pack()), book
        assert post_event(book, fact, ALWAYS) == post_event(thawed, fact, ALWAYS)


def test_the_crowds_are_worth_the_name():
    """Others are moved, and moved late; and there are those that nobody moves."""
    moved, alone = 0, 0
    for seed in range(100):
        book = Book("T1")
        for fact in make_seeded_crowd(seed):
            names = {leg.disruption_id for leg in post_event(book, fact, ALWAYS).legs}
            others = names - {getattr(fact, "disruption_id", None)}
            moved += bool(others) and hasattr(fact, "disruption_id")
            alone += not others
    assert moved > 50
    assert alone > 100


def count_steps(facts):
    """Steps of the interpreter while these are folded, loops in comprehensions among them; and what was written: events
    and legs. It is no clock: the same facts take the same steps.
    """
    book, steps, written = Book("T1"), 0, 0

    def count_calls(frame, event, _argument):
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += event == "opcode"
        return count_calls

    outer = sys.gettrace()
    sys.settrace(count_calls)
    try:
        for fact in facts:
            posted = post_event(book, fact, ALWAYS)
            written += 1 + len(posted.legs)
    finally:
        sys.settrace(outer)
    return steps, written


@pytest.mark.parametrize("shape", SHAPES)
def test_the_steps_of_a_fold_grow_with_what_it_writes(shape):
    """Four times the events: the steps for each event and leg are at most a third more, as a logarithm is; what looked
    at all that is there would make four times as many.
    """
    (few, written_few), (many, written_many) = count_steps(SHAPES[shape](150)), count_steps(SHAPES[shape](600))
    assert many / written_many <= 4 / 3 * few / written_few
