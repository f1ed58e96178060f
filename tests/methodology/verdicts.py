"""What admission says of a fact, for tests."""

from methodology.posting import post_event
from methodology.rejection_sentences import Rejection
from tests.methodology.facts import FAR, fill_book


def judge_last(fact, *before, ledger_time=FAR):
    """The code of the refusal, or the verdict, of a fact on a book that admitted those before."""
    answer = post_event(fill_book(*before)[0], fact, ledger_time)
    return answer.code if isinstance(answer, Rejection) else answer.verdict
