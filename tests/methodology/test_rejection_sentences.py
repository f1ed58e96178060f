"""Refusals of what cannot be read as other records are: the code's sentence, or what more is known."""

import pytest

from ledger.originals import UNREAD, Misfit
from ledger.vocabulary import Code
from methodology.rejection_sentences import SENTENCES, UnfitRecord


@pytest.mark.parametrize(
    ("sentence", "said"), [(None, SENTENCES[Code.RECORD_TOO_LARGE]), ("It is 9 MiB.", "It is 9 MiB.")]
)
def test_an_unfit_record_is_refused_with_its_code_and_what_is_known(sentence, said):
    """What of it is not carried is kept beside."""
    refusal = UnfitRecord(Misfit(7, 0, Code.RECORD_TOO_LARGE, UNREAD, sentence=sentence))
    assert (refusal.code, refusal.sentence, refusal.original) == (Code.RECORD_TOO_LARGE, said, UNREAD)


def test_the_tolerance_is_told_in_minutes():
    """Rule A14: five; the sentence follows the number."""
    assert SENTENCES[Code.ENTERED_IN_FUTURE].startswith("entered_at is more than 5 minutes ahead of the ledger. ")
