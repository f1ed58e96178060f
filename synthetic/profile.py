"""The scale of the synthetic year: who records how much, against how many threats. Invented, except for London's.

"A large force records thousands of disruptions a year, most forces hundreds; England and Wales hold about 4,000 SOC
threats" (this project's summary of the inspection reports).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ledger.vocabulary import CrimeType, Pillar


class Scale(NamedTuple):
    """Counted lead disruptions of a year, and SOC threats (rule 8)."""

    lead: int
    threats: int


REGIONS: Mapping[str, Mapping[str, Scale]] = MappingProxyType(
    {
        "rocu-north-east": {"cleveland": Scale(450, 70), "durham": Scale(390, 62), "northumbria": Scale(700, 95)},
        "rocu-yorkshire-humber": {
            "humberside": Scale(400, 60),
            "north-yorkshire": Scale(280, 45),
            "south-yorkshire": Scale(900, 115),
            "west-yorkshire": Scale(1370, 160),
        },
        "rocu-north-west": {
            "cheshire": Scale(520, 75),
            "cumbria": Scale(190, 32),
            "greater-manchester": Scale(2140, 220),
            "lancashire": Scale(830, 105),
            "merseyside": Scale(1660, 190),
            "north-wales": Scale(300, 48),
        },
        "rocu-tarian": {"dyfed-powys": Scale(170, 30), "gwent": Scale(260, 42), "south-wales": Scale(600, 88)},
        "rocu-west-midlands": {
            "staffordshire": Scale(430, 65),
            "warwickshire": Scale(220, 36),
            "west-mercia": Scale(370, 58),
            "west-midlands": Scale(1870, 210),
        },
        "rocu-east-midlands": {
            "derbyshire": Scale(440, 66),
            "leicestershire": Scale(420, 62),
            "lincolnshire": Scale(210, 38),
            "northamptonshire": Scale(370, 55),
            "nottinghamshire": Scale(630, 85),
        },
        "rocu-eastern": {
            "bedfordshire": Scale(490, 68),
            "cambridgeshire": Scale(310, 50),
            "essex": Scale(830, 110),
            "hertfordshire": Scale(460, 66),
            "kent": Scale(970, 120),
            "norfolk": Scale(270, 44),
            "suffolk": Scale(240, 40),
        },
        "rocu-south-west": {
            "avon-and-somerset": Scale(650, 92),
            "devon-and-cornwall": Scale(400, 64),
            "dorset": Scale(220, 38),
            "gloucestershire": Scale(200, 34),
            "wiltshire": Scale(190, 32),
        },
        "rocu-south-east": {
            "hampshire": Scale(630, 90),
            "surrey": Scale(300, 48),
            "sussex": Scale(480, 72),
            "thames-valley": Scale(1050, 130),
        },
    }
)
AGENCIES: Mapping[str, Scale] = MappingProxyType(
    {"nca": Scale(640, 120), "hmrc": Scale(210, 40), "immigration-enforcement": Scale(240, 30)}
)
ROCU_SCALE = Scale(300, 35)
ROCU_SUPPORT = 250  # support disruptions of one ROCU in a year

CRIME_WEIGHTS: Mapping[CrimeType, int] = MappingProxyType(
    {
        CrimeType.DRUGS: 48,
        CrimeType.ORGANISED_ACQUISITIVE_CRIME: 13,
        CrimeType.FRAUD: 8,
        CrimeType.MSHT: 7,
        CrimeType.CHILD_SEXUAL_ABUSE: 6,
        CrimeType.FIREARMS: 5,
        CrimeType.MONEY_LAUNDERING: 4,
        CrimeType.ORGANISED_IMMIGRATION_CRIME: 4,
        CrimeType.CYBER: 3,
        CrimeType.OTHER: 1,
        CrimeType.UNKNOWN: 1,
    }
)
AGENCY_CRIMES: Mapping[str, Mapping[CrimeType, int]] = MappingProxyType(
    {
        "hmrc": {CrimeType.FRAUD: 6, CrimeType.MONEY_LAUNDERING: 3, CrimeType.OTHER: 1},
        "immigration-enforcement": {CrimeType.ORGANISED_IMMIGRATION_CRIME: 8, CrimeType.MSHT: 2},
        "nca": {
            CrimeType.CHILD_SEXUAL_ABUSE: 4,
            CrimeType.CYBER: 3,
            CrimeType.DRUGS: 4,
            CrimeType.MONEY_LAUNDERING: 3,
            CrimeType.ORGANISED_IMMIGRATION_CRIME: 3,
            CrimeType.BRIBERY_CORRUPTION_SANCTIONS: 1,
        },
    }
)

PURSUE_SHARE = (0.74, 0.96)  # recording practice differs from force to force
OTHER_PILLARS: Mapping[Pillar, int] = MappingProxyType({Pillar.PROTECT: 5, Pillar.PREVENT: 4, Pillar.PREPARE: 2})

Cells = Mapping[tuple[CrimeType | None, Pillar], int]
"""Counted disruptions by crime type (None: any) and pillar: what an organisation's year comes to."""
