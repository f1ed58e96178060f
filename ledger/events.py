"""The two events a force publishes, as people write them: whole records with dates and aware instants.

``source_sequence`` may be left to the publisher, which numbers a recorder's events without gaps; on the wire it is
there.

Field names, and symbols, are fixed: they are those on the wire (``schemas``). ``ledger.facts``
holds the same facts as the fold reads them, with dates and instants as integers.
"""

from datetime import date, datetime

import msgspec

from ledger.facts import DisruptionFact, ThreatFact
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


class DisruptionEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="record", tag=DisruptionFact.record):
    """A disruption after a change, whole.

    Attributes:
        event_id: identity of this event, a UUID; the same event sent again has the same.
        change: what it does to its disruption: recorded, amended, reassessed or withdrawn (rule 13).
        disruption_id: the recorder's reference for the disruption.
        version: of the disruption, from 1; each event is the next.
        threat_id: reference of the threat on the master list; the message's key.
        recorded_by: code of the organisation that records it (``ledger.organisations``).
        source_sequence: place among its recorder's events, from 1 without gaps; None leaves it to the publisher.
        type: lead or support (rules 1 to 3).
        benefits: code of the organisation that a support disruption benefited (rule 2); None where it names none.
        pillar: which of the 4Ps (rule 5).
        category: how it was assessed, from major to negative, or not yet (rule 6).
        activity_ref: what disruptions of one activity share, so that it counts under one pillar (rule 5); None alone.
        event_date: the day on which it happened, a UK calendar date.
        entered_at: the instant at which this version was entered in the record system, aware.
        tags: words of the recorder's own; nothing is counted by them.
        plan_ref: the 4P plan action that it serves, where one is known.
        actor: who entered it, by a pseudonym.
        reason: why it was changed, where that is said.
        source_system: the record system that it came from, where one is named.
        entry_route: whether it reached the national list directly or by a regional unit.
    """

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

    @property
    def recorder(self) -> str:
        """The organisation in whose sequence it is numbered."""
        return self.recorded_by


class ThreatEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="record", tag=ThreatFact.record):
    """A MoRiLE assessment of a threat on the master list, whole.

    Attributes:
        event_id: identity of this event, a UUID; the same event sent again has the same.
        threat_id: reference of the threat on the master list; the message's key.
        version: of the assessment, from 1; each event is the next.
        owner: code of the organisation that owns the threat (``ledger.organisations``).
        source_sequence: place among its owner's events, from 1 without gaps; None leaves it to the publisher.
        kind: what the threat was assessed as: a group, an individual, a vulnerability (rule 4).
        crime_type: its primary crime type.
        tags: words of the owner's own; nothing is counted by them.
        assessment_type: tactical or thematic (rule 8).
        moderation_status: whether the assessment was moderated (rule 8).
        soc: whether the threat is flagged as serious and organised crime (rule 8).
        tier: 1 to 5; a threat of tier 5 is not counted (rule 8).
        phase: where the work on it stands; one that contains "closed" closes it (rule 8).
        assessed_on: the day from which this assessment speaks (rule 12), a date.
        entered_at: the instant at which it was entered in the record system, aware.
        actor: who entered it, by a pseudonym.
        reason: why it was changed, where that is said.
        source_system: the record system that it came from, where one is named.
    """

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

    @property
    def recorder(self) -> str:
        """The organisation in whose sequence it is numbered."""
        return self.owner


Event = DisruptionEvent | ThreatEvent
