"""Errors are named for whose fault they are."""

from ledger.errors import LedgerError, Misuse, Rejected, Unavailable
from ledger.vocabulary import Code


def test_a_rejection_carries_its_code_and_says_its_sentence():
    """The message's fault."""
    error = Rejected(Code.UNDECODABLE, "Send it again.")
    assert (error.code, error.sentence, str(error)) == ("UNDECODABLE", "Send it again.", "Send it again.")


def test_all_errors_of_the_project_have_one_root():
    """One ``except`` catches what is ours, and nothing else."""
    assert all(issubclass(one, LedgerError) for one in (Rejected, Unavailable, Misuse))
