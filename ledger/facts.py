"""The facts as the fold reads them: one struct an event, dates as days and instants as milliseconds.

Symbols are plain strings (members of ``ledger.vocabulary`` compare equal), so that a decoded Avro record becomes a fact
without a conversion per field. ``Day`` counts days since 1970-01-01, ``Millis`` milliseconds since 1970-01-01T00:00Z.
"""

import msgspec

Day = int
Millis = int


class DisruptionFact(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A disruption event decoded: each field is explained at ``ledger.events.DisruptionEvent``.

    Here ``event_date`` is in days, ``entered_at`` in milliseconds, ``source_sequence`` always given, symbols are text.
    """

    event_id: str
    change: str
    disruption_id: str
    version: int
    threat_id: str
    recorded_by: str
    source_sequence: int
    type: str
    benefits: str | None
    pillar: str
    category: str
    activity_ref: str | None
    event_date: Day
    entered_at: Millis
    tags: list[str]
    plan_ref: str | None
    actor: str
    reason: str | None
    source_system: str | None
    entry_route: str


class ThreatFact(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A threat event decoded: each field is explained at ``ledger.events.ThreatEvent``.

    Here ``assessed_on`` is in days, ``entered_at`` in milliseconds, ``source_sequence`` always given, symbols are text.
    """

    event_id: str
    threat_id: str
    version: int
    owner: str
    source_sequence: int
    kind: str
    crime_type: str
    tags: list[str]
    assessment_type: str
    moderation_status: str
    soc: bool
    tier: int
    phase: str
    assessed_on: Day
    entered_at: Millis
    actor: str
    reason: str | None
    source_system: str | None


Fact = DisruptionFact | ThreatFact
