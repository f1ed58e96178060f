"""Alerts: what somebody should look at now, and what was raised and cleared before."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_rates
from dashboard.site import Site
from dashboard.view import View
from dashboard.words import name_symbol
from ledger.vocabulary import AlertKind
from methodology.alert_rules import ALERT_RULES
from queries.alert_measures import NATION
from queries.alerts import AlertQuery
from queries.health_answers import AlertRow

KINDS = [rule.kind.value for rule in ALERT_RULES]


class AlertGroup(NamedTuple):
    """Alerts of one kind, which all say the same of what to do."""

    kind: str
    remedy: str
    alerts: list[dict[str, Any]]


def route_alerts(site: Site) -> APIRouter:
    """Route the page."""
    router = APIRouter()

    @router.get("/alerts", response_class=HTMLResponse)
    def show_alerts(request: Request) -> Any:
        """Show the alerts."""
        page = site.open_page(request)
        found = page.ask(AlertQuery())
        standing, rows = ([make_readable(one, page.view) for one in found[part]] for part in ("standing", "rows"))
        return page.draw_page(
            "alerts.html",
            groups=group_alerts(standing),
            alerts={"standing": standing, "rows": rows, "truncated": found["truncated"]},
            rules=ALERT_RULES,
        )

    return router


def group_alerts(alerts: Iterable[dict[str, Any]]) -> list[AlertGroup]:
    """Group alerts by what is to be done, in the order of the rules; those of a group stay in theirs."""
    ordered = sorted(alerts, key=_order_alert)
    return [AlertGroup(*named[1:], list(group)) for named, group in groupby(ordered, _order_alert)]


def _order_alert(alert: dict[str, Any]) -> tuple[int, str, str]:
    kind = alert["kind"]
    return KINDS.index(kind), kind, alert["remedy"]


def make_readable(alert: AlertRow, view: View) -> dict[str, Any]:
    """Add its subject's name, and the page on which it is looked into."""
    subject = alert["subject"]
    name = name_symbol("org", name_symbol("code", subject))
    return {**alert, "subject_name": name, "link": link_subject(view, alert["kind"], subject)}


def link_subject(view: View, kind: str, subject: str) -> str:
    """Link to the page on which an alert is looked into."""
    match kind:
        case AlertKind.RATE_OUTSIDE_LIMITS:
            return link_rates(view, **({} if subject == NATION else {"org": subject}))
        case AlertKind.FEED_SILENT:
            return view.link_to(f"/feeds/{subject}")
        case AlertKind.REFUSAL_BURST:
            return view.link_to("/refusals", {"code": subject})
        case _:
            return view.link_to("/status")
