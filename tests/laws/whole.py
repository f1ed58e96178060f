"""The whole timeline of a book, worked out plainly: the definition that postings are differences of.

It looks at the versions and assessments of a book and at nothing that the book keeps beside them, asks for every
instant anew, and is as slow as that. What the fold does instead must come to the same.
"""

from collections import Counter

from ledger.entries import Account, Leg
from methodology.standing import find_standing
from methodology.versions import WITHDRAWN


def find_version(versions, instant):
    """Rule 9: the highest version entered by the instant."""
    return next((one for one in reversed(versions) if one.entered_at <= instant), None)


def find_assessment(known, day):
    """Rule 12: the latest assessment not after the day (ties: the higher version), or else the earliest (ties: the
    lower).
    """
    latest = None
    for assessment in known:
        if assessment.assessed_on <= day and (latest is None or assessment.assessed_on >= latest.assessed_on):
            latest = assessment
    return latest or min(known, key=lambda one: one.assessed_on, default=None)


def find_activity_pillar(book, organisation, activity_ref, instant):
    """Rule 5: the pillar of the first entered that takes part at the instant; None while nobody does."""
    for member in sorted(book.disruptions, key=book.find_rank):
        version = find_version(book.disruptions[member], instant)
        if version is None or version.record.change == WITHDRAWN:
            continue
        if (version.record.organisation, version.activity_ref) == (organisation, activity_ref):
            return version.record.pillar
    return None


def find_account(book, versions, instant):
    """The account in which the disruption of these versions stood; None while it is not entered, or withdrawn."""
    version = find_version(versions, instant)
    if version is None or version.record.change == WITHDRAWN:
        return None
    _, organisation, kind_of_disruption, pillar, category = version.record
    found = find_assessment([one for one in book.assessments if one.entered_at <= instant], version.event_date)
    ref = version.activity_ref
    leading = None if ref is None else find_activity_pillar(book, organisation, ref, instant)
    kind, crime_type = (None, "UNKNOWN") if found is None else (found.account.kind, found.account.crime_type)
    second = leading is not None and leading != pillar
    return Account(
        organisation,
        kind_of_disruption,
        pillar,
        kind or "UNKNOWN",
        crime_type,
        category,
        version.event_date,
        find_standing(version, kind, second),
    )


def list_legs(book, disruption_id, instants):
    """The legs of one disruption, from standing nowhere on."""
    stood = None
    for instant in instants:
        stands = find_account(book, book.disruptions[disruption_id], instant)
        if stands != stood:
            if stood is not None:
                yield Leg(disruption_id, stood, -1, instant)
            if stands is not None:
                yield Leg(disruption_id, stands, 1, instant)
        stood = stands


def list_timeline(book):
    """Every leg of every disruption of the book, from the beginning."""
    instants = {one.entered_at for one in book.assessments}
    instants |= {one.entered_at for versions in book.disruptions.values() for one in versions}
    return Counter(leg for one in book.disruptions for leg in list_legs(book, one, sorted(instants)))
