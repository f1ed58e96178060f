"""The nation: lead disruptions of a period against the same a year before, by what and by whom."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.places import compose_place
from dashboard.site import Site


def route_national(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    def show_nation(request: Request) -> Any:
        """Show the nation."""
        page = site.open_page(request)
        return page.draw_page("national.html", **compose_place(page, {}))

    return router
