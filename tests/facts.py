"""Facts for tests: say what matters, the rest is an ordinary record of 1 June 2022.

Tests of one layer wrap these where their story has other days or names; nobody else lists the fields.
"""

from typing import Any
from uuid import UUID

from ledger.facts import DisruptionFact, ThreatFact

DAY_MILLIS = 86_400_000
JUNE_1_2022 = 19_144  # in days since 1970-01-01
NOON = JUNE_1_2022 * DAY_MILLIS + DAY_MILLIS // 2  # of that day in UTC, in milliseconds


def make_disruption(**said: Any) -> DisruptionFact:
    """A lead, major pursue disruption by the Metropolitan Police, entered at noon of its day."""
    fields: dict[str, Any] = {
        "event_id": str(UUID(int=2)), "change": "RECORDED", "disruption_id": "D-1", "version": 1, "threat_id": "T-1",
        "recorded_by": "metropolitan", "source_sequence": 1, "type": "LEAD", "benefits": None, "pillar": "PURSUE",
        "category": "MAJOR", "activity_ref": None, "event_date": JUNE_1_2022, "entered_at": NOON, "tags": [],
        "plan_ref": None, "actor": "a", "reason": None, "source_system": None, "entry_route": "DIRECT",
    }  # fmt: skip
    return DisruptionFact(**fields | said)


def make_threat(**said: Any) -> ThreatFact:
    """A moderated, tactical OCG in drugs of the Metropolitan Police, assessed 150 days before and entered at noon."""
    fields: dict[str, Any] = {
        "event_id": str(UUID(int=1)), "threat_id": "T-1", "version": 1, "owner": "metropolitan", "source_sequence": 1,
        "kind": "OCG", "crime_type": "DRUGS", "tags": [], "assessment_type": "TACTICAL",
        "moderation_status": "MODERATED", "soc": True, "tier": 2, "phase": "Active", "assessed_on": JUNE_1_2022 - 150,
        "entered_at": NOON, "actor": "a", "reason": None, "source_system": None,
    }  # fmt: skip
    return ThreatFact(**fields | said)
