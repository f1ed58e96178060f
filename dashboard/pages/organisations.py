"""The index of organisations: region by region, each with its kind and what it leads."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.figures import Figures
from dashboard.links import link_region
from dashboard.regions import list_members
from dashboard.site import Site
from dashboard.words import name_symbol
from ledger.organisations import list_regions


def route_organisations(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/organisations", response_class=HTMLResponse)
    def list_organisations(request: Request) -> Any:
        """List all there are."""
        page = site.open_page(request)
        lines = {line.symbol: line for line in Figures(page, {}).compare_by("org")}
        groups = [
            {
                "name": name_symbol("region", region),
                "link": link_region(page.view, region),
                "rows": [(lines[code], code) for code in list_members(region)],
            }
            for region in list_regions()
        ]
        return page.draw_page("organisations.html", groups=groups)

    return router
