"""One disruption's story: where it stands and why, what was sent of it, what that moved, and where each event lies."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import PageRequest, Site
from dashboard.view import View
from queries.explain import list_accounts
from queries.originals import take_place
from queries.parsing import REFERENCE
from queries.record_answers import EntryAnswer, LegRow, UnderThreat
from queries.record_queries import DisruptionQuery, EntriesQuery

EVENTS_MOST: Final = 60
StoryRow = dict[str, Any]


def route_disruption(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/disruptions", response_class=HTMLResponse)
    def show_disruption(request: Request) -> Any:
        """Show one disruption, under each threat that its reference lives under; without one, the form that asks."""
        page = site.open_page(request)
        reference = page.fields.take_text(REFERENCE)
        if reference is None:
            return page.draw_page("find.html")
        story = page.ask(DisruptionQuery.parse_fields(disruption_id=reference))
        threats = [tell_threat(page, one) for one in story["threats"]]
        return page.draw_page("disruption.html", story=story, threats=threats, most=EVENTS_MOST)

    return router


def tell_threat(page: PageRequest, threat: UnderThreat) -> StoryRow:
    """Tell what stands under one threat, in the view's past where it has one."""
    legs = [leg for leg in threat["postings"] if is_known(page.view, leg)]
    versions = {take_place(row): row for row in threat["entries"] if is_known(page.view, row)}
    places = sorted(versions.keys() | {take_place(leg) for leg in legs})
    shown = page.ask(EntriesQuery(places=tuple(places[:EVENTS_MOST])))
    return {
        "threat_id": threat["threat_id"],
        "stands_in": list_accounts(legs),
        "events": [tell_event(entry, legs) for entry in shown],
        "left_out": max(0, len(places) - EVENTS_MOST),
    }


def tell_event(entry: EntryAnswer, legs: Iterable[LegRow]) -> StoryRow:
    """Tell one event that is about it or that moved it: a version of it, or another event of its threat."""
    moved = [leg for leg in legs if take_place(leg) == take_place(entry)]
    return {**entry, "fields": entry["fields"] or {}, "moved": moved}


def is_known(view: View, row: Mapping[str, Any]) -> bool:
    """Tell whether a leg or an entry is within the instants of a view."""
    bounds = ((row["entered_at"], view.as_at), (row["ledger_time"], view.known_at))
    return all(bound is None or datetime.fromisoformat(text) <= bound for text, bound in bounds)
