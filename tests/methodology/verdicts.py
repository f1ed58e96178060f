"""What admission says of a fact, for tests."""

from methodology.posting import post
from methodology.refusals import Refused
from tests.methodology.facts import FAR, book_of


def verdict(fact, *before, ledger_time=FAR):
    """The code of the refusal, or the verdict, of a fact on a book that admitted those before."""
    answer = post(book_of(*before)[0], fact, ledger_time)
    return answer.code if isinstance(answer, Refused) else answer.verdict
