"""The scale of the synthetic year: who records how much, against how many threats. Invented, except for London's.

"A large force records thousands of disruptions a year, most forces hundreds; England and Wales hold about 4,000 SOC
threats" (this project's summary of the inspection reports).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ledger.vocabulary import CrimeType, Pillar


class RecorderScale(NamedTuple):
    """Counted lead disruptions of a year, and SOC threats (rule 8)."""

    lead: int
    threats: int


REGIONS: Mapping[str, Mapping[str, RecorderScale]] = MappingProxyType(
    {
        "rocu-north-east": {
            "cleveland": RecorderScale(450, 70),
            "durham": RecorderScale(390, 62),
            "northumbria": RecorderScale(700, 95),
        },
        "rocu-yorkshire-humber": {
            "humberside": RecorderScale(400, 60),
            "north-yorkshire": RecorderScale(280, 45),
            "south-yorkshire": RecorderScale(900, 115),
            "west-yorkshire": RecorderScale(1370, 160),
        },
        "rocu-north-west": {
            "cheshire": RecorderScale(520, 75),
            "cumbria": RecorderScale(190, 32),
            "greater-manchester": RecorderScale(2140, 220),
            "lancashire": RecorderScale(830, 105),
            "merseyside": RecorderScale(1660, 190),
            "north-wales": RecorderScale(300, 48),
        },
        "rocu-tarian": {
            "dyfed-powys": RecorderScale(170, 30),
            "gwent": RecorderScale(260, 42),
            "south-wales": RecorderScale(600, 88),
        },
        "rocu-west-midlands": {
            "staffordshire": RecorderScale(430, 65),
            "warwickshire": RecorderScale(220, 36),
            "west-mercia": RecorderScale(370, 58),
            "west-midlands": RecorderScale(1870, 210),
        },
        "rocu-east-midlands": {
            "derbyshire": RecorderScale(440, 66),
            "leicestershire": RecorderScale(420, 62),
            "lincolnshire": RecorderScale(210, 38),
            "northamptonshire": RecorderScale(370, 55),
            "nottinghamshire": RecorderScale(630, 85),
        },
        "rocu-eastern": {
            "bedfordshire": RecorderScale(490, 68),
            "cambridgeshire": RecorderScale(310, 50),
            "essex": RecorderScale(830, 110),
            "hertfordshire": RecorderScale(460, 66),
            "kent": RecorderScale(970, 120),
            "norfolk": RecorderScale(270, 44),
            "suffolk": RecorderScale(240, 40),
        },
        "rocu-south-west": {
            "avon-and-somerset": RecorderScale(650, 92),
            "devon-and-cornwall": RecorderScale(400, 64),
            "dorset": RecorderScale(220, 38),
            "gloucestershire": RecorderScale(200, 34),
            "wiltshire": RecorderScale(190, 32),
        },
        "rocu-south-east": {
            "hampshire": RecorderScale(630, 90),
            "surrey": RecorderScale(300, 48),
            "sussex": RecorderScale(480, 72),
            "thames-valley": RecorderScale(1050, 130),
        },
    }
)
AGENCIES: Mapping[str, RecorderScale] = MappingProxyType(
    {"nca": RecorderScale(640, 120), "hmrc": RecorderScale(210, 40), "immigration-enforcement": RecorderScale(240, 30)}
)
ROCU_SCALE = RecorderScale(300, 35)
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
