"""The two events a force publishes, as people write them: whole records with dates and aware instants.

``source_sequence`` may be left to the publisher, which numbers a recorder's events without gaps; on the wire it is
there.

Field names, and symbols, are fixed (design.md, "The facts on the wire"). ``ledger.facts`` holds the same facts as the
fold reads them, with dates and instants as integers.
"""

from datetime import date, datetime

import msgspec

from ledger.vocabulary import (
    AssessmentType,
    Category,
    Change,
    CrimeType,
    DisruptionType,
    EntryRoute,
    ModerationStatus,
    Pillar,
    ThreatKind,
)


class DisruptionEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="record", tag="DisruptionEvent"):
    """A disruption after ``change``. ``event_date`` is a UK calendar date, ``entered_at`` an aware instant."""

    event_id: str
    change: Change
    disruption_id: str
    version: int
    threat_id: str
    recorded_by: str
    source_sequence: int | None = None
    type: DisruptionType
    benefits: str | None = None
    pillar: Pillar
    category: Category
    activity_ref: str | None = None
    event_date: date
    entered_at: datetime
    tags: tuple[str, ...] = ()
    plan_ref: str | None = None
    actor: str
    reason: str | None = None
    source_system: str | None = None
    entry_route: EntryRoute = EntryRoute.DIRECT


class ThreatEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="record", tag="ThreatEvent"):
    """A MoRiLE assessment of a threat on the master list."""

    event_id: str
    threat_id: str
    version: int
    owner: str
    source_sequence: int | None = None
    kind: ThreatKind
    crime_type: CrimeType
    tags: tuple[str, ...] = ()
    assessment_type: AssessmentType
    moderation_status: ModerationStatus
    soc: bool
    tier: int
    phase: str
    assessed_on: date
    entered_at: datetime
    actor: str
    reason: str | None = None
    source_system: str | None = None


Event = DisruptionEvent | ThreatEvent
