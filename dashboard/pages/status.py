"""The status of the ledger: every part, every trouble and what to do, and how far each partition is stored."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import Site, draw_apart
from ledger.errors import Unavailable
from queries.health_answers import PositionAnswer
from queries.record_queries import PositionQuery
from queries.store_answers import StoreAnswers


def route_status(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/status", response_class=HTMLResponse)
    def show_status(request: Request) -> Any:
        """Show the status; above all while something is away."""
        health = site.strips.read_health()
        sealed = site.answers.read_sealed()
        shown: dict[str, Any] = {"health": health, "positions": list_positions(site.answers), "sealed": sealed}
        try:
            return site.open_page(request).draw_page("health.html", **shown)
        except Unavailable:  # the store: it is among the troubles
            return draw_apart("health.html", breaches=site.answers.watch.invariants.newest.breaches, **shown)

    return router


def list_positions(answers: StoreAnswers) -> list[dict[str, Any]]:
    """List by partition how far is published and stored; none where the store or the broker cannot be asked."""
    try:
        found: PositionAnswer = answers.answer_query(PositionQuery())
    except Unavailable:
        return []
    stored, undecided = found["stored"], found["undecided"]
    return [
        {
            "partition": int(number),
            "published": end,
            "stored": stored.get(number, 0),
            "lag": max(0, end - stored.get(number, 0)),
            "undecided": undecided.get(number),
        }
        for number, end in sorted(found["published"].items(), key=lambda one: int(one[0]))
    ]
