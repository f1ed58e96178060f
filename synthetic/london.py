"""London, year ending 30 June 2022: the published figures, as cells and threats.

Source: the inspection reports on London's forces.

Published: metropolitan 8,021 lead disruptions (4,795 the year before), 78/10/7/5 percent pursue, protect, prevent,
prepare; btp 184 (34), virtually all pursue, two thirds drugs; city-of-london 506: cyber 441, fraud 52, drugs 5 and 8
unexplained, pursue 78, cyber-protect almost three quarters. What they leave open (which pillar of fraud, say) is
invented.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from types import MappingProxyType

from ledger.vocabulary import CrimeType, Pillar, ThreatKind
from synthetic.profile import CRIME_WEIGHTS, Cells
from synthetic.seasons import Season, draw_day
from synthetic.threats import Reclassification, ThreatFate, ThreatSpec

CYBER, DRUGS, FRAUD, MSHT = CrimeType.CYBER, CrimeType.DRUGS, CrimeType.FRAUD, CrimeType.MSHT
ACQUISITIVE = CrimeType.ORGANISED_ACQUISITIVE_CRIME
OCG, INDIVIDUAL, VULNERABILITY = ThreatKind.OCG, ThreatKind.PRIORITY_INDIVIDUAL, ThreatKind.VULNERABILITY
COUNTY_LINES = ("county lines",)
PURSUE, PREVENT, PROTECT, PREPARE = Pillar.PURSUE, Pillar.PREVENT, Pillar.PROTECT, Pillar.PREPARE

THIS_YEAR: Mapping[str, Cells] = MappingProxyType(
    {
        "metropolitan": {(None, PURSUE): 6256, (None, PROTECT): 802, (None, PREVENT): 561, (None, PREPARE): 402},
        "btp": {
            (DRUGS, PURSUE): 122,
            (DRUGS, PREVENT): 1,
            (MSHT, PURSUE): 25,
            (ACQUISITIVE, PURSUE): 35,
            (ACQUISITIVE, PROTECT): 1,
        },
        "city-of-london": {
            (CYBER, PROTECT): 374,
            (CYBER, PURSUE): 27,
            (CYBER, PREVENT): 25,
            (CYBER, PREPARE): 15,
            (FRAUD, PURSUE): 40,
            (FRAUD, PROTECT): 8,
            (FRAUD, PREVENT): 4,
            (DRUGS, PURSUE): 5,
            (CrimeType.OTHER, PURSUE): 4,
            (CrimeType.OTHER, PREVENT): 1,
            (CrimeType.UNKNOWN, PURSUE): 2,
            (CrimeType.UNKNOWN, PREVENT): 1,
        },
    }
)
YEAR_BEFORE: Mapping[str, Cells] = MappingProxyType(
    {
        "metropolitan": {(None, PURSUE): 3980, (None, PROTECT): 380, (None, PREVENT): 270, (None, PREPARE): 165},
        "btp": {(DRUGS, PURSUE): 22, (ACQUISITIVE, PURSUE): 12},
        "city-of-london": {(CYBER, PROTECT): 130, (CYBER, PURSUE): 20, (FRAUD, PURSUE): 45, (DRUGS, PURSUE): 3},
    }
)


def draw_london_threats(organisation: str, rng: Random, season: Season) -> list[ThreatSpec]:
    """Draw the threats of a London force; those with an ``ACTIVE`` fate are the published count."""
    if organisation == "metropolitan":
        return _list_metropolitan(rng, season)
    return list(_BTP if organisation == "btp" else _CITY)


def draw_late_turn(season: Season) -> Reclassification:
    """Draw a vulnerability since April that was entered as one only in October."""
    return Reclassification(date(season.year, 4, 1), date(season.year, 10, 14))


def _list_metropolitan(rng: Random, season: Season) -> list[ThreatSpec]:
    specs = [ThreatSpec(OCG, crime) for crime in _list_crimes(rng, 198)]
    specs += [ThreatSpec(OCG, crime, reclassified=_draw_spring_turn(rng, season)) for crime in _list_crimes(rng, 19)]
    specs += [ThreatSpec(OCG, DRUGS, reclassified=draw_late_turn(season))]
    specs += [ThreatSpec(VULNERABILITY, crime) for crime in _list_crimes(rng, 18)]
    specs += [ThreatSpec(INDIVIDUAL, crime) for crime in _list_crimes(rng, 30)]  # 266 so far
    outside = (
        (ThreatFate.CLOSED, 41),
        (ThreatFate.TIER_5, 14),
        (ThreatFate.UNMODERATED, 9),
        (ThreatFate.THEMATIC, 8),
        (ThreatFate.NOT_SOC, 6),
    )
    return specs + [ThreatSpec(OCG, crime, fate) for fate, n in outside for crime in _list_crimes(rng, n)]


def _list_crimes(rng: Random, n: int) -> list[CrimeType]:
    return rng.choices(list(CRIME_WEIGHTS), list(CRIME_WEIGHTS.values()), k=n)


def _draw_spring_turn(rng: Random, season: Season) -> Reclassification:
    """Draw a reclassification: no vulnerabilities in January, dozens by April (rule 12)."""
    assessed_on = draw_day(rng, date(season.year, 1, 20), date(season.year, 4, 10))
    return Reclassification(assessed_on, assessed_on + timedelta(days=rng.randint(1, 15)))


def _draw_several(n: int, spec: ThreatSpec) -> Iterable[ThreatSpec]:
    return (spec for _ in range(n))


_BTP = (
    *_draw_several(5, ThreatSpec(OCG, DRUGS, tags=COUNTY_LINES)),
    *_draw_several(5, ThreatSpec(OCG, MSHT, tags=COUNTY_LINES)),
    *_draw_several(12, ThreatSpec(OCG, ACQUISITIVE)),
    *_draw_several(3, ThreatSpec(OCG, DRUGS, ThreatFate.CLOSED, COUNTY_LINES)),
    *_draw_several(2, ThreatSpec(INDIVIDUAL, ACQUISITIVE, ThreatFate.NOT_SOC)),
)
_CITY = (
    *_draw_several(33, ThreatSpec(OCG, FRAUD)),
    *_draw_several(5, ThreatSpec(OCG, CYBER)),
    *_draw_several(2, ThreatSpec(OCG, CrimeType.MONEY_LAUNDERING)),
    *_draw_several(1, ThreatSpec(OCG, DRUGS)),
    *_draw_several(1, ThreatSpec(OCG, CrimeType.OTHER)),
    *_draw_several(1, ThreatSpec(OCG, CrimeType.UNKNOWN)),
    *_draw_several(6, ThreatSpec(OCG, FRAUD, ThreatFate.CLOSED)),
    *_draw_several(2, ThreatSpec(OCG, CYBER, ThreatFate.TIER_5, ("intellectual property",))),
    *_draw_several(1, ThreatSpec(OCG, CYBER, ThreatFate.THEMATIC)),
    *_draw_several(2, ThreatSpec(INDIVIDUAL, FRAUD, ThreatFate.UNMODERATED)),
)
