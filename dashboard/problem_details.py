"""Errors as problem details (RFC 9457), or as a page where a page was asked for.

400 for the caller's fault, 503 for the world's, 500 for ours; never a trace.
"""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from dashboard.period import find_refused_period
from dashboard.site import draw_error, draw_wrong_period
from ledger.errors import Misuse, Unavailable
from queries.errors import WrongField

API_PREFIX: Final = "/v1/"
DEFECT: Final = "the read API failed; its log says why"
TITLES: Final = {
    400: "This page cannot be shown as asked",
    404: "Page not found",
    500: "Sorry, there is a problem with the service",
    503: "The figures cannot be read at the moment",
}


class Problem(BaseModel):
    """Problem details (RFC 9457) of a question that could not be answered."""

    type: str = "about:blank"
    title: str = Field(examples=["Misuse"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["from: '2022' is not a date; write it as 2022-06-30"])
    field: str | None = Field(default=None, description="The parameter at fault, where one is.", examples=["from"])


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "The question makes no sense; `detail` names the place and the remedy."},
    503: {"model": Problem, "description": "The store or the broker did not answer."},
}


def install_handlers(api: FastAPI) -> None:
    """Make every error of the API leave through one of these."""
    api.add_exception_handler(WrongField, _refuse_field)
    api.add_exception_handler(Misuse, lambda request, error: answer_error(request, 400, str(error)))
    api.add_exception_handler(Unavailable, lambda request, error: answer_error(request, 503, str(error)))
    api.add_exception_handler(RequestValidationError, _answer_invalid)
    api.add_exception_handler(HTTPException, _answer_http)


def answer_error(request: Request, status: int, detail: str, field: str | None = None) -> Response:
    """Answer an error as the asker reads: the read API's as a problem document, a page's as a page."""
    if request.url.path.startswith(API_PREFIX):
        return build_problem(status, detail, field)
    breaches = request.app.state.invariants.newest.breaches
    return draw_error(status, TITLES.get(status, HTTPStatus(status).phrase), detail, breaches)


def answer_defect(request: Request) -> Response:
    """Answer a defect of ours, as the asker reads; as a problem document where its page is what cannot be drawn."""
    try:
        return answer_error(request, 500, DEFECT)
    except Exception:  # the middleware has logged what it is about; an answer there must be
        return build_problem(500, DEFECT)


def build_problem(status: int, detail: str, field: str | None = None) -> JSONResponse:
    """Return one problem document."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, field=field)
    return JSONResponse(body.model_dump(exclude_none=True), status, media_type="application/problem+json")


def _answer_invalid(request: Request, error: Exception) -> Response:
    """Answer a parameter that is missing or of the wrong form; named, never quoted."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  (for the type checker: registered for this type)
    return answer_error(request, 400, "; ".join(f"{detail['loc'][-1]}: {detail['msg']}" for detail in error.errors()))


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (as above)
    response = answer_error(request, error.status_code, str(error.detail))
    response.headers.update(error.headers or {})  # Allow, of a method that is not
    return response


def _refuse_field(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongField)  # noqa: S101  (as above)
    refused = find_refused_period(error, request.query_params)
    if refused is not None and not request.url.path.startswith(API_PREFIX):
        return draw_wrong_period(request.url.path, refused, request.app.state.invariants.newest.breaches)
    return answer_error(request, 400, str(error), error.field)
