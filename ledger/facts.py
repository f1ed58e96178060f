"""The facts as the fold reads them: one struct an event, dates as days and instants as milliseconds.

Symbols are plain strings (members of ``ledger.vocabulary`` compare equal), so that a decoded Avro record becomes a fact
without a conversion per field. ``Day`` counts days since 1970-01-01, ``Millis`` milliseconds since 1970-01-01T00:00Z.
"""

from typing import ClassVar

import msgspec

Day = int
Millis = int


class DisruptionFact(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A disruption event decoded: each field is explained at ``ledger.events.DisruptionEvent``.

    Here ``event_date`` is in days, ``entered_at`` in milliseconds, ``source_sequence`` always given, symbols are text.
    """

    record: ClassVar[str] = "DisruptionEvent"

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

    @property
    def recorder(self) -> str:
        """The organisation in whose sequence it is numbered."""
        return self.recorded_by

    @property
    def subject(self) -> str:
        """What it is about: its disruption."""
        return self.disruption_id


class ThreatFact(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A threat event decoded: each field is explained at ``ledger.events.ThreatEvent``.

    Here ``assessed_on`` is in days, ``entered_at`` in milliseconds, ``source_sequence`` always given, symbols are text.
    """

    record: ClassVar[str] = "ThreatEvent"

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

    @property
    def recorder(self) -> str:
        """The organisation in whose sequence it is numbered."""
        return self.owner

    @property
    def subject(self) -> str:
        """What it is about: its threat."""
        return self.threat_id

    @property
    def disruption_id(self) -> None:
        """None: it is about no single disruption."""
        return


Fact = DisruptionFact | ThreatFact
