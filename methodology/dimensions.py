"""By what a count may be broken down: the columns of extractions and counts, and what ``--by`` takes.

A dimension names the field of the account (``ledger.entries``) that it reads. ``derived`` says what is made of it:
``region`` is the organisation's region on the event date (a threat's: on the day of the extraction), ``month`` the year
and month of the event date.
"""

from types import MappingProxyType
from typing import Literal, NamedTuple


class Dimension(NamedTuple):
    """One way to break a count down: its public name and the account's field behind it."""

    name: str
    field: str
    derived: Literal["", "region", "month"] = ""


def _index_by_name(*dimensions: Dimension) -> MappingProxyType[str, Dimension]:
    return MappingProxyType({one.name: one for one in dimensions})


DIMENSIONS = _index_by_name(
    Dimension("org", "organisation"),
    Dimension("region", "organisation", "region"),
    Dimension("type", "type"),
    Dimension("pillar", "pillar"),
    Dimension("kind", "kind"),
    Dimension("crime_type", "crime_type"),
    Dimension("category", "category"),
    Dimension("standing", "standing"),
    Dimension("month", "event_date", "month"),
)

THREAT_DIMENSIONS = _index_by_name(
    Dimension("org", "owner"),
    Dimension("region", "owner", "region"),
    Dimension("kind", "kind"),
    Dimension("crime_type", "crime_type"),
    Dimension("assessment_type", "assessment_type"),
    Dimension("moderation_status", "moderation_status"),
    Dimension("tier", "tier"),
)
