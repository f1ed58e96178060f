"""The timeline of a book: for each disruption, the account it stands in from each entry instant on.

Every function here looks at a book as it is and changes nothing. ``timeline`` is the whole of it, the definition that
postings are differences of; ``steps`` is the part of it, for one disruption and from one instant on, that an event can
have changed.
"""

from collections import Counter
from collections.abc import Iterable

from ledger.entries import Account, Leg
from ledger.facts import Millis
from ledger.vocabulary import CrimeType
from methodology.activity import WITHDRAWN, activity_instants, activity_pillar, version_at
from methodology.book import Assessment, Book, Version
from methodology.standing import assessment_on, standing

UNKNOWN = CrimeType.UNKNOWN.value
BEFORE_EVERYTHING: Millis = -1

Step = tuple[Millis, Account | None]


def assessments_at(assessments: tuple[Assessment, ...], instant: Millis) -> tuple[Assessment, ...]:
    """Rule 9: the assessments entered by the instant."""
    known = len(assessments)
    while known and assessments[known - 1].entered_at > instant:
        known -= 1
    return assessments[:known]


def account_at(book: Book, versions: tuple[Version, ...], instant: Millis) -> Account | None:
    """The account in which the disruption of these versions stood at the instant; None while it is not entered, or
    withdrawn.
    """
    version = version_at(versions, instant)
    if version is None or version.record.change == WITHDRAWN:
        return None
    return account_of(book, version, instant)


def account_of(book: Book, version: Version, instant: Millis) -> Account:
    """The account of a version that is not withdrawn, judged by all that was known at the instant."""
    _, organisation, kind_of_disruption, pillar, category = version.record
    found = assessment_on(assessments_at(book.assessments, instant), version.event_date)
    ref = version.activity_ref
    leading = None if ref is None else activity_pillar(book, organisation, ref, instant)
    kind = None if found is None else found.account.kind
    return Account(
        organisation,
        kind_of_disruption,
        pillar,
        kind or UNKNOWN,
        UNKNOWN if found is None else found.account.crime_type,
        category,
        version.event_date,
        standing(version, kind, leading),
    )


def instants(book: Book, versions: tuple[Version, ...], since: Millis) -> list[Millis]:
    """The entry instants after ``since`` at which the disruption can move, in order."""
    found = {one.entered_at for one in versions if one.entered_at > since}
    found.update(one.entered_at for one in book.assessments if one.entered_at > since)
    for ref in {one.activity_ref for one in versions if one.activity_ref is not None}:
        found.update(activity_instants(book, ref, since))
    return sorted(found)


def steps(book: Book, disruption_id: str, since: Millis) -> list[Step]:
    """Where the disruption stands at ``since``, and at each later instant at which it can move."""
    versions = book.disruptions.get(disruption_id)
    if versions is None:
        return [(since, None)]
    found = [(since, account_at(book, versions, since))]
    if since < book.latest:
        found.extend((later, account_at(book, versions, later)) for later in instants(book, versions, since))
    return found


def move(disruption_id: str, stood: Account | None, stands: Account | None, instant: Millis) -> list[Leg]:
    """The legs, at most two, that move a disruption from one account to another; None is nowhere."""
    if stood == stands:
        return []
    out = [] if stood is None else [Leg(disruption_id, stood, -1, instant)]
    return out if stands is None else [*out, Leg(disruption_id, stands, 1, instant)]


def legs_of(disruption_id: str, found: Iterable[Step]) -> list[Leg]:
    """The legs that a run of steps amounts to, from standing nowhere on."""
    legs: list[Leg] = []
    stood: Account | None = None
    for instant, stands in found:
        legs += move(disruption_id, stood, stands, instant)
        stood = stands
    return legs


def timeline(book: Book) -> Counter[Leg]:
    """Every leg of every disruption of the book, from the beginning."""
    return Counter(leg for one in book.disruptions for leg in legs_of(one, steps(book, one, BEFORE_EVERYTHING)))
