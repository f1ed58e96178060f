"""The pages: what each is drawn with, and how they answer what cannot be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from dashboard.rendering import draw_template
from dashboard.view import View, take_parameters
from queries.invariants import Breach
from queries.query import AnswerT_co, Query, WrittenFields
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers

PLACE: Final = Path(__file__).parent
GOVUK: Final = PLACE / "assets" / "node_modules" / "govuk-frontend" / "dist" / "govuk"
NAVIGATION: Final = (("/", "National"), ("/organisations", "Organisations"), ("/alerts", "Alerts"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One request for a page: all that it shows stands on one moment of the store.

    Attributes:
        fields: the fields of its address that the page has to take; what is left over is refused when it is drawn.
    """

    answers: StoreAnswers
    snapshot: Snapshot
    view: View
    fields: WrittenFields
    path: str

    def ask(self, query: Query[AnswerT_co]) -> AnswerT_co:
        """Ask the store at this page's moment. Raises Misuse, Unavailable."""
        return self.answers.answer_at(self.snapshot, query)

    def draw_page(self, template: str, **context: Any) -> HTMLResponse:
        """Draw the page. Raises WrongField: the address has a field that the page has not taken."""
        self.fields.refuse_others()
        breaches = self.answers.watch.invariants.newest.breaches
        return draw_template(template, page=self, view=self.view, navigation=NAVIGATION, breaches=breaches, **context)


class Site:
    """Opens requests for pages."""

    def __init__(self, answers: StoreAnswers) -> None:
        self._answers = answers

    def open_page(self, request: Request) -> PageRequest:
        """Open one. Raises WrongField, Unavailable."""
        fields = take_parameters(request.query_params)
        return PageRequest(
            answers=self._answers,
            view=View.take_fields(fields),
            snapshot=self._answers.take_snapshot(),
            fields=fields,
            path=request.url.path,
        )


def draw_error(status: int, title: str, detail: str, breaches: Sequence[Breach] = ()) -> HTMLResponse:
    """Draw the page of what went wrong: what, and how to mend it."""
    said = {"title": title, "detail": detail, "breaches": breaches}
    return draw_template("error.html", status, **said, navigation=NAVIGATION, page=None, view=None)


def serve_assets(api: FastAPI) -> None:
    """Serve styles, scripts and icons: the design system's, and the dashboard's own."""
    api.mount("/assets/govuk", StaticFiles(directory=GOVUK), name="govuk")
    api.mount("/assets/own", StaticFiles(directory=PLACE / "static"), name="own")
