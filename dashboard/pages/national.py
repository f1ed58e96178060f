"""The nation: lead disruptions of a period against the same a year before, by what and by whom."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.place_charts import draw_forces
from dashboard.places import compose_place
from dashboard.site import Site


def route_national(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    def show_nation(request: Request) -> Any:
        """Show the nation."""
        page = site.open_page(request)
        context = compose_place(page, {})
        force_map = draw_forces(page.view, context["organisations"])
        return page.draw_page("national.html", force_map=force_map, **context)

    return router
