"""Regions by what addresses call them: ``Yorkshire and the Humber`` is ``yorkshire-and-the-humber``."""

from functools import cache
from types import MappingProxyType

from ledger.organisations import ORGANISATIONS, list_regions


@cache
def list_slugs() -> MappingProxyType[str, str]:
    """List the regions by slug, in the order of the organisations' table."""
    return MappingProxyType({write_slug(one): one for one in list_regions()})


def write_slug(region: str) -> str:
    """Write a region as an address has it."""
    return region.lower().replace(" ", "-")


def list_members(region: str | None = None) -> list[str]:
    """List the organisations that were ever in a region, by code, as the organisations' table has them.

    Without a region, those of all, region by region.
    """
    sought = list_regions() if region is None else (region,)
    return [
        one.code for name in sought for one in ORGANISATIONS if any(spell.region == name for spell in one.memberships)
    ]
