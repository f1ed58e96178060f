"""The order of judging, which is that of the codes: values and key, then the partition, then the book.

It judges what decodes. Who reads the records says which keys belong to the partition at hand, and where its books are.
"""

from collections.abc import Callable

from ledger.facts import Fact, Millis
from methodology.admission import check_key, reject_misrouted
from methodology.book import Book
from methodology.posting import Posted, post_event
from methodology.rejection_sentences import Rejection
from methodology.ruleset import IN_FORCE, Rules

IsHere = Callable[[bytes], bool]
"""Whether a key names the partition at hand. It is asked of no key over the bound of ids."""

FindBook = Callable[[str], Book]
"""The book of a threat of this partition, or a new one."""

Advance = Callable[[Book, Fact, Millis, Rules], Posted | Rejection]
"""``posting.post_event``; or ``posting.foresee_posting``, by which no book moves."""


def judge_event(  # noqa: PLR0913, PLR0917 - an event, where it lies, and the rules
    fact: Fact,
    key: bytes | None,
    ledger_time: Millis,
    is_here: IsHere,
    find_book: FindBook,
    rules: Rules = IN_FORCE,
    advance: Advance = post_event,
) -> Posted | Rejection:
    """Judge an event and, when nothing stands against it, admit it to its book.

    Args:
        fact: the event.
        key: its record's key, which names the partition.
        ledger_time: when it was learnt.
        is_here: asked of a key that is right.
        find_book: asked when only the book is still to be heard.
        rules: by which it is judged.
        advance: what admitting does.
    """
    rejection = check_key(key, fact, rules)
    if rejection is not None:
        return rejection
    if not is_here(key or b""):
        return reject_misrouted(fact, rules)
    return advance(find_book(fact.threat_id), fact, ledger_time, rules)
