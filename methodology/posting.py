"""Posting, the fold: admit an event to its book and say which legs that writes.

Postings are ``timeline(after) - timeline(before)``, opposites cancelled (as in ARCHITECTURE.md): their sum up to any
pair of times is what the book said then, for ever (rule 10). An event changes nothing before its own entry instant, and
it moves only (1) its own disruption, (2) the other disruptions of an activity whose pillar it changes, (3) if it is an
assessment, the disruptions with an event date that it speaks for, and only when it says another kind or crime type than
was known of them. So an event costs the legs that it writes and the logarithm of what its book holds; one that is heard
after others that were entered later passes over the stays that those ended, a block of them at a time (``stays``).
Order of legs: by entry instant, then reversals before new postings, then disruption id.
"""

from typing import NamedTuple

from ledger.entries import Account, Leg, ThreatLeg
from ledger.facts import DisruptionFact, Fact, Millis
from ledger.identity import digest_content, parse_event_id
from ledger.vocabulary import Verdict
from methodology.activity import ActivityLead
from methodology.admission import ADMITTED, DUPLICATE, judge_by_book
from methodology.assessed import AssessedSpan
from methodology.book import Book
from methodology.peers import list_activity_changes, list_other_leads, list_second_pillars, move_peers
from methodology.rejection_sentences import BAD_EVENT_ID, Rejection
from methodology.ruleset import IN_FORCE, Rules
from methodology.timeline import (
    ALONE,
    SecondPillars,
    TimelineDifference,
    find_account,
    list_account_spans,
    move_disruption,
)
from methodology.versions import (
    WITHDRAWN,
    ActivityKey,
    Assessment,
    Version,
    find_membership,
    list_in_force,
    make_assessment,
    make_version,
)


class Posted(NamedTuple):
    """What admitting an event wrote; a duplicate writes nothing."""

    verdict: Verdict
    legs: tuple[Leg, ...]
    threat_legs: tuple[ThreatLeg, ...]


_DUPLICATE = Posted(DUPLICATE, (), ())


def post_event(book: Book, fact: Fact, ledger_time: Millis, rules: Rules = IN_FORCE) -> Posted | Rejection:
    """Judge an event and, when it is admitted, advance its book. Rejected or a duplicate: the book is as it was."""
    key, digest = parse_event_id(fact.event_id), digest_content(fact)
    if key is None:
        return BAD_EVENT_ID
    judged = judge_by_book(book, fact, key, digest, ledger_time, rules)
    if judged is not ADMITTED:
        return judged if isinstance(judged, Rejection) else _DUPLICATE
    book.events[key] = digest
    if isinstance(fact, DisruptionFact):
        version = make_version(fact)
        posted = _post_version(book, fact.disruption_id, version)
        book.add_version(fact.disruption_id, version)
    else:
        assessment = make_assessment(fact)
        posted = _post_assessment(book, assessment)
        book.add_assessment(assessment)
    return posted


def foresee_posting(book: Book, fact: Fact, ledger_time: Millis, rules: Rules = IN_FORCE) -> Posted | Rejection:
    """Return what ``post_event`` would answer. The book stays as it is."""
    key = parse_event_id(fact.event_id)
    if key is None:
        return BAD_EVENT_ID
    judged = judge_by_book(book, fact, key, digest_content(fact), ledger_time, rules)
    if judged is not ADMITTED:
        return judged if isinstance(judged, Rejection) else _DUPLICATE
    if isinstance(fact, DisruptionFact):
        return _post_version(book, fact.disruption_id, make_version(fact))
    return _post_assessment(book, make_assessment(fact))


def restore_event(book: Book, fact: Fact) -> None:
    """Advance the book by an event known to be admitted (not a duplicate), computing no postings."""
    key = parse_event_id(fact.event_id)
    if key is None:
        raise ValueError("an admitted event has a UUID for its event_id; these entries were not written by this ledger")
    book.events[key] = digest_content(fact)
    if isinstance(fact, DisruptionFact):
        book.add_version(fact.disruption_id, make_version(fact))
    else:
        book.add_assessment(make_assessment(fact))


def _post_version(book: Book, own: str, version: Version) -> Posted:
    """Return what a version of a disruption writes, from the book as it is before it."""
    since, versions = version.entered_at, book.disruptions.get(own)
    last = None if versions is None else versions[-1]
    if since >= book.latest and version.activity_ref is None and (last is None or last.activity_ref is None):
        # the common case: it is in no activity, and nothing was entered after it
        legs = move_disruption(own, _find_last_account(book, last), _find_last_account(book, version), since)
        return Posted(ADMITTED, tuple(legs), ())
    if last is not None and _says_the_same(last, version):
        return Posted(ADMITTED, (), ())
    difference, rank = TimelineDifference(), (since if versions is None else versions[0].entered_at, own)
    before = after = ALONE
    for moved in list_activity_changes(find_membership(last), find_membership(version)):
        leads = list_other_leads(book, moved, rank, since)
        before = before if moved.before is None else list_second_pillars(leads, rank, moved.before[0])
        after = after if moved.after is None else list_second_pillars(leads, rank, moved.after[0])
        move_peers(book, moved, rank, leads, difference)
    for one, second_pillars, sign in ((last, before, -1), (version, after, 1)):
        if one is not None:
            for piece in list_account_spans(
                one, book.assessed.find_last_span(one.event_date), since, second_pillars=second_pillars
            ):
                difference.add_span(own, piece, sign)
    return Posted(ADMITTED, difference.list_legs(), ())


def _find_last_account(book: Book, version: Version | None) -> Account | None:
    """Find where a version in no activity stands in the end."""
    if version is None or version.record.change == WITHDRAWN:
        return None
    return find_account(version, book.assessed.find_last_span(version.event_date))


def _says_the_same(last: Version, version: Version) -> bool:
    """Tell whether an amendment changes nothing that counting looks at."""
    return version.record.change != WITHDRAWN and (last.event_date, last.record[1:], last.activity_ref) == (
        version.event_date,
        version.record[1:],
        version.activity_ref,
    )


def _post_assessment(book: Book, assessment: Assessment) -> Posted:
    """Return what an assessment writes, from the book as it is before it."""
    threat_legs = _move_threat(book.assessments[-1] if book.assessments else None, assessment)
    since, said = assessment.entered_at, assessment.account
    stood = book.assessed.find_last_span(assessment.assessed_on)
    if stood.has_assessed(said.kind, said.crime_type):
        return Posted(ADMITTED, (), threat_legs)
    stands = AssessedSpan(since, said.kind, said.crime_type)
    difference, finder = TimelineDifference(), _SecondPillarFinder(book, since)
    first, last = book.assessed.find_dates(assessment.assessed_on)
    for name in book.list_dated(first, last, since):
        for version, begins, ends in list_in_force(book.disruptions[name], since):
            if first <= version.event_date < last:
                second_pillars = finder.find_second_pillars(version)
                for span, sign in ((stood, -1), (stands, 1)):
                    for piece in list_account_spans(version, span, begins, ends, second_pillars):
                        difference.add_span(name, piece, sign)
    return Posted(ADMITTED, difference.list_legs(), threat_legs)


def _move_threat(last: Assessment | None, new: Assessment) -> tuple[ThreatLeg, ...]:
    """Return the threat's own move: the highest version known replaces the one before from its entry instant on."""
    if last is None:
        return (ThreatLeg(new.account, 1, new.entered_at),)
    if last.account == new.account:
        return ()
    return ThreatLeg(last.account, -1, new.entered_at), ThreatLeg(new.account, 1, new.entered_at)


class _SecondPillarFinder:
    """Finds where the disruptions of a book are behind another pillar from an instant on; each activity is asked
    once.
    """

    def __init__(self, book: Book, since: Millis) -> None:
        self._book = book
        self._since = since
        self._leads: dict[ActivityKey, list[ActivityLead]] = {}

    def find_second_pillars(self, version: Version) -> SecondPillars:
        """Find it for a version that stands."""
        membership = find_membership(version)
        activity = None if membership is None else self._book.activities.get(membership.activity)
        if membership is None or activity is None:
            return ALONE
        leads = self._leads.get(membership.activity)
        if leads is None:
            leads = self._leads[membership.activity] = activity.list_leads(self._since)
        return [(lead.since, lead.pillar != membership.side[0]) for lead in leads]
