"""Who records: forces, regional units and agencies, with the regions they belonged to and when.

Region, unit and force are those of the inspection reports' Appendix 1; codes are police.uk slugs, ``ons_code`` the ONS
police-force-area code. Regions here are those of the regional organised crime units, which are not
ONS regions. Membership is dated, so that a force that moves leaves every earlier figure where it was: end the old
membership, add a new one, never edit a date that was used.
"""

from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from ledger.facts import Day
from ledger.vocabulary import OrganisationKind

NATIONAL = "National"
LONDON = "London"
UNKNOWN_REGION = "UNKNOWN"
EVER: Day = 0


class RegionMembership(NamedTuple):
    """An organisation's region from ``since`` on, up to but not including ``until`` (None: still)."""

    region: str
    since: Day = EVER
    until: Day | None = None


class Organisation(NamedTuple):
    """One recorder. ``ons_code`` is None where no police-force area is its own."""

    code: str
    name: str
    kind: OrganisationKind
    ons_code: str | None
    memberships: tuple[RegionMembership, ...]


def _list_members(region: str, kind: OrganisationKind, *rows: tuple[str, str, str | None]) -> tuple[Organisation, ...]:
    return tuple(Organisation(code, name, kind, ons, (RegionMembership(region),)) for code, name, ons in rows)


_FORCE = OrganisationKind.TERRITORIAL_FORCE

FORCES: tuple[Organisation, ...] = (
    *_list_members(
        "North East",
        _FORCE,
        ("cleveland", "Cleveland Police", "E23000013"),
        ("durham", "Durham Constabulary", "E23000008"),
        ("northumbria", "Northumbria Police", "E23000007"),
    ),
    *_list_members(
        "Yorkshire and the Humber",
        _FORCE,
        ("humberside", "Humberside Police", "E23000012"),
        ("north-yorkshire", "North Yorkshire Police", "E23000009"),
        ("south-yorkshire", "South Yorkshire Police", "E23000011"),
        ("west-yorkshire", "West Yorkshire Police", "E23000010"),
    ),
    *_list_members(
        "North West",
        _FORCE,
        ("cheshire", "Cheshire Constabulary", "E23000006"),
        ("cumbria", "Cumbria Constabulary", "E23000002"),
        ("greater-manchester", "Greater Manchester Police", "E23000005"),
        ("lancashire", "Lancashire Constabulary", "E23000003"),
        ("merseyside", "Merseyside Police", "E23000004"),
        ("north-wales", "North Wales Police", "W15000001"),
    ),
    *_list_members(
        "Southern Wales",
        _FORCE,
        ("dyfed-powys", "Dyfed-Powys Police", "W15000004"),
        ("gwent", "Gwent Police", "W15000002"),
        ("south-wales", "South Wales Police", "W15000003"),
    ),
    *_list_members(
        "West Midlands",
        _FORCE,
        ("staffordshire", "Staffordshire Police", "E23000015"),
        ("warwickshire", "Warwickshire Police", "E23000017"),
        ("west-mercia", "West Mercia Police", "E23000016"),
        ("west-midlands", "West Midlands Police", "E23000014"),
    ),
    *_list_members(
        "East Midlands",
        _FORCE,
        ("derbyshire", "Derbyshire Constabulary", "E23000018"),
        ("leicestershire", "Leicestershire Police", "E23000021"),
        ("lincolnshire", "Lincolnshire Police", "E23000020"),
        ("northamptonshire", "Northamptonshire Police", "E23000022"),
        ("nottinghamshire", "Nottinghamshire Police", "E23000019"),
    ),
    *_list_members(
        "Eastern",
        _FORCE,
        ("bedfordshire", "Bedfordshire Police", "E23000026"),
        ("cambridgeshire", "Cambridgeshire Constabulary", "E23000023"),
        ("essex", "Essex Police", "E23000028"),
        ("hertfordshire", "Hertfordshire Constabulary", "E23000027"),
        ("kent", "Kent Police", "E23000032"),
        ("norfolk", "Norfolk Constabulary", "E23000024"),
        ("suffolk", "Suffolk Constabulary", "E23000025"),
    ),
    *_list_members(
        "South West",
        _FORCE,
        ("avon-and-somerset", "Avon and Somerset Police", "E23000036"),
        ("devon-and-cornwall", "Devon and Cornwall Police", "E23000035"),
        ("dorset", "Dorset Police", "E23000039"),
        ("gloucestershire", "Gloucestershire Constabulary", "E23000037"),
        ("wiltshire", "Wiltshire Police", "E23000038"),
    ),
    *_list_members(
        "South East",
        _FORCE,
        ("hampshire", "Hampshire and Isle of Wight Constabulary", "E23000030"),
        ("surrey", "Surrey Police", "E23000031"),
        ("sussex", "Sussex Police", "E23000033"),
        ("thames-valley", "Thames Valley Police", "E23000029"),
    ),
    *_list_members(
        LONDON,
        _FORCE,
        ("metropolitan", "Metropolitan Police Service", "E23000001"),
        ("city-of-london", "City of London Police", "E23000034"),
    ),
    *_list_members(LONDON, OrganisationKind.SPECIAL_FORCE, ("btp", "British Transport Police", None)),
)

_ROCUS = (
    ("North East", "rocu-north-east", "North East Regional Organised Crime Unit (NERSOU)"),
    (
        "Yorkshire and the Humber",
        "rocu-yorkshire-humber",
        "Yorkshire and the Humber Regional Organised Crime Unit (YHROCU)",
    ),
    ("North West", "rocu-north-west", "North West Regional Organised Crime Unit (NWROCU)"),
    ("Southern Wales", "rocu-tarian", "Southern Wales Regional Organised Crime Unit (Tarian)"),
    ("West Midlands", "rocu-west-midlands", "West Midlands Regional Organised Crime Unit (ROCUWM)"),
    ("East Midlands", "rocu-east-midlands", "East Midlands Regional Organised Crime Unit (EMSOU)"),
    ("Eastern", "rocu-eastern", "Eastern Regional Organised Crime Unit (ERSOU)"),
    ("South West", "rocu-south-west", "South West Regional Organised Crime Unit (SWROCU)"),
    ("South East", "rocu-south-east", "South East Regional Organised Crime Unit (SEROCU)"),
)

ROCUS: tuple[Organisation, ...] = tuple(
    Organisation(code, name, OrganisationKind.ROCU, None, (RegionMembership(region),)) for region, code, name in _ROCUS
)

AGENCIES: tuple[Organisation, ...] = _list_members(
    NATIONAL,
    OrganisationKind.AGENCY,
    ("nca", "National Crime Agency", None),
    ("hmrc", "HM Revenue and Customs", None),
    ("immigration-enforcement", "Home Office Immigration Enforcement", None),
)

ORGANISATIONS: tuple[Organisation, ...] = FORCES + ROCUS + AGENCIES


@cache
def _index_by_code() -> MappingProxyType[str, Organisation]:
    return MappingProxyType({one.code: one for one in ORGANISATIONS})


@cache
def name_organisations() -> MappingProxyType[str, str]:
    """Name every organisation that ever recorded, by its code: what was on the list once may be asked for always."""
    return MappingProxyType({one.code: one.name for one in ORGANISATIONS})


def find_organisation(code: str) -> Organisation | None:
    """Find the organisation of that code; None when there is none."""
    return _index_by_code().get(code)


def list_regions() -> tuple[str, ...]:
    """List every region that any organisation was ever in, in the order of the table."""
    return tuple(dict.fromkeys(spell.region for one in ORGANISATIONS for spell in one.memberships))


def find_region(code: str, day: Day) -> str:
    """Find the region that the organisation was in on that day, or ``UNKNOWN`` (rule 16: a row, never dropped)."""
    found = find_organisation(code)
    spells = found.memberships if found else ()
    return find_region_in(spells, day)


def find_region_in(spells: tuple[RegionMembership, ...], day: Day) -> str:
    """Find the region of the membership in force on that day."""
    for spell in spells:
        if spell.since <= day and (spell.until is None or day < spell.until):
            return spell.region
    return UNKNOWN_REGION
