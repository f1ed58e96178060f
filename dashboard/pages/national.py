"""The nation: lead disruptions of a period against the same a year before."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.cube import Cube
from dashboard.site import PageRequest, Site
from dashboard.view import View
from queries.balance_queries import ExtractQuery

CUBE = ("region", "org", "pillar", "kind", "crime_type")


def route_national(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/", response_class=HTMLResponse)
    def show_nation(request: Request) -> Any:
        """Show the nation."""
        page = site.open_page(request)
        now, before = ask_cube(page, page.view), ask_cube(page, page.view.find_year_earlier())
        pillars = compare_by(now, before, "pillar")
        return page.draw_page("national.html", now=now.sum_total(), before=before.sum_total(), pillars=pillars)

    return router


def ask_cube(page: PageRequest, view: View) -> Cube:
    """Ask for the counted lead disruptions of a view, by what its tables are made of."""
    query = ExtractQuery(start=view.start, end=view.end, as_at=view.as_at, known_at=view.known_at, by=CUBE)
    return Cube(page.ask(query)["rows"])


def compare_by(now: Cube, before: Cube, dimension: str) -> list[dict[str, Any]]:
    """Compare the values of a dimension in two periods."""
    these, those = now.sum_by(dimension), before.sum_by(dimension)
    names = sorted(these | those, key=lambda name: -these.get(name, 0))
    return [
        {"name": name, "now": these.get(name, 0), "before": those.get(name, 0), "link": None, "records": None}
        for name in names
    ]
