"""Reconcile, under an organisation: what it sent on a day of entry, what of it arrived, and what is missing."""

from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_organisation
from dashboard.pages.absent import draw_absent
from dashboard.period import DateField, split_date
from dashboard.site import Site
from dashboard.view import take_date
from dashboard.words import JUMP_SENTENCE
from ledger.organisations import find_organisation, name_organisations
from queries.reconcile_queries import DayFatesQuery, ReconcileQuery

EVENTS_SHOWN: Final = 100


def route_reconcile_page(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/organisations/{code}/reconcile", response_class=HTMLResponse)
    def show_reconciliation(request: Request, code: str) -> Any:
        """Show what became of what an organisation entered on a day: yesterday, unless asked."""
        page = site.open_page(request)
        found = find_organisation(code)
        if found is None:
            return draw_absent(page, "Organisation", code, name_organisations(), "/organisations/{}/reconcile")
        day = take_date(page.fields, "day") or page.today - timedelta(days=1)
        after = page.fields.take_text("after")
        days = {"org": code, "day": day.isoformat()}
        events = page.ask(DayFatesQuery.parse_fields(**days, after=after, limit=str(EVENTS_SHOWN)))
        asked = {"day": day.isoformat()}
        return page.draw_page(
            "reconcile.html",
            organisation=found,
            organisation_link=link_organisation(page.view, code),
            day=day,
            field=DateField("day", "Day of entry", split_date(day)),
            answer=page.ask(ReconcileQuery.parse_fields(**days)),
            events=events,
            jump_sentence=JUMP_SENTENCE,
            begins=after is None,
            first=page.view.link_to(page.path, asked),
            following=events["next"] and page.view.link_to(page.path, asked | {"after": events["next"]}),
            kept=page.view.list_fields(),
        )

    return router
