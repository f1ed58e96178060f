"""Then beside now: why a figure is another than it was, and the disruptions behind each difference."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.comparison import MOVES_PATH, ComparisonTable, choose_then, list_met
from dashboard.links import link_file
from dashboard.site import PageRequest, Site
from dashboard.time_machine import INSTANTS, write_instant
from dashboard.view import View
from dashboard.words import name_regions
from ledger.instants import format_instant
from ledger.organisations import name_organisations
from methodology.causes import CAUSE_SENTENCES, name_cause
from queries.answer import read_clock
from queries.compare_queries import MOVES_MOST, CompareQuery, MoveQuery
from queries.errors import choose_field

PATH: Final = "/compare"
DIMENSIONS: Final = {
    "region": "Region",
    "org": "Organisation",
    "pillar": "Pillar",
    "kind": "Kind of threat",
    "crime_type": "Crime type",
    "category": "Category",
    "month": "Month of the event",
}
STATES: Final = ("then", "then_as_at", "then_known_at")
HINT: Final = "Choose an organisation or a region, not both"
CELL: Final = ("org", "region", "type", "pillar", "kind", "crime_type", "category", "month")
TYPES: Final = {"lead": "Lead", "support": "Support"}


def route_compare(site: Site) -> APIRouter:
    """Route the pages."""
    router = APIRouter()

    @router.get(PATH, response_class=HTMLResponse)
    def show_comparison(request: Request) -> Any:
        """Show then beside now, by a dimension, with the causes of each difference."""
        page = site.open_page(request)
        by = choose_field("by", page.fields.take_text("by") or "region", DIMENSIONS)
        query = read_comparison(page, by)
        answer = page.ask(query)
        table = ComparisonTable(view=page.view, query=query, by=by)
        lines, total = table.list_lines(answer), table.draw_total(answer)
        return page.draw_page(
            "compare.html",
            answer=answer,
            table=table,
            lines=lines,
            total=total,
            causes=list_met(total, lines),
            states=describe_states(query),
            choices={"by": DIMENSIONS, "org": name_organisations(), "region": name_regions(), "type": TYPES},
            asked={"by": by, "org": query.org, "region": query.region, "type": query.type or "lead"},
            region_hint=HINT,
            needs_caveat=by in ("org", "region"),
            file=link_file(PATH, write_comparison(query, by)),
            **tell_causes(),
        )

    @router.get(MOVES_PATH, response_class=HTMLResponse)
    def show_moves(request: Request) -> Any:
        """Show the disruptions that a difference is made of."""
        page = site.open_page(request)
        asked = {name: page.fields.take_text(name) for name in (*STATES, *CELL, "cause")}
        query = MoveQuery.parse_fields(**list_now(page.view), **asked)
        place = "region" if asked["org"] is None else "org"
        back = {name: text for name, text in asked.items() if name in (*STATES, place, "type")}
        return page.draw_page(
            "moves.html",
            answer=page.ask(query),
            query=query,
            held={name: asked[name] for name in CELL if asked[name] is not None},
            back=page.view.link_to(PATH, back),
            file=link_file(MOVES_PATH, list_now(page.view) | asked | {"limit": str(MOVES_MOST)}),
            **tell_causes(),
        )

    return router


def read_comparison(page: PageRequest, by: str) -> CompareQuery:
    """Read the question of a page; a then that was not given is chosen. Raises WrongField."""
    asked = {name: page.fields.take_text(name) for name in (*STATES, "org", "region", "type")}
    if not any(asked[name] for name in STATES):
        asked["then_as_at"] = format_instant(choose_then(page.view, read_clock()))
    return CompareQuery.parse_fields(**list_now(page.view), **asked, by=by)


def write_comparison(query: CompareQuery, by: str) -> dict[str, str | None]:
    """Write the question of a page as the read API has it."""
    states = query.then.list_fields("then") | query.now.list_fields("now")
    period = {"from": query.start.isoformat(), "to": query.end.isoformat(), "by": by}
    instants = {name: format_instant(one) for name, one in states.items()}
    place = {"org": query.org, "region": query.region}
    return {**period, **place, "type": query.type.lower() if query.type else None, **instants}


def list_now(view: View) -> dict[str, str]:
    """List a view as a comparison has it: the period, and its instants as those of now."""
    return {f"now_{name}" if name in INSTANTS else name: text for name, text in view.list_fields().items()}


def describe_states(query: CompareQuery) -> dict[str, dict[str, str]]:
    """Describe then and now as the form has their instants."""
    return {
        name: {clock: write_instant(getattr(state, clock)) for clock in INSTANTS}
        for name, state in (("then", query.then), ("now", query.now))
    }


def tell_causes() -> dict[str, Any]:
    """Tell the causes by name and by sentence."""
    names = {one.value: name_cause(one).capitalize() for one in CAUSE_SENTENCES}
    return {"cause_names": names, "cause_sentences": {one.value: text for one, text in CAUSE_SENTENCES.items()}}
