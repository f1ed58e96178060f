"""Signs of weak recording: questions to ask of a recorder, with what each is made of."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dashboard.links import link_organisation, link_records
from dashboard.signal_words import MOVED, SIGNALS
from dashboard.site import Site
from dashboard.view import View
from methodology.signals import SignalKind
from queries.choices import ALL
from queries.feed_answers import SignalRow
from queries.query import drop_absent
from queries.signal_queries import LISTED, SignalQuery, SignalRecordsQuery

RECORDS: Final = "/signals/records"
FILTERS: Final[Mapping[str, Mapping[str, str]]] = {
    SignalKind.PURSUE_ABOVE_PEERS: {"pillar": "PURSUE"},
    SignalKind.NO_PREVENT: {},
    SignalKind.NO_PROTECT: {},
    SignalKind.JUMP_WITH_RECORDING: {"standing": ALL},
    SignalKind.AWAITING_THREAT: {"standing": "AWAITING_THREAT"},
    SignalKind.SECOND_PILLARS: {"standing": "SECOND_PILLAR"},
}


def route_signal_pages(site: Site) -> APIRouter:
    """Route the pages."""
    router = APIRouter()

    @router.get("/signals", response_class=HTMLResponse)
    def show_signals(request: Request) -> Any:
        """Show every sign, and who shows it."""
        page = site.open_page(request)
        view = page.view
        query = SignalQuery(start=view.start, end=view.end, as_at=view.as_at, known_at=view.known_at)
        answer = page.ask(query)
        found = [(kind, words, list_rows(view, answer["rows"], kind)) for kind, words in SIGNALS.items()]
        definitions = {kind: words.definition.format(**answer["bounds"]) for kind, words in SIGNALS.items()}
        return page.draw_page("signals.html", answer=answer, found=found, definitions=definitions)

    @router.get(RECORDS, response_class=HTMLResponse)
    def show_signal_records(request: Request) -> Any:
        """Show the records behind a sign that no filter finds."""
        page = site.open_page(request)
        asked = drop_absent({name: page.fields.take_text(name) for name in ("signal", "org", "limit")})
        answer = page.ask(SignalRecordsQuery.parse_fields(**page.view.list_fields(), **asked))
        return page.draw_page("signal_records.html", answer=answer, words=SIGNALS[SignalKind(answer["signal"])])

    return router


def list_rows(view: View, rows: list[SignalRow], kind: SignalKind) -> list[dict[str, Any]]:
    """List who shows a sign, each with its share in percent, in words what moved, and where its records are."""
    return [
        {**row, "percent": 100 * row["n"] / row["out_of"], "moved": [MOVED[one] for one in row["moved"]]}
        | {"link": link_behind(view, row), "page": link_organisation(view, row["org"])}
        for row in rows
        if row["signal"] == kind
    ]


def link_behind(view: View, row: SignalRow) -> str | None:
    """Link to the records behind a sign; for threats, to their owner's page."""
    if row["signal"] in LISTED:
        return view.link_to(RECORDS, {"signal": row["signal"], "org": row["org"]})
    if row["signal"] == SignalKind.NO_VULNERABILITIES:
        return link_organisation(view, row["org"])
    return link_records(view, org=row["org"], **FILTERS[row["signal"]])
