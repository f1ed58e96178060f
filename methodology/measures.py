"""What is counted, as data that a store turns into its own query language."""

from typing import Literal, NamedTuple

from ledger.vocabulary import AssessmentType, DisruptionType, ModerationStatus, Standing

MEASURE = "2026.1"
"""Version of these definitions; every answer carries it. A changed definition is a new version."""


class Condition(NamedTuple):
    """One filter: the account's field, how it compares, and the value. ``rule`` is its number in RULES.md."""

    field: str
    operator: Literal["=", "!="]
    value: str | int | bool
    rule: str


COUNTED = Condition("standing", "=", Standing.COUNTED.value, "R6")
LEAD = Condition("type", "=", DisruptionType.LEAD.value, "R3")
SUPPORT = Condition("type", "=", DisruptionType.SUPPORT.value, "R3")
"""A count is of ``LEAD`` that is ``COUNTED`` unless another is asked for; ``LEAD`` and ``SUPPORT`` are never added."""

THREAT_COUNT = (
    Condition("assessment_type", "=", AssessmentType.TACTICAL.value, "R8"),
    Condition("moderation_status", "=", ModerationStatus.MODERATED.value, "R8"),
    Condition("soc", "=", True, "R8"),
    Condition("tier", "!=", 5, "R8"),
    Condition("closed", "=", False, "R8"),
)
"""Rule 8: "type Tactical, status Moderated, SOC flag set, not tier 5, phase not containing 'closed', as at the
extraction".
"""
