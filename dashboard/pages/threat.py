"""One threat: how it was assessed, version by version, and the disruptions of it; lead and support apart."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.pages.disruption import EVENTS_MOST, is_known
from dashboard.site import PageRequest, Site
from queries.choices import ALL
from queries.listed_queries import RecordsQuery
from queries.originals import take_place
from queries.record_answers import RecordsAnswer
from queries.record_queries import AssessmentsQuery, EntriesQuery

TYPES: Final = ("lead", "support")


def route_threat(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/threats/{threat_id:path}", response_class=HTMLResponse)
    def show_threat(request: Request, threat_id: str) -> Any:
        """Show one threat."""
        page = site.open_page(request)
        rows = page.ask(AssessmentsQuery(threat_id=threat_id))["rows"]
        known = [row for row in rows if is_known(page.view, row)]
        places = [take_place(row) for row in reversed(known[-EVENTS_MOST:])]
        return page.draw_page(
            "threat.html",
            threat_id=threat_id,
            assessments=page.ask(EntriesQuery(places=tuple(places))),
            records={type: list_disruptions(page, threat_id, type) for type in TYPES},
            all_standings=ALL,
        )

    return router


def list_disruptions(page: PageRequest, threat_id: str, type: str) -> RecordsAnswer:
    """List the disruptions of a threat that happened in the view's period, whatever they stand as."""
    fields = page.view.list_fields()
    return page.ask(RecordsQuery.parse_fields(**fields, threat_id=threat_id, type=type, standing=ALL))
