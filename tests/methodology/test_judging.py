"""The order of judging: values and key, then the partition, then the book; each speaks when those before did not."""

from dataclasses import replace
from types import SimpleNamespace

from ledger.vocabulary import Code
from methodology.book import Book
from methodology.judging import judge_event
from methodology.posting import Posted, foresee_posting
from methodology.rejection_sentences import Rejection
from methodology.ruleset import IN_FORCE
from tests.methodology.facts import FAR, state_disruption, state_threat

UNKNOWN = {"recorded_by": "atlantis"}  # the first thing that only the book's turn finds


def judge_fact(fact, key=b"T1", here=True, **options):
    """The answer, which keys were asked of the partition, and which books were asked for."""
    asked = SimpleNamespace(keys=[], threats=[], books={})

    def is_here(key) -> bool:
        asked.keys.append(key)
        return here

    def find_book(threat_id):
        asked.threats.append(threat_id)
        return asked.books.setdefault(threat_id, Book(threat_id))

    asked.answer = judge_event(fact, key, FAR, is_here, find_book, **options)
    asked.code = asked.answer.code if isinstance(asked.answer, Rejection) else asked.answer.verdict
    return asked


def test_an_event_against_which_nothing_stands_is_admitted_to_its_book():
    """The partition is asked about its key and the book of its threat is found, once each."""
    judged = judge_fact(state_threat())
    assert (judged.code, judged.keys, judged.threats) == ("ADMITTED", [b"T1"], ["T1"])
    assert len(judged.books["T1"].events) == 1


def test_a_wrong_key_is_named_before_its_partition_and_no_book_is_asked_for():
    """KEY_MISMATCH, of another key and of none; where it lies is not looked at."""
    for key in (b"T2", b"", None):
        judged = judge_fact(state_disruption(**UNKNOWN), key, here=False)
        assert (judged.code, judged.keys, judged.threats) == (Code.KEY_MISMATCH, [], [])


def test_a_wrong_partition_is_named_before_the_book_and_no_book_is_asked_for():
    """MISROUTED, though the organisation is unknown too."""
    judged = judge_fact(state_disruption(**UNKNOWN), here=False)
    assert (judged.code, judged.keys, judged.threats) == (Code.MISROUTED, [b"T1"], [])


def test_a_value_that_cannot_be_meant_is_named_before_key_and_partition():
    """UNRECOGNISED_VALUE: an empty actor, with a wrong key, and with the right one in a wrong partition."""
    assert judge_fact(state_disruption(actor=""), b"T2", here=False).code == Code.UNRECOGNISED_VALUE
    assert judge_fact(state_disruption(actor=""), b"T1", here=False).code == Code.UNRECOGNISED_VALUE


def test_a_key_over_the_bound_is_asked_of_nobody():
    """201 characters: FIELD_TOO_LONG, and no partitioner hashes it."""
    judged = judge_fact(state_disruption(threat_id="T" * 201), b"T" * 201)
    assert (judged.code, judged.keys, judged.threats) == (Code.FIELD_TOO_LONG, [], [])


def test_the_book_has_the_last_word():
    """UNKNOWN_ORGANISATION, and VERSION_NOT_NEXT of an event that is right by itself."""
    assert judge_fact(state_disruption(**UNKNOWN)).code == Code.UNKNOWN_ORGANISATION
    assert judge_fact(state_disruption(version=2)).code == Code.VERSION_NOT_NEXT


def test_what_is_only_foreseen_moves_no_book():
    """The same answer, and the book has heard nothing."""
    judged = judge_fact(state_threat(), advance=foresee_posting)
    assert isinstance(judged.answer, Posted)
    assert not judged.books["T1"].events


def test_it_is_judged_by_the_rules_that_are_given():
    """By rules that know no organisation the Metropolitan Police is unknown."""
    assert judge_fact(state_disruption(), rules=replace(IN_FORCE, organisations=())).code == Code.UNKNOWN_ORGANISATION
