"""Links between pages: one place that knows their addresses, so that every number leads to what it is made of."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from dashboard.regions import write_slug
from dashboard.view import View
from ledger.instants import EARLIEST, LATEST
from ledger.organisations import UNKNOWN_REGION, find_organisation

RECORD_FILTERS: Final = ("org", "region", "type", "pillar", "kind", "crime_type", "category", "standing", "month")


def link_file(path: str, fields: Mapping[str, str | None]) -> str:
    """Link to an answer of the read API as CSV; fields that are None are left out."""
    return (
        f"/v1{path}?{urlencode({name: text for name, text in fields.items() if text is not None} | {'format': 'csv'})}"
    )


def link_records(view: View, **filters: str) -> str:
    """Link to the records behind a number of a view: ``/records`` with the number's filters.

    Args:
        view: the period and the instants that the number was counted for.
        filters: of ``RECORD_FILTERS``, with values as answers have them (``pillar="PURSUE"``); lead that is counted
            where they do not say otherwise, as everywhere.
    """
    assert filters.keys() <= set(RECORD_FILTERS)  # noqa: S101  (a page's mistake, met by its first test)
    return view.link_to("/records", filters)


def link_disruption(view: View, reference: str) -> str:
    """Link to a disruption's story."""
    return view.link_to("/disruptions", {"disruption_id": reference})


def link_threat(view: View, reference: str) -> str:
    """Link to a threat's story."""
    return view.link_to(f"/threats/{quote(reference, safe='')}")


def link_threats(view: View, **filters: str) -> str:
    """Link to the threats behind a threat count, by its filters."""
    return view.link_to("/threats", filters)


def link_undisrupted(view: View, **filters: str) -> str:
    """Link to those of the threats behind a count of which no lead disruption of the view's period is recorded."""
    days = {"undisrupted_from": view.start.isoformat(), "undisrupted_to": view.end.isoformat()}
    return link_threats(view, **filters, **days)


def link_moves(view: View, then: str, **filters: str) -> str:
    """Link to the lead disruptions of any event date that moved a count since ``then``, as this ledger learnt of it."""
    return view.choose_period(EARLIEST, LATEST).link_to("/compare/moves", {"then_known_at": then} | filters)


def link_changes(view: View, then: str, **filters: str) -> str:
    """Link to the same as a table: counts then and now, and the causes of the difference."""
    return view.choose_period(EARLIEST, LATEST).link_to("/compare", {"then_known_at": then} | filters)


def link_rates(view: View, **filters: str) -> str:
    """Link to the rates of whom, and of what, the filters say; without them, of the nation."""
    return view.link_to("/rates", filters)


def link_organisation(view: View, code: str) -> str | None:
    """Link to an organisation's page; None for a code that is not on the list."""
    return view.link_to(f"/organisations/{code}") if find_organisation(code) else None


def link_region(view: View, region: str) -> str | None:
    """Link to a region's page, by its name; None for a region that is not known."""
    return None if region == UNKNOWN_REGION else view.link_to(f"/regions/{write_slug(region)}")
