"""Regions by what addresses call them: ``Yorkshire and the Humber`` is ``yorkshire-and-the-humber``."""

from functools import cache
from types import MappingProxyType

from ledger.organisations import list_regions


@cache
def list_slugs() -> MappingProxyType[str, str]:
    """List the regions by slug, in the order of the organisations' table."""
    return MappingProxyType({write_slug(one): one for one in list_regions()})


def write_slug(region: str) -> str:
    """Write a region as an address has it."""
    return region.lower().replace(" ", "-")
