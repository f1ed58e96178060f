"""Posting, the fold: admit an event to its book and say which legs that writes.

Postings are ``timeline(after) - timeline(before)``, opposites cancelled (design.md): their sum up to any pair of times
is what the book said then, for ever (rule 10). What makes the difference cheap is that an event changes nothing before
its own entry instant, and that it moves only (1) its own disruption, (2) the other disruptions of an activity whose
pillar it changes, (3) if it is an assessment, the disruptions with an event date that it speaks for. Order of legs: by
entry instant, then reversals before new postings, then disruption id.
"""

from collections import Counter
from typing import NamedTuple

from ledger.entries import Leg, ThreatLeg
from ledger.facts import Day, DisruptionFact, Fact, Millis, ThreatFact
from ledger.identity import content_digest, event_key
from ledger.vocabulary import Verdict
from methodology.activity import led_by_another
from methodology.admission import ADMITTED, DUPLICATE, judge
from methodology.book import Assessment, Book, Version, assessment_of, version_of
from methodology.refusals import BAD_EVENT_ID, Refused
from methodology.ruleset import IN_FORCE, Rules
from methodology.timeline import Step, account_of, legs_of, move, steps

AFTER_EVERYTHING: Day = 1 << 62


class Posted(NamedTuple):
    """What admitting an event wrote; a duplicate writes nothing."""

    verdict: Verdict
    legs: tuple[Leg, ...]
    threat_legs: tuple[ThreatLeg, ...]


_DUPLICATE = Posted(DUPLICATE, (), ())


def post(book: Book, fact: Fact, ledger_time: Millis, rules: Rules = IN_FORCE) -> Posted | Refused:
    """Judge an event and, when it is admitted, advance its book. Refused or a duplicate: the book is as it was."""
    key, digest = event_key(fact.event_id), content_digest(fact)
    if key is None:
        return BAD_EVENT_ID
    judged = judge(book, fact, key, digest, ledger_time, rules)
    if judged is not ADMITTED:
        return judged if isinstance(judged, Refused) else _DUPLICATE
    book.events[key] = digest
    if isinstance(fact, DisruptionFact):
        return Posted(ADMITTED, _post_disruption(book, fact), ())
    return _post_threat(book, fact)


def restore(book: Book, fact: Fact) -> None:
    """Advance the book by an event known to be admitted (not a duplicate), computing no postings."""
    key = event_key(fact.event_id)
    if key is None:
        raise ValueError("an admitted event has a UUID for its event_id; these entries were not written by this ledger")
    book.events[key] = content_digest(fact)
    if isinstance(fact, DisruptionFact):
        book.add_version(fact.disruption_id, version_of(fact))
    else:
        book.add_assessment(assessment_of(fact))


def _post_disruption(book: Book, fact: DisruptionFact) -> tuple[Leg, ...]:
    own, since, version = fact.disruption_id, fact.entered_at, version_of(fact)
    if version.activity_ref is None and since >= book.latest and own not in book.disruptions:
        book.add_version(own, version)  # the common case: new, by itself, and nothing was entered after it
        return (Leg(own, account_of(book, version, since), 1, since),)
    others = _peers_moved(book, own, version)
    before = steps(book, own, since)
    before_others = [(one, steps(book, one, since)) for one in others]
    book.add_version(own, version)
    legs = difference(own, before, steps(book, own, since))
    for one, stood in before_others:
        legs += difference(one, stood, steps(book, one, since))
    return _in_order(legs)


def _peers_moved(book: Book, own: str, version: Version) -> list[str]:
    """The other disruptions of the activities that this version joins or leaves, where it can change the pillar."""
    versions, since = book.disruptions.get(own, ()), version.entered_at
    rank = (versions[0].entered_at if versions else since), own
    peers: set[str] = set()
    for one in (*versions[-1:], version):
        ref = one.activity_ref
        members = () if ref is None else book.activities.get(ref, ())
        if ref is None or not members or led_by_another(book, rank, one.record.organisation, ref, since):
            continue
        peers.update(members)
    peers.discard(own)
    return sorted(peers)


def _post_threat(book: Book, fact: ThreatFact) -> Posted:
    assessment = assessment_of(fact)
    threat_legs = _threat_legs(book.assessments, assessment)
    since = assessment.entered_at
    first, last = dates_spoken_for(book.assessments, assessment)
    moved = [
        one
        for one, versions in book.disruptions.items()
        if any(first <= version.event_date < last for version in versions)
    ]
    before = [(one, steps(book, one, since)) for one in moved]
    book.add_assessment(assessment)
    legs = [leg for one, stood in before for leg in difference(one, stood, steps(book, one, since))]
    return Posted(ADMITTED, _in_order(legs), threat_legs)


def _threat_legs(known: tuple[Assessment, ...], new: Assessment) -> tuple[ThreatLeg, ...]:
    """The threat's own move: the highest version known replaces the one before from its entry instant on."""
    if not known:
        return (ThreatLeg(new.account, 1, new.entered_at),)
    stood = known[-1].account
    if stood == new.account:
        return ()
    return ThreatLeg(stood, -1, new.entered_at), ThreatLeg(new.account, 1, new.entered_at)


def dates_spoken_for(known: tuple[Assessment, ...], new: Assessment) -> tuple[Day, Day]:
    """Rule 12: the event dates, first to before last, whose kind or crime type a new assessment may change."""
    said = (new.account.kind, new.account.crime_type)
    if known and all((one.account.kind, one.account.crime_type) == said for one in known):
        return 0, 0
    later = (one.assessed_on for one in known if one.assessed_on > new.assessed_on)
    earliest = all(one.assessed_on > new.assessed_on for one in known)
    return 0 if earliest else new.assessed_on, min(later, default=AFTER_EVERYTHING)


def difference(disruption_id: str, before: list[Step], after: list[Step]) -> list[Leg]:
    """The legs of one disruption after less those before; both begin at the same instant, in front of which nothing
    changed.
    """
    if len(before) == len(after) == 1:
        (instant, stood), (_, stands) = before[0], after[0]
        return move(disruption_id, stood, stands, instant)
    legs = Counter(legs_of(disruption_id, after))
    for leg in legs_of(disruption_id, before):
        opposite = leg._replace(sign=-leg.sign)
        if legs[leg] > 0:
            legs[leg] -= 1
        else:
            legs[opposite] += 1
    return list(legs.elements())


def _in_order(legs: list[Leg]) -> tuple[Leg, ...]:
    return tuple(sorted(legs, key=_place)) if len(legs) > 1 else tuple(legs)


def _place(leg: Leg) -> tuple[Millis, int, str, tuple[object, ...]]:
    return leg.entered_at, leg.sign, leg.disruption_id, leg.account
