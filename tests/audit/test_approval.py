"""What is approved is exactly what was shown."""

from audit.approval import digest_differences
from audit.findings import Finding, FindingKind, ReplayReport


def make_report(*places: str, limit: int = 10, notes: tuple[str, ...] = ()) -> ReplayReport:
    """A verdict with a missing row at each place."""
    made = ReplayReport(limit=limit, known_at="2026-11-29T00:00:00Z", notes=list(notes))
    for place in places:
        made.add_finding(Finding(kind=FindingKind.ROW_MISSING, place=place, sentence="It is not there."))
    return made


def test_nothing_that_differs_has_an_empty_digest() -> None:
    """It needs no approval; a note that something was not compared does."""
    assert digest_differences(make_report()) == ""
    assert digest_differences(make_report(notes=("balances were not compared",))) not in ("", None)


def test_another_list_of_differences_is_another_digest() -> None:
    """In whichever order they were found: one more, one less, another place, and twice the same, are other lists."""
    approved = digest_differences(make_report("entries", "postings"))
    assert approved == digest_differences(make_report("postings", "entries"))
    others = [
        make_report("entries"),
        make_report("entries", "rejected"),
        make_report("entries", "postings", "postings"),
    ]
    others.append(make_report("entries", "postings", notes=("balances were not compared",)))
    digests = {approved, *(digest_differences(one) for one in others)}
    assert len(digests) == 5


def test_what_was_not_shown_cannot_be_approved() -> None:
    """Three differ and two are shown."""
    assert digest_differences(make_report("entries", "postings", "rejected", limit=2)) is None
