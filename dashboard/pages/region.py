"""A region of the organised crime units: its figures, its threats, how its organisations' events arrive."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.pages.absent import draw_absent
from dashboard.places import compose_arrival, compose_place, find_threats
from dashboard.regions import list_slugs
from dashboard.site import Site
from dashboard.words import name_symbol


def route_region(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/regions/{slug}", response_class=HTMLResponse)
    def show_region(request: Request, slug: str) -> Any:
        """Show the region with that slug."""
        page = site.open_page(request)
        slugs = list_slugs()
        if slug not in slugs:
            return draw_absent(page, "Region", slug, slugs, "/regions/{}")
        place = {"region": slugs[slug]}
        return page.draw_page(
            "region.html",
            name=name_symbol("region", slugs[slug]),
            threats=find_threats(page, place),
            **compose_arrival(page, place),
            **compose_place(page, place),
        )

    return router
