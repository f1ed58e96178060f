"""What is counted and what it may be broken down by, as data that a store turns into its own query language.

A dimension names the field of the account (``ledger.entries``) that it reads. ``derived`` says what is made of it:
``region`` is the organisation's region on the event date (a threat's: on the day of the extraction), ``month`` the year
and month of the event date.
"""

from types import MappingProxyType
from typing import Literal, NamedTuple

from ledger.vocabulary import AssessmentType, DisruptionType, ModerationStatus, Standing

MEASURE = "2026.1"
"""Version of these definitions; every answer carries it. A changed definition is a new version."""


class Dimension(NamedTuple):
    """One way to break a count down: its public name and the account's field behind it."""

    name: str
    field: str
    derived: Literal["", "region", "month"] = ""


class Condition(NamedTuple):
    """One filter: the account's field, how it compares, and the value. ``rule`` is its number in RULES.md."""

    field: str
    operator: Literal["=", "!="]
    value: str | int | bool
    rule: str


def _index_by_name(*dimensions: Dimension) -> MappingProxyType[str, Dimension]:
    return MappingProxyType({one.name: one for one in dimensions})


DIMENSIONS = _index_by_name(
    Dimension("org", "organisation"),
    Dimension("region", "organisation", "region"),
    Dimension("type", "type"),
    Dimension("pillar", "pillar"),
    Dimension("kind", "kind"),
    Dimension("crime_type", "crime_type"),
    Dimension("category", "category"),
    Dimension("standing", "standing"),
    Dimension("month", "event_date", "month"),
)

THREAT_DIMENSIONS = _index_by_name(
    Dimension("org", "owner"),
    Dimension("region", "owner", "region"),
    Dimension("kind", "kind"),
    Dimension("crime_type", "crime_type"),
    Dimension("assessment_type", "assessment_type"),
    Dimension("moderation_status", "moderation_status"),
    Dimension("tier", "tier"),
)

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
