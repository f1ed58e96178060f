"""The standards in force, as dated data: a rule that changes gets a new row here and never a new value in an old one.

A disruption is judged by the standard in force on its event date. Each row cites its source; the rules' numbers are
those of RULES.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ledger.facts import Day
from ledger.vocabulary import Category, Change, DisruptionType, OrganisationKind, ThreatKind

RULES_VERSION = "2026.1"
"""Version of the rules: any change of what ``methodology.ruleset.Rules`` holds is a new version (CONTRIBUTING)."""

EVER: Day = 0
FOREVER = 1 << 62
"""After every day and every instant."""
JULY_2023: Day = 19_539  # 2023-07-01

_LEAD = frozenset({DisruptionType.LEAD.value})
_LEAD_AND_SUPPORT = frozenset({DisruptionType.LEAD.value, DisruptionType.SUPPORT.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """National minimum standards from ``since`` on, up to but not including ``until`` (None: still in force)."""

    since: Day
    until: Day | None
    citation: str
    permitted_types: Mapping[OrganisationKind, frozenset[str]]
    """Rule 1: what each kind of recorder may record."""
    permitted_kinds: frozenset[str]
    """Rule 4: the kinds of threat a disruption may be recorded against."""
    one_pillar_per_activity: bool
    """Rule 5: whether the disruptions of one activity share one pillar."""
    counted_categories: frozenset[str]
    """Rule 6: the categories that are counted."""


_OCG_ALONE = Standard(
    since=EVER,
    until=JULY_2023,
    citation="Minimum standards at both inspections (2022, early 2023): a disruption is recorded against an OCG.",
    permitted_types=MappingProxyType(
        {
            OrganisationKind.TERRITORIAL_FORCE: _LEAD,
            OrganisationKind.SPECIAL_FORCE: _LEAD,
            OrganisationKind.ROCU: _LEAD_AND_SUPPORT,
            OrganisationKind.AGENCY: _LEAD_AND_SUPPORT,
        }
    ),
    permitted_kinds=frozenset({ThreatKind.OCG.value}),
    one_pillar_per_activity=True,
    counted_categories=frozenset({Category.MAJOR.value, Category.MODERATE.value, Category.MINOR.value}),
)

_EVERY_KIND = replace(
    _OCG_ALONE,
    since=JULY_2023,
    until=None,
    citation="Later public wordings include individuals; vulnerabilities, and the day, are this project's decision.",
    permitted_kinds=frozenset(kind.value for kind in ThreatKind),
)

STANDARDS: tuple[Standard, ...] = (_EVERY_KIND, _OCG_ALONE)
"""Newest first, as most events are; together they cover every day once."""


def find_standard(day: Day, standards: tuple[Standard, ...] = STANDARDS) -> Standard:
    """Find the standard in force on a day, of rows that are newest first."""
    for standard in standards:
        if day >= standard.since:
            return standard
    return standards[-1]


LEGAL_CHANGES: tuple[tuple[Change | None, Change], ...] = (
    (None, Change.RECORDED),
    (Change.RECORDED, Change.AMENDED),
    (Change.RECORDED, Change.REASSESSED),
    (Change.RECORDED, Change.WITHDRAWN),
    (Change.AMENDED, Change.AMENDED),
    (Change.AMENDED, Change.REASSESSED),
    (Change.AMENDED, Change.WITHDRAWN),
    (Change.REASSESSED, Change.AMENDED),
    (Change.REASSESSED, Change.REASSESSED),
    (Change.REASSESSED, Change.WITHDRAWN),
)
"""Rule 13: which change may follow which; None stands before the first. Nothing follows WITHDRAWN."""

FUTURE_TOLERANCE_MILLIS = 5 * 60 * 1000
"""How far a recorder's clock may run ahead of the broker's append time [D]."""

FIRST_DAY: Day = 0
"""Dates and instants begin on 1970-01-01: an earlier one is a default that a record system left in."""

LOWEST_TIER = 1
HIGHEST_TIER = 5
