"""Closed vocabularies, spelled as on the wire.

They are those of the inspection reports and strategies, and of other public sources where these are silent; the rules
that use them cite theirs (methodology/RULES.md).

``UNRECOGNISED`` is on every Avro enum as its default and deliberately *not* a member here: it is what a newer
publisher's symbol reads as, and intake rejects it.
"""

from enum import StrEnum

UNRECOGNISED = "UNRECOGNISED"


class Change(StrEnum):
    """What an event does to its disruption (rule 13)."""

    RECORDED = "RECORDED"
    AMENDED = "AMENDED"
    REASSESSED = "REASSESSED"
    WITHDRAWN = "WITHDRAWN"


class DisruptionType(StrEnum):
    """Who led (rules 1 to 3). The two are never added."""

    LEAD = "LEAD"
    SUPPORT = "SUPPORT"


class Pillar(StrEnum):
    """The 4Ps; exactly one per disruption (rule 5)."""

    PURSUE = "PURSUE"
    PREVENT = "PREVENT"
    PROTECT = "PROTECT"
    PREPARE = "PREPARE"


class Category(StrEnum):
    """Assessment category; the first three are counted (rule 6)."""

    MAJOR = "MAJOR"
    MODERATE = "MODERATE"
    MINOR = "MINOR"
    NONE = "NONE"
    NEGATIVE = "NEGATIVE"
    UNASSESSED = "UNASSESSED"


class ThreatKind(StrEnum):
    """What a threat was assessed as."""

    OCG = "OCG"
    PRIORITY_INDIVIDUAL = "PRIORITY_INDIVIDUAL"
    VULNERABILITY = "VULNERABILITY"


class CrimeType(StrEnum):
    """Primary crime type of a threat."""

    CHILD_SEXUAL_ABUSE = "CHILD_SEXUAL_ABUSE"
    MSHT = "MSHT"
    ORGANISED_IMMIGRATION_CRIME = "ORGANISED_IMMIGRATION_CRIME"
    DRUGS = "DRUGS"
    FIREARMS = "FIREARMS"
    ORGANISED_ACQUISITIVE_CRIME = "ORGANISED_ACQUISITIVE_CRIME"
    CYBER = "CYBER"
    FRAUD = "FRAUD"
    MONEY_LAUNDERING = "MONEY_LAUNDERING"
    BRIBERY_CORRUPTION_SANCTIONS = "BRIBERY_CORRUPTION_SANCTIONS"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class AssessmentType(StrEnum):
    """MoRiLE assessment type."""

    TACTICAL = "TACTICAL"
    THEMATIC = "THEMATIC"


class ModerationStatus(StrEnum):
    """Moderation of a MoRiLE assessment."""

    UNMODERATED = "UNMODERATED"
    MODERATED = "MODERATED"
    REJECTED = "REJECTED"


class EntryRoute(StrEnum):
    """How a record reached the national list."""

    DIRECT = "DIRECT"
    VIA_ROCU = "VIA_ROCU"


class OrganisationKind(StrEnum):
    """Kinds of recorder."""

    TERRITORIAL_FORCE = "TERRITORIAL_FORCE"
    SPECIAL_FORCE = "SPECIAL_FORCE"
    ROCU = "ROCU"
    AGENCY = "AGENCY"


class Standing(StrEnum):
    """Why a disruption is, or is not, in the figure: the first that holds (methodology/RULES.md, Standing)."""

    AWAITING_THREAT = "AWAITING_THREAT"
    KIND_NOT_PERMITTED = "KIND_NOT_PERMITTED"
    SECOND_PILLAR = "SECOND_PILLAR"
    UNASSESSED = "UNASSESSED"
    CATEGORY_NOT_COUNTED = "CATEGORY_NOT_COUNTED"
    COUNTED = "COUNTED"


class Verdict(StrEnum):
    """What an entry says of its event; a rejection is not an entry."""

    ADMITTED = "ADMITTED"
    DUPLICATE = "DUPLICATE"


class AlertKind(StrEnum):
    """What an alert is about: its rule in ``methodology.alert_rules``."""

    DEGRADED = "DEGRADED"
    BEHIND = "BEHIND"
    INVARIANT_BREACHED = "INVARIANT_BREACHED"
    REFUSAL_BURST = "REFUSAL_BURST"
    FEED_SILENT = "FEED_SILENT"
    RATE_OUTSIDE_LIMITS = "RATE_OUTSIDE_LIMITS"


class FigureSubject(StrEnum):
    """What a published figure counts: disruptions of a period, or the threats of rule 8."""

    DISRUPTIONS = "DISRUPTIONS"
    THREATS = "THREATS"


class AlertState(StrEnum):
    """What happened to an alert."""

    RAISED = "RAISED"
    CLEARED = "CLEARED"


class Code(StrEnum):
    """Why intake rejected an event (fixed codes, in the order they are judged).

    ``LOST`` is never judged: it is what an operator acknowledges of records that were gone before they were.
    """

    RECORD_TOO_LARGE = "RECORD_TOO_LARGE"
    UNREADABLE_HEADERS = "UNREADABLE_HEADERS"
    UNDECODABLE = "UNDECODABLE"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    UNRECOGNISED_VALUE = "UNRECOGNISED_VALUE"
    FIELD_TOO_LONG = "FIELD_TOO_LONG"
    REFERENCE_NOT_CANONICAL = "REFERENCE_NOT_CANONICAL"
    KEY_MISMATCH = "KEY_MISMATCH"
    MISROUTED = "MISROUTED"
    UNKNOWN_ORGANISATION = "UNKNOWN_ORGANISATION"
    SUPPORT_BY_FORCE = "SUPPORT_BY_FORCE"
    SUPPORT_WITHOUT_BENEFICIARY = "SUPPORT_WITHOUT_BENEFICIARY"
    SUPPORT_OF_ITSELF = "SUPPORT_OF_ITSELF"
    EVENT_ID_REUSED = "EVENT_ID_REUSED"
    VERSION_NOT_NEXT = "VERSION_NOT_NEXT"
    CHANGE_NOT_LEGAL = "CHANGE_NOT_LEGAL"
    ENTERED_BEFORE_PREVIOUS = "ENTERED_BEFORE_PREVIOUS"
    ENTERED_IN_FUTURE = "ENTERED_IN_FUTURE"
    EVENT_AFTER_ENTRY = "EVENT_AFTER_ENTRY"
    LOST = "LOST"
