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
from synthetic.threats import Fate, Spec, Turn

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


def master_list(organisation: str, rng: Random, season: Season) -> list[Spec]:
    """The threats of a London force; those with an ``ACTIVE`` fate are the published count."""
    if organisation == "metropolitan":
        return _metropolitan(rng, season)
    return list(_BTP if organisation == "btp" else _CITY)


def late_turn(season: Season) -> Turn:
    """A vulnerability since April that was entered as one only in October."""
    return Turn(date(season.year, 4, 1), date(season.year, 10, 14))


def _metropolitan(rng: Random, season: Season) -> list[Spec]:
    specs = [Spec(OCG, crime) for crime in _crimes(rng, 198)]
    specs += [Spec(OCG, crime, turn=_spring_turn(rng, season)) for crime in _crimes(rng, 19)]
    specs += [Spec(OCG, DRUGS, turn=late_turn(season))]
    specs += [Spec(VULNERABILITY, crime) for crime in _crimes(rng, 18)]
    specs += [Spec(INDIVIDUAL, crime) for crime in _crimes(rng, 30)]  # 266 so far
    outside = ((Fate.CLOSED, 41), (Fate.TIER_5, 14), (Fate.UNMODERATED, 9), (Fate.THEMATIC, 8), (Fate.NOT_SOC, 6))
    return specs + [Spec(OCG, crime, fate) for fate, n in outside for crime in _crimes(rng, n)]


def _crimes(rng: Random, n: int) -> list[CrimeType]:
    return rng.choices(list(CRIME_WEIGHTS), list(CRIME_WEIGHTS.values()), k=n)


def _spring_turn(rng: Random, season: Season) -> Turn:
    """No vulnerabilities in January, dozens by April (rule 12)."""
    assessed_on = draw_day(rng, date(season.year, 1, 20), date(season.year, 4, 10))
    return Turn(assessed_on, assessed_on + timedelta(days=rng.randint(1, 15)))


def _several(n: int, spec: Spec) -> Iterable[Spec]:
    return (spec for _ in range(n))


_BTP = (
    *_several(5, Spec(OCG, DRUGS, tags=COUNTY_LINES)),
    *_several(5, Spec(OCG, MSHT, tags=COUNTY_LINES)),
    *_several(12, Spec(OCG, ACQUISITIVE)),
    *_several(3, Spec(OCG, DRUGS, Fate.CLOSED, COUNTY_LINES)),
    *_several(2, Spec(INDIVIDUAL, ACQUISITIVE, Fate.NOT_SOC)),
)
_CITY = (
    *_several(33, Spec(OCG, FRAUD)),
    *_several(5, Spec(OCG, CYBER)),
    *_several(2, Spec(OCG, CrimeType.MONEY_LAUNDERING)),
    *_several(1, Spec(OCG, DRUGS)),
    *_several(1, Spec(OCG, CrimeType.OTHER)),
    *_several(1, Spec(OCG, CrimeType.UNKNOWN)),
    *_several(6, Spec(OCG, FRAUD, Fate.CLOSED)),
    *_several(2, Spec(OCG, CYBER, Fate.TIER_5, ("intellectual property",))),
    *_several(1, Spec(OCG, CYBER, Fate.THEMATIC)),
    *_several(2, Spec(INDIVIDUAL, FRAUD, Fate.UNMODERATED)),
)
