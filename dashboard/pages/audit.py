"""Audit: how far the ledger is sealed, by whom, what proves it, and what somebody takes away to check it himself."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import Site
from queries.figure_queries import SealQuery


def route_audit_page(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/audit", response_class=HTMLResponse)
    def show_audit(request: Request) -> Any:
        """Show what an inspector starts from."""
        page = site.open_page(request)
        return page.draw_page("seal.html", seal=page.ask(SealQuery()))

    return router
