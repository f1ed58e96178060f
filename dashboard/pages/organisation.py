"""An organisation: its figures against its own past, its threats, how its events arrive, the last of them."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_region
from dashboard.pages.absent import draw_absent
from dashboard.places import compose_arrival, compose_place, find_threats
from dashboard.site import Site
from dashboard.words import name_symbol
from ledger.instants import count_days
from ledger.organisations import find_organisation, find_region_in, name_organisations
from ledger.vocabulary import DisruptionType
from methodology.standards import find_standard


def route_organisation(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/organisations/{code}", response_class=HTMLResponse)
    def show_organisation(request: Request, code: str) -> Any:
        """Show the organisation with that code, in the region that it has at the period's end."""
        page = site.open_page(request)
        found = find_organisation(code)
        if found is None:
            return draw_absent(page, "Organisation", code, name_organisations(), "/organisations/{}")
        place, last = {"org": code}, count_days(page.view.end)
        region = find_region_in(found.memberships, last)
        return page.draw_page(
            "organisation.html",
            organisation=found,
            region=name_symbol("region", region),
            region_link=link_region(page.view, region),
            may_support=DisruptionType.SUPPORT in find_standard(last).permitted_types[found.kind],
            threats=find_threats(page, place),
            **compose_arrival(page, place),
            **compose_place(page, place),
        )

    return router
