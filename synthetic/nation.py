"""Everybody else's year: cells and threats drawn at the scale of the profile."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random
from types import MappingProxyType

from ledger.vocabulary import CrimeType, Pillar, ThreatKind
from synthetic.profile import (
    AGENCIES,
    AGENCY_CRIMES,
    CRIME_WEIGHTS,
    OTHER_PILLARS,
    PURSUE_SHARE,
    REGIONS,
    ROCU_SCALE,
    ROCU_SUPPORT,
    Cells,
    RecorderScale,
)
from synthetic.seasons import Season, draw_day
from synthetic.threats import Reclassification, ThreatFate, ThreatSpec

KIND_WEIGHTS: Mapping[ThreatKind, int] = MappingProxyType(
    {
        ThreatKind.OCG: 80,
        ThreatKind.PRIORITY_INDIVIDUAL: 9,
        ThreatKind.VULNERABILITY: 11,
    }
)
OUTSIDE_WEIGHTS: Mapping[ThreatFate, int] = MappingProxyType(
    {
        ThreatFate.CLOSED: 45,
        ThreatFate.TIER_5: 18,
        ThreatFate.UNMODERATED: 12,
        ThreatFate.THEMATIC: 10,
        ThreatFate.NOT_SOC: 10,
        ThreatFate.REFUSED: 5,
    }
)
OUTSIDE_SHARE = 0.3  # threats that do not count, beside those that do
TURNED_SHARE = 0.04
COUNTY_LINES_SHARE = 0.2


def list_recorders() -> Iterator[tuple[str, RecorderScale]]:
    """List every organisation outside London with its scale: forces and their ROCU by region, then agencies."""
    for rocu, forces in REGIONS.items():
        yield from forces.items()
        yield rocu, ROCU_SCALE
    yield from AGENCIES.items()


def draw_cells(rng: Random, counted: int) -> Cells:
    """Draw a year of about ``counted`` disruptions, with this organisation's own habit of pillars."""
    pursue = rng.uniform(*PURSUE_SHARE)
    others = rng.choices(list(OTHER_PILLARS), list(OTHER_PILLARS.values()), k=rng.randint(1, 9))  # some never prevent
    total = round(counted * rng.uniform(0.93, 1.07))
    drawn = Counter(Pillar.PURSUE if rng.random() < pursue else rng.choice(others) for _ in range(total))
    return {(None, pillar): drawn[pillar] for pillar in Pillar if drawn[pillar]}


def draw_support(rng: Random) -> Cells:
    """Draw a ROCU's support of a year."""
    return draw_cells(rng, ROCU_SUPPORT)


def draw_master_list(rng: Random, organisation: str, scale: RecorderScale, season: Season) -> list[ThreatSpec]:
    """Draw the threats of one owner: ``scale.threats`` that count and some that do not."""
    weights = AGENCY_CRIMES.get(organisation, CRIME_WEIGHTS)
    crimes = iter(lambda: rng.choices(list(weights), list(weights.values()))[0], None)
    counting = [_draw_counting(rng, next(crimes), season) for _ in range(scale.threats)]
    fates = rng.choices(list(OUTSIDE_WEIGHTS), list(OUTSIDE_WEIGHTS.values()), k=round(scale.threats * OUTSIDE_SHARE))
    return counting + [ThreatSpec(_draw_kind(rng), next(crimes), fate) for fate in fates]


def _draw_counting(rng: Random, crime: CrimeType, season: Season) -> ThreatSpec:
    tags = ("county lines",) if crime is CrimeType.DRUGS and rng.random() < COUNTY_LINES_SHARE else ()
    if rng.random() > TURNED_SHARE:
        return ThreatSpec(_draw_kind(rng), crime, tags=tags)
    assessed_on = draw_day(rng, season.first + timedelta(days=120), season.last)
    return ThreatSpec(
        ThreatKind.OCG,
        crime,
        tags=tags,
        reclassified=Reclassification(assessed_on, assessed_on + timedelta(days=rng.randint(1, 60))),
    )


def _draw_kind(rng: Random) -> ThreatKind:
    return rng.choices(list(KIND_WEIGHTS), list(KIND_WEIGHTS.values()))[0]
