"""Errors as problem details (RFC 9457): 400 for the caller's fault, 503 for the world's, never a trace."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dashboard.response_models import Problem
from ledger.errors import Misuse, Unavailable
from queries.errors import WrongField

RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "The question makes no sense; `detail` names the place and the remedy."},
    503: {"model": Problem, "description": "The store or the broker did not answer."},
}


def install_handlers(api: FastAPI) -> None:
    """Make every error of the API leave through one of these."""
    api.add_exception_handler(WrongField, _refuse_field)
    api.add_exception_handler(Misuse, lambda _, error: build_problem(400, str(error)))
    api.add_exception_handler(Unavailable, lambda _, error: build_problem(503, str(error)))
    api.add_exception_handler(RequestValidationError, _answer_invalid)
    api.add_exception_handler(HTTPException, _answer_http)


def build_problem(status: int, detail: str, field: str | None = None) -> JSONResponse:
    """Return one problem document."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, field=field)
    return JSONResponse(body.model_dump(exclude_none=True), status, media_type="application/problem+json")


def _answer_invalid(_: Request, error: Exception) -> JSONResponse:
    """Answer a parameter that is missing or of the wrong form; named, never quoted."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  (for the type checker: registered for this type)
    return build_problem(400, "; ".join(f"{detail['loc'][-1]}: {detail['msg']}" for detail in error.errors()))


def _answer_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  (as above)
    response = build_problem(error.status_code, str(error.detail))
    response.headers.update(error.headers or {})  # Allow, of a method that is not
    return response


def _refuse_field(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WrongField)  # noqa: S101  (as above)
    return build_problem(400, str(error), error.field)
