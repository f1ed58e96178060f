"""The SOC master list: each threat's assessments, from the first MoRiLE form to reclassification or closure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from random import Random
from typing import NamedTuple
from uuid import UUID

import msgspec

from ledger.events import ThreatEvent
from ledger.vocabulary import AssessmentType, CrimeType, ModerationStatus, ThreatKind
from synthetic.seasons import Season, draw_day, draw_working_time

OPEN_PHASES = ("Active", "Developing", "Managed", "Referred to partner")
CLOSED_PHASES = ("Closed - dismantled", "Closed - no activity", "Archived (CLOSED)")
KNOWN_BEFORE_DAYS = 900  # the oldest threats were assessed this long before the year
SETTLED_DAYS = 120  # a new threat is assessed at least this long before the year ends


class ThreatFate(Enum):
    """Where a threat stands in the end. Only ``ACTIVE`` counts by rule 8."""

    ACTIVE = "active"
    CLOSED = "closed"
    TIER_5 = "tier 5"
    UNMODERATED = "unmoderated"
    REFUSED = "moderation refused"
    THEMATIC = "thematic"
    NOT_SOC = "not soc"


class Reclassification(NamedTuple):
    """A reclassification as a vulnerability: the day it is assessed from, and the day it is entered."""

    assessed_on: date
    entered_on: date


class ThreatSpec(NamedTuple):
    """What to enrol on the master list."""

    kind: ThreatKind
    crime_type: CrimeType
    fate: ThreatFate = ThreatFate.ACTIVE
    tags: tuple[str, ...] = ()
    reclassified: Reclassification | None = None


@dataclass(frozen=True, slots=True)
class EnrolledThreat:
    """One threat as disruptions need it, with its events."""

    spec: ThreatSpec
    events: tuple[ThreatEvent, ...]

    @property
    def id(self) -> str:
        """Its reference."""
        return self.events[0].threat_id

    @property
    def first(self) -> date:
        """The day it was first assessed."""
        return self.events[0].assessed_on

    def is_ocg_on(self, day: date) -> bool:
        """Tell whether a disruption of ``day`` was against an OCG (rule 12)."""
        return self.spec.kind is ThreatKind.OCG and (
            self.spec.reclassified is None or day < self.spec.reclassified.assessed_on
        )


def draw_event_id(rng: Random) -> str:
    """Draw a random event id, from the seed."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def enrol_threat(rng: Random, owner: str, number: int, spec: ThreatSpec, season: Season) -> EnrolledThreat:
    """Assess a threat, and again as its story goes."""
    newest = season.first if spec.reclassified else season.last - timedelta(days=SETTLED_DAYS)
    assessed_on = draw_day(rng, season.first - timedelta(days=KNOWN_BEFORE_DAYS), newest)
    events = [_assess_first(rng, owner, number, spec, assessed_on)]
    _moderate_threat(rng, spec, events)
    _review_threat(rng, spec, season, events)
    if spec.reclassified is not None:
        _reclassify_threat(rng, spec.reclassified, events)
    if spec.fate is ThreatFate.CLOSED:
        _close_threat(rng, season, events)
    return EnrolledThreat(spec, tuple(events))


def _assess_first(rng: Random, owner: str, number: int, spec: ThreatSpec, assessed_on: date) -> ThreatEvent:
    delay_days = rng.randint(25, 55) if rng.random() < 0.05 else rng.randint(0, 9)
    waits = spec.fate in (ThreatFate.UNMODERATED, ThreatFate.REFUSED) or rng.random() < 0.2
    return ThreatEvent(
        event_id=draw_event_id(rng),
        threat_id=f"{owner}-t{number:04}",
        version=1,
        owner=owner,
        source_sequence=0,
        kind=spec.kind,
        crime_type=spec.crime_type,
        tags=spec.tags,
        assessment_type=AssessmentType.THEMATIC if spec.fate is ThreatFate.THEMATIC else AssessmentType.TACTICAL,
        moderation_status=ModerationStatus.UNMODERATED if waits else ModerationStatus.MODERATED,
        soc=spec.fate is not ThreatFate.NOT_SOC,
        tier=5 if spec.fate is ThreatFate.TIER_5 else rng.choices((1, 2, 3, 4), (1, 3, 5, 4))[0],
        phase=rng.choice(OPEN_PHASES),
        assessed_on=assessed_on,
        entered_at=draw_working_time(rng, assessed_on + timedelta(days=delay_days)),
        actor=f"{owner}-a{rng.randint(1, 9):02}",
        source_system="morile",
    )


def _moderate_threat(rng: Random, spec: ThreatSpec, events: list[ThreatEvent]) -> None:
    if events[-1].moderation_status is ModerationStatus.MODERATED or spec.fate is ThreatFate.UNMODERATED:
        return
    status = ModerationStatus.REJECTED if spec.fate is ThreatFate.REFUSED else ModerationStatus.MODERATED
    entered_on = events[-1].entered_at.date() + timedelta(days=rng.randint(3, 35))
    events.append(_assess_next(rng, events[-1], entered_on, moderation_status=status, reason="moderation"))


def _review_threat(rng: Random, spec: ThreatSpec, season: Season, events: list[ThreatEvent]) -> None:
    if spec.fate is ThreatFate.TIER_5 or spec.reclassified is not None or rng.random() > 0.4:
        return
    entered_on = events[-1].entered_at.date() + timedelta(days=rng.randint(1, 20))
    if entered_on < season.last:
        tier = rng.choices((1, 2, 3, 4), (1, 3, 5, 4))[0]
        events.append(
            _assess_next(rng, events[-1], entered_on, tier=tier, phase=rng.choice(OPEN_PHASES), assessed_on=entered_on)
        )


def _reclassify_threat(rng: Random, reclassified: Reclassification, events: list[ThreatEvent]) -> None:
    entered_on = max(reclassified.entered_on, events[-1].entered_at.date() + timedelta(days=1))
    events.append(
        _assess_next(
            rng,
            events[-1],
            entered_on,
            kind=ThreatKind.VULNERABILITY,
            assessed_on=reclassified.assessed_on,
            reason="reclassified",
        )
    )


def _close_threat(rng: Random, season: Season, events: list[ThreatEvent]) -> None:
    earliest = max(season.first, events[-1].entered_at.date() + timedelta(days=1))
    entered_on = draw_day(rng, earliest, max(earliest, season.last))
    events.append(
        _assess_next(
            rng, events[-1], entered_on, phase=rng.choice(CLOSED_PHASES), assessed_on=entered_on, reason="closure"
        )
    )


def _assess_next(rng: Random, previous: ThreatEvent, entered_on: date, **changes: object) -> ThreatEvent:
    entered_at: datetime = draw_working_time(rng, entered_on)
    return msgspec.structs.replace(
        previous,
        event_id=draw_event_id(rng),
        version=previous.version + 1,
        entered_at=entered_at,
        **{"reason": "review", **changes},
    )
