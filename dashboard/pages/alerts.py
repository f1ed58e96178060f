"""Alerts: what somebody should look at now, and what was raised and cleared before."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.site import Site
from dashboard.words import name_symbol
from methodology.alert_rules import ALERT_RULES
from queries.alerts import AlertQuery


def route_alerts(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/alerts", response_class=HTMLResponse)
    def show_alerts(request: Request) -> Any:
        """Show the alerts."""
        page = site.open_page(request)
        found = page.ask(AlertQuery())
        standing, rows = map(make_readable, found["standing"]), map(make_readable, found["rows"])
        return page.draw_page(
            "alerts.html",
            alerts={"standing": list(standing), "rows": list(rows), "truncated": found["truncated"]},
            rules=ALERT_RULES,
        )

    return router


def make_readable(alert: dict[str, Any]) -> dict[str, Any]:
    """Add its subject's name."""
    subject = alert["subject"]
    name = name_symbol("org", name_symbol("code", subject))
    return alert | {"subject_name": name}
