"""The pages: what each is drawn with, and how they answer what cannot be shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from dashboard.entity_tag import tag_page
from dashboard.page_turns import PageTurn
from dashboard.period import PeriodForm, RefusedPeriod
from dashboard.rendering import draw_template, render_template
from dashboard.status_strip import StatusSource
from dashboard.time_machine import TimeMachine, hold_past_view
from dashboard.view import View, find_today, take_parameters
from queries.alerts import StandingAlertsQuery
from queries.invariants import Breach
from queries.query import AnswerT_co, Query, WrittenFields
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers

PLACE: Final = Path(__file__).parent
GOVUK: Final = PLACE / "assets" / "node_modules" / "govuk-frontend" / "dist" / "govuk"
_FONT_FACE: Final = re.compile(r"@font-face\{[^}]*\}")
NAVIGATION: Final = (
    ("/", "National"),
    ("/organisations", "Organisations"),
    ("/rates", "Rates"),
    ("/compare", "Then and now"),
    ("/feeds", "Feeds"),
    ("/refusals", "Rejected events"),
    ("/signals", "Recording"),
    ("/alerts", "Alerts"),
    ("/figures", "Published figures"),
    ("/audit", "Audit"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One request for a page: all that it shows stands on one moment of the store.

    Attributes:
        fields: the fields of its address that the page has to take; what is left over is refused when it is drawn.
        address: the same as they were written.
        today: the day that it is in London.
        held: the entity tags that its asker holds, where it says so.
    """

    answers: StoreAnswers
    snapshot: Snapshot
    view: View
    fields: WrittenFields
    path: str
    address: Mapping[str, str]
    strips: StatusSource
    today: date
    held: str | None = None

    def ask(self, query: Query[AnswerT_co]) -> AnswerT_co:
        """Ask the store at this page's moment. Raises Misuse, Unavailable."""
        return self.answers.answer_at(self.snapshot, query)

    @property
    def period(self) -> PeriodForm:
        """The form that chooses its period: ``period_form.html``."""
        return PeriodForm(view=self.view, today=self.today)

    @property
    def time_machine(self) -> TimeMachine:
        """What it says of the past, and the form for it. The broker is asked where it shows one."""
        through = None if self.view.is_live else self.snapshot.find_complete_through()
        return TimeMachine(view=self.view, path=self.path, address=self.address, through=through)

    def draw_page(self, template: str, status: int = 200, **context: Any) -> Response:
        """Draw the page; once for a moment, however many look at it. Raises WrongField: a field was not taken."""
        self.fields.refuse_others()
        breaches, strip = self.answers.watch.invariants.newest.breaches, self.strips.read_strip(self.snapshot)
        common: dict[str, Any] = {
            "page": self,
            "view": self.view,
            "navigation": NAVIGATION,
            "breaches": breaches,
            "strip": strip,
            "alerts_standing": self.ask(StandingAlertsQuery()),
        }
        if status != HTTPStatus.OK:
            return draw_template(template, status, **common, **context)
        shown = self.path, sorted(self.address.items()), breaches, strip.state, strip.is_behind
        drawn = self.snapshot.draw_once(repr(shown), lambda: render_template(template, **common, **context))
        return tag_page(HTMLResponse(drawn), self.held)


class Site:
    """Opens requests for pages."""

    def __init__(self, answers: StoreAnswers) -> None:
        self.answers = answers
        self.strips = StatusSource(answers)

    def open_page(self, request: Request) -> PageRequest:
        """Read what a page is asked for by its address, of the moment of its turn (``dashboard.page_turns``).

        Raises WrongField, Unavailable.
        """
        fields = take_parameters(request.query_params)
        today = find_today()
        view = View.take_fields(fields, today)
        hold_past_view(view)
        turn: PageTurn = request.state.turn
        turn.moment = turn.moment or self.answers.take_snapshot()
        return PageRequest(
            answers=self.answers,
            view=view,
            snapshot=turn.moment,
            fields=fields,
            path=request.url.path,
            address=dict(request.query_params),
            strips=self.strips,
            today=today,
            held=request.headers.get("if-none-match"),
        )


def draw_error(status: int, title: str, detail: str, breaches: Sequence[Breach] = ()) -> HTMLResponse:
    """Draw the page of what went wrong: what, and how to mend it."""
    return draw_apart("error.html", status, title=title, detail=detail, breaches=breaches)


def draw_apart(template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Draw a page that stands on no moment of the store."""
    return draw_template(
        template, status, **context, navigation=NAVIGATION, page=None, view=None, strip=None, alerts_standing=0
    )


def draw_wrong_period(path: str, refused: RefusedPeriod, breaches: Sequence[Breach] = ()) -> HTMLResponse:
    """Draw the page of a period that is none: the form as it was filled in, with what is wrong beside the field."""
    return draw_apart("wrong_period.html", 400, path=path, refused=refused, breaches=breaches)


def read_styles() -> str:
    """Read the design system's styles, without its typeface: that is licensed for services on gov.uk alone."""
    return _FONT_FACE.sub("", (GOVUK / "govuk-frontend.min.css").read_text(encoding="utf-8"))


def serve_assets(api: FastAPI) -> None:
    """Serve styles, scripts and icons: the design system's, and the dashboard's own."""
    styles = read_styles()

    @api.get("/assets/govuk/govuk-frontend.min.css", include_in_schema=False)
    def send_styles() -> Response:
        """Send the design system's styles."""
        return Response(styles, media_type="text/css")

    api.mount("/assets/govuk", StaticFiles(directory=GOVUK), name="govuk")
    api.mount("/assets/own", StaticFiles(directory=PLACE / "static"), name="own")
