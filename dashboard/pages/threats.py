"""The threats that a threat count is made of (rule 8): every threat count leads here, and each threat to its page."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_file
from dashboard.pages.records import HEADINGS
from dashboard.site import Site
from dashboard.view import View
from queries.threat_lists import THREATS_MOST, UNDISRUPTED, ThreatListQuery

PATH: Final = "/threats"
FILTERS: Final = ("org", "region", "kind", "crime_type")
ASKED: Final = (*FILTERS, *UNDISRUPTED)


def route_threats(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get(PATH, response_class=HTMLResponse)
    def show_threats(request: Request) -> Any:
        """Show the threats of a count, a page at a time."""
        page = site.open_page(request)
        asked = {name: page.fields.take_text(name) for name in ASKED}
        paging = {name: page.fields.take_text(name) for name in ("after", "limit")}
        query = ThreatListQuery.parse_fields(**list_instants(page.view), **asked, **paging)
        answer = page.ask(query)
        more = {**asked, "after": answer["next"]}
        return page.draw_page(
            "threats.html",
            answer=answer,
            kept=asked,
            undisrupted=None if query.undisrupted_from is None else (query.undisrupted_from, query.undisrupted_to),
            held={HEADINGS[name]: (name, asked[name]) for name in FILTERS if asked[name]},
            with_disruptions=page.view.link_to(PATH, {name: asked[name] for name in FILTERS}),
            begins=query.after is None,
            first=page.view.link_to(PATH, asked),
            next=page.view.link_to(PATH, more) if answer["next"] else None,
            file=link_file("/threats/listed", list_instants(page.view) | asked | {"limit": str(THREATS_MOST)}),
        )

    return router


def list_instants(view: View) -> dict[str, str | None]:
    """List the instants of a view: a count of threats has no period."""
    fields = view.list_fields()
    return {name: fields.get(name) for name in ("as_at", "known_at")}
