"""Refusals of what cannot be read as other records are: the code's sentence, or what more is known."""

from hashlib import sha256
from importlib.metadata import version

import pytest

from ledger.originals import UNREAD, Misfit
from ledger.vocabulary import Code
from methodology.rejection_sentences import (
    BAD_EVENT_ID,
    BAD_TIER,
    EMPTY_REFERENCE,
    SENTENCES,
    TOO_EARLY,
    UnfitRecord,
    summarise_reason,
)


@pytest.mark.parametrize(
    ("sentence", "said"), [(None, SENTENCES[Code.RECORD_TOO_LARGE]), ("It is 9 MiB.", "It is 9 MiB.")]
)
def test_an_unfit_record_is_refused_with_its_code_and_what_is_known(sentence, said):
    """What of it is not carried is kept beside."""
    refusal = UnfitRecord(Misfit(7, 0, Code.RECORD_TOO_LARGE, UNREAD, sentence=sentence))
    assert (refusal.code, refusal.sentence, refusal.original) == (Code.RECORD_TOO_LARGE, said, UNREAD)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("KEY_MISMATCH", "The message key is not the event's threat_id."),
        ("FIELD_TOO_LONG", "A field is longer than its bound."),
        ("UNDECODABLE", None),  # every one of them says what could not be read
        ("of a later version", None),
    ],
)
def test_a_reason_is_what_was_found_without_what_to_do(code, reason):
    """Of many rejections of one code, for whoever is told how many there were."""
    assert summarise_reason(code) == reason


def test_the_sentences_of_this_version_are_pinned():
    """A replay holds a sentence to the software that its rejection names: what was released is edited in the next one.
    Where this version is released already, give it a new one in pyproject.toml; then pin what is said now.
    """
    judged = (BAD_EVENT_ID, EMPTY_REFERENCE, TOO_EARLY, BAD_TIER)
    said = "\n".join([*SENTENCES.values(), *(one.message for one in judged)])
    assert (version("disruption-ledger"), sha256(said.encode()).hexdigest()) == (
        "0.3.0",
        "c776f664d240f8c2d3631cd68bfe46f9055bd799efcdfe83818b1bc54116e3b1",
    )


def test_the_tolerance_is_told_in_minutes():
    """Rule A14: five; the sentence follows the number."""
    assert SENTENCES[Code.ENTERED_IN_FUTURE].startswith("entered_at is more than 5 minutes ahead of the ledger. ")
