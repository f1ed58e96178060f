"""The records that a figure is made of: every number leads here, and each record to its story."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import PageRequest, Site
from dashboard.view import View
from queries.choices import ALL
from queries.listed_queries import RECORDS_MOST, RecordsQuery
from queries.query import WrittenFields

PATH: Final = "/records"
FILTERS: Final = ("org", "region", "type", "pillar", "kind", "crime_type", "category", "standing", "month", "threat_id")
HEADINGS: Final = {
    "type": "Type",
    "standing": "Standing",
    "org": "Organisation",
    "region": "Region",
    "pillar": "Pillar",
    "kind": "Threat kind",
    "crime_type": "Crime type",
    "category": "Category",
    "threat_id": "Threat",
}


def route_listed(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get(PATH, response_class=HTMLResponse)
    def show_records(request: Request) -> Any:
        """Show the records of a figure, a page at a time."""
        page = site.open_page(request)
        asked = take_filters(page.fields)
        query = read_query(page, asked)
        answer = page.ask(query)
        return page.draw_page(
            "records.html",
            answer=answer,
            kept=asked,
            held={HEADINGS[name]: (name, value) for name, value in answer["filters"].items() if name in HEADINGS},
            month=query.month,
            begins=query.after is None,
            all_standings=ALL,
            links=link_pages(page.view, asked, answer["next"]),
        )

    return router


def take_filters(fields: WrittenFields) -> dict[str, str]:
    """Take the fields of a figure, as they were written."""
    found = {name: fields.take_text(name) for name in FILTERS}
    return {name: text for name, text in found.items() if text is not None}


def read_query(page: PageRequest, asked: Mapping[str, str]) -> RecordsQuery:
    """Read the question of a page. Raises WrongField."""
    paging = {name: page.fields.take_text(name) for name in ("after", "limit")}
    return RecordsQuery.parse_fields(**page.view.list_fields(), **asked, **paging)


def link_pages(view: View, asked: Mapping[str, str], more: str | None) -> dict[str, str | None]:
    """Link to the first page, to the next one where there is one, and to all of it as a file."""
    return {
        "first": view.link_to(PATH, asked),
        "next": None if more is None else view.link_to(PATH, {**asked, "after": more}),
        "file": view.link_to(f"/v1{PATH}", {**asked, "format": "csv", "limit": str(RECORDS_MOST)}),
    }
