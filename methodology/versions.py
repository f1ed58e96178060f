"""What counting keeps of an event: versions of disruptions and of a threat's assessment, as few and small as may be.

A disruption's versions are kept in version order, which is also the order of their entry instants (admission sees to
it): what is known at an instant is always a first part of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.entries import ThreatAccount
from ledger.facts import Day, DisruptionFact, Millis, ThreatFact
from ledger.vocabulary import Change
from methodology.activity import SideKey
from methodology.standards import FOREVER, find_standard

WITHDRAWN = Change.WITHDRAWN.value
ActivityKey = tuple[str, str]
"""Who recorded it, and its activity reference."""


class VersionContent(NamedTuple):
    """What few disruptions differ in: one object is shared by all versions that say the same."""

    change: str
    organisation: str
    type: str
    pillar: str
    category: str


class Version(NamedTuple):
    """One version of a disruption, as far as counting looks at it."""

    entered_at: Millis
    event_date: Day
    record: VersionContent
    activity_ref: str | None


class Assessment(NamedTuple):
    """One version of the threat's assessment."""

    entered_at: Millis
    assessed_on: Day
    account: ThreatAccount


class ActivityMembership(NamedTuple):
    """Which activity, and which side of it, a version puts its disruption in."""

    activity: ActivityKey
    side: SideKey


# More than all that organisations, types, pillars, categories and changes, or a threat's fields, combine to in use.
share_content = lru_cache(maxsize=16_384)(VersionContent)
share_account = lru_cache(maxsize=16_384)(ThreatAccount)
share_day = lru_cache(maxsize=16_384)(int)


def make_version(fact: DisruptionFact) -> Version:
    """Return what counting keeps of a disruption event."""
    record = share_content(fact.change, fact.recorded_by, fact.type, fact.pillar, fact.category)
    return Version(fact.entered_at, share_day(fact.event_date), record, fact.activity_ref)


def make_assessment(fact: ThreatFact) -> Assessment:
    """Return what counting keeps of a threat event; *closed* is "contains 'closed', any case" (section 2, phase)."""
    account = share_account(
        fact.owner,
        fact.kind,
        fact.crime_type,
        fact.assessment_type,
        fact.moderation_status,
        fact.soc,
        fact.tier,
        "closed" in fact.phase.casefold(),
    )
    return Assessment(fact.entered_at, fact.assessed_on, account)


def find_membership(version: Version | None) -> ActivityMembership | None:
    """Find what a disruption as of this version takes part in (rule 5); nothing when it is withdrawn or in no
    activity.
    """
    if version is None or version.activity_ref is None or version.record.change == WITHDRAWN:
        return None
    side = version.record.pillar, find_standard(version.event_date).since
    return ActivityMembership((version.record.organisation, version.activity_ref), side)


def list_in_force(
    versions: Sequence[Version], since: Millis, until: Millis = FOREVER
) -> Iterator[tuple[Version, Millis, Millis]]:
    """List the versions in force between two instants (rule 9), each from when and to before when; of two that were
    entered at one instant the higher is.
    """
    place = max(0, bisect_right(versions, since, key=_get_entry_instant) - 1)
    while place < len(versions):
        version = versions[place]
        place += 1
        begins = max(since, version.entered_at)
        ends = min(until, versions[place].entered_at if place < len(versions) else FOREVER)
        if begins >= until:
            return
        if begins < ends:
            yield version, begins, ends


def pair_versions(versions: Iterable[Version]) -> Iterator[tuple[Version | None, Version]]:
    """Pair each version with the one before it."""
    before = None
    for version in versions:
        yield before, version
        before = version


def stands_dated(versions: Sequence[Version], first: Day, last: Day, since: Millis) -> bool:
    """Tell whether a version in force at or after ``since``, not withdrawn, has a date from first to before last."""
    for version in reversed(versions):
        if first <= version.event_date < last and version.record.change != WITHDRAWN:
            return True
        if version.entered_at <= since:
            break
    return False


def _get_entry_instant(version: Version) -> Millis:
    return version.entered_at
