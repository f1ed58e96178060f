"""What the symbols of the ledger are called on pages: one home for the name of every one, so that none is shown raw.

A symbol is named within its dimension, as answers have both: ``name_symbol("crime_type", "MSHT")``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ledger.organisations import NATIONAL, UNKNOWN_REGION, list_regions, name_organisations
from ledger.vocabulary import (
    AlertKind,
    AlertState,
    AssessmentType,
    Category,
    Change,
    Code,
    CrimeType,
    DisruptionType,
    EntryRoute,
    FigureSubject,
    ModerationStatus,
    OrganisationKind,
    Pillar,
    Standing,
    ThreatKind,
    Verdict,
)
from methodology.feeds import FeedVerdict

UNKNOWN: Final = "Unknown"

SYMBOLS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "org": name_organisations(),
        "region": {one: one for one in list_regions()} | {NATIONAL: "National agencies", UNKNOWN_REGION: UNKNOWN},
        "type": {DisruptionType.LEAD: "Lead", DisruptionType.SUPPORT: "Support"},
        "pillar": {
            Pillar.PURSUE: "Pursue",
            Pillar.PREVENT: "Prevent",
            Pillar.PROTECT: "Protect",
            Pillar.PREPARE: "Prepare",
        },
        "kind": {
            ThreatKind.OCG: "Organised crime group",
            ThreatKind.PRIORITY_INDIVIDUAL: "Priority individual",
            ThreatKind.VULNERABILITY: "Vulnerability",
            CrimeType.UNKNOWN: UNKNOWN,  # of a threat that is not known (yet): rule 16
        },
        "crime_type": {
            CrimeType.CHILD_SEXUAL_ABUSE: "Child sexual abuse",
            CrimeType.MSHT: "Modern slavery and human trafficking",
            CrimeType.ORGANISED_IMMIGRATION_CRIME: "Organised immigration crime",
            CrimeType.DRUGS: "Drugs",
            CrimeType.FIREARMS: "Firearms",
            CrimeType.ORGANISED_ACQUISITIVE_CRIME: "Organised acquisitive crime",
            CrimeType.CYBER: "Cyber crime",
            CrimeType.FRAUD: "Fraud",
            CrimeType.MONEY_LAUNDERING: "Money laundering",
            CrimeType.BRIBERY_CORRUPTION_SANCTIONS: "Bribery, corruption and sanctions evasion",
            CrimeType.OTHER: "Other",
            CrimeType.UNKNOWN: UNKNOWN,
        },
        "category": {
            Category.MAJOR: "Major",
            Category.MODERATE: "Moderate",
            Category.MINOR: "Minor",
            Category.NONE: "No disruption",
            Category.NEGATIVE: "Negative",
            Category.UNASSESSED: "Not assessed yet",
        },
        "standing": {
            Standing.COUNTED: "Counted",
            Standing.AWAITING_THREAT: "Awaiting its threat",
            Standing.KIND_NOT_PERMITTED: "Kind of threat not permitted",
            Standing.SECOND_PILLAR: "Second pillar of one activity",
            Standing.UNASSESSED: "Not assessed yet",
            Standing.CATEGORY_NOT_COUNTED: "Category not counted",
        },
        "change": {
            Change.RECORDED: "Recorded",
            Change.AMENDED: "Amended",
            Change.REASSESSED: "Reassessed",
            Change.WITHDRAWN: "Withdrawn",
        },
        "assessment_type": {AssessmentType.TACTICAL: "Tactical", AssessmentType.THEMATIC: "Thematic"},
        "moderation_status": {
            ModerationStatus.UNMODERATED: "Unmoderated",
            ModerationStatus.MODERATED: "Moderated",
            ModerationStatus.REJECTED: "Rejected",
        },
        "entry_route": {EntryRoute.DIRECT: "Direct", EntryRoute.VIA_ROCU: "Through a regional unit"},
        "organisation_kind": {
            OrganisationKind.TERRITORIAL_FORCE: "Territorial force",
            OrganisationKind.SPECIAL_FORCE: "Special police force",
            OrganisationKind.ROCU: "Regional organised crime unit",
            OrganisationKind.AGENCY: "Agency",
        },
        "verdict": {Verdict.ADMITTED: "Admitted", Verdict.DUPLICATE: "The same again"},
        "feed_verdict": {
            FeedVerdict.NEVER_HEARD: "Never heard",
            FeedVerdict.FEED_DOWN: "Feed is down",
            FeedVerdict.EVENTS_MISSING: "Events are missing",
            FeedVerdict.NOTHING_TO_SEND: "Had nothing to send today",
            FeedVerdict.ALIVE: "Alive and complete",
            FeedVerdict.NOT_KEPT: "Heartbeats not kept",
        },
        "record": {"DisruptionEvent": "Disruption", "ThreatEvent": "Threat"},
        "code": {
            Code.RECORD_TOO_LARGE: "Record too large",
            Code.UNREADABLE_HEADERS: "Headers that cannot be read",
            Code.UNDECODABLE: "Record that cannot be read",
            Code.UNKNOWN_SCHEMA: "Schema not known",
            Code.UNRECOGNISED_VALUE: "Value not recognised",
            Code.FIELD_TOO_LONG: "Field too long",
            Code.REFERENCE_NOT_CANONICAL: "Reference not in its canonical form",
            Code.KEY_MISMATCH: "Key of another threat",
            Code.MISROUTED: "Sent to the wrong partition",
            Code.UNKNOWN_ORGANISATION: "Organisation not known",
            Code.SUPPORT_BY_FORCE: "Support recorded by a force",
            Code.SUPPORT_WITHOUT_BENEFICIARY: "Support of nobody",
            Code.SUPPORT_OF_ITSELF: "Support of its own recorder",
            Code.EVENT_ID_REUSED: "Event id used before",
            Code.VERSION_NOT_NEXT: "Version out of order",
            Code.CHANGE_NOT_LEGAL: "Change not allowed",
            Code.ENTERED_BEFORE_PREVIOUS: "Entered before its previous version",
            Code.ENTERED_IN_FUTURE: "Entered in the future",
            Code.EVENT_AFTER_ENTRY: "Event after its entry",
            Code.LOST: "Lost, and acknowledged",
        },
        "alert": {
            AlertKind.DEGRADED: "A part is in trouble",
            AlertKind.BEHIND: "Figures are behind",
            AlertKind.INVARIANT_BREACHED: "Figures contradict each other",
            AlertKind.REFUSAL_BURST: "Many events rejected",
            AlertKind.FEED_SILENT: "A feed is silent",
            AlertKind.RATE_OUTSIDE_LIMITS: "A rate outside its limits",
        },
        "figure_subject": {
            FigureSubject.DISRUPTIONS: "Disruptions of a period",
            FigureSubject.THREATS: "Active threats",
        },
        "alert_state": {AlertState.RAISED: "Raised", AlertState.CLEARED: "Cleared"},
    }
)
"""By dimension, each symbol and its name."""

STANDING_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        Standing.COUNTED: "It is in the headline figure: major, moderate or minor, against a threat that is permitted.",
        Standing.AWAITING_THREAT: "The threat it names is not on the master list yet; it is judged again when it is.",
        Standing.KIND_NOT_PERMITTED: "The minimum standards of its event date do not count this kind of threat.",
        Standing.SECOND_PILLAR: "The same activity is already recorded under another pillar, which is the one it has.",
        Standing.UNASSESSED: "No category has been given; it is judged again when one is.",
        Standing.CATEGORY_NOT_COUNTED: "It was assessed as no disruption, or as negative: only major, moderate and "
        "minor are counted.",
    }
)
"""Of each standing, why what stands there is or is not counted (methodology/RULES.md, Standing)."""

FEED_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        FeedVerdict.NEVER_HEARD: "No heartbeat has ever come, so its silence says nothing: it may be quiet, or down.",
        FeedVerdict.FEED_DOWN: "Its heartbeat is overdue: days without disruptions may be days without a feed.",
        FeedVerdict.EVENTS_MISSING: "Its heartbeat is in time, but numbers of its sequence have not arrived.",
        FeedVerdict.NOTHING_TO_SEND: "Its heartbeat is in time and no number is missing: it sent nothing today.",
        FeedVerdict.ALIVE: "Its heartbeat is in time and no number of its sequence is missing.",
        FeedVerdict.NOT_KEPT: "No alert stood that it was down. Of past heartbeats none is kept, so more is not known.",
    }
)
"""Of each verdict on a feed, what is known by it (methodology/RULES.md, Feeds)."""

FEED_TAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        FeedVerdict.NEVER_HEARD: "govuk-tag--grey",
        FeedVerdict.FEED_DOWN: "govuk-tag--red",
        FeedVerdict.EVENTS_MISSING: "govuk-tag--orange",
        FeedVerdict.NOTHING_TO_SEND: "govuk-tag--blue",
        FeedVerdict.ALIVE: "govuk-tag--green",
        FeedVerdict.NOT_KEPT: "govuk-tag--grey",
    }
)
"""Of each verdict on a feed, the colour of its tag, which has its words too."""

JUMP_SENTENCE: Final = (
    "so far apart that what lies between is not taken for missing, and is not known to be there: see why the system "
    "gave that number, and hold your own list of event ids against the ledger"
)
"""Rule F5: where numbers of a sequence jump."""

COMPARISON_CAVEAT: Final = (
    "Recording practice differs between organisations, and moves these figures as activity does. Compare an "
    "organisation with its own past first; do not rank organisations by them."
)
"""Rule 15: wherever organisations stand beside each other."""


def name_regions() -> dict[str, str]:
    """Name every region, by itself."""
    return {region: name_symbol("region", region) for region in list_regions()}


def name_symbol(dimension: str, symbol: str) -> str:
    """Name a value of a dimension as pages show it; what has no name of its own, as a month, is shown as it stands."""
    return SYMBOLS.get(dimension, {}).get(symbol, symbol)
