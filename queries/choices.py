"""What fields with a closed list may have: dimensions, types, standings, organisations."""

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.organisations import name_organisations
from ledger.vocabulary import Standing
from methodology.dimensions import Dimension
from methodology.measures import COUNTED, LEAD, SUPPORT
from queries.errors import choose_field

ALL: Final = "all"  # summed, unless it is a dimension
_TYPES: Final = {str(one.value).lower(): "" for one in (LEAD, SUPPORT)}
_STANDINGS: Final = dict.fromkeys((*(one.value for one in Standing), ALL), "")


def choose_dimensions(by: Sequence[str], known: Mapping[str, Dimension]) -> list[Dimension]:
    """Take the dimensions of these names, once each.

    Raises:
        WrongField: one is unknown; the message lists those there are.
    """
    names = dict.fromkeys(known, "")
    return [known[choose_field("by", name, names)] for name in dict.fromkeys(by)]


def choose_type(asked: str | None, by: Sequence[str]) -> str | None:
    """Take the one type that is counted, or None for both, apart: ``type`` is a dimension and none was asked for."""
    if asked is None:
        return None if "type" in by else str(LEAD.value)
    return choose_field("type", asked.lower(), _TYPES, note=" (the two are never added)").upper()


def choose_standing(asked: str | None) -> str | None:
    """Take the one standing that is counted, or None for all."""
    if asked is None:
        return str(COUNTED.value)
    found = choose_field("standing", ALL if asked.lower() == ALL else asked.upper(), _STANDINGS)
    return None if found == ALL else found


def choose_organisation(asked: str) -> str:
    """Take an organisation by its code. Raises WrongField: none has it, or ever had."""
    return choose_field("org", asked, name_organisations())
