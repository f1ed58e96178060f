"""What every response goes through: security headers, and the log of reads (Data Protection Act 2018 s.62).

A line says who read, when, and with which filters; never a value of a record beyond the identifiers asked for.
"""

import time
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response

from dashboard.parameters import refuse_address
from dashboard.problems import problem

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
READER_LONGEST_CHARACTERS = 64
_log = structlog.get_logger("dashboard.reads")

Next = Callable[[Request], Awaitable[Response]]


async def guard(request: Request, call_next: Next) -> Response:
    """Answer, put the headers on, and log the read."""
    started = time.perf_counter()
    try:
        refused = refuse_address(request)
        response = problem(*refused) if refused else await call_next(request)
    except Exception:  # a defect of ours: the log has the trace, the reader has none
        _log.exception("failed", path=request.url.path)
        response = problem(500, "the read API failed; its log says why")
    if response.headers.get("content-type", "").startswith("text/plain"):  # refused before it came to the API
        response = problem(response.status_code, "no such host here: ask for localhost or a loopback address")
    response.headers.update(HEADERS)
    if request.url.path != "/v1/health":
        _log_read(request, response.status_code, time.perf_counter() - started)
    return response


def _log_read(request: Request, status: int, seconds: float) -> None:
    """The reader's name is the caller's word for it: on loopback nobody else can ask."""
    _log.info(
        "read",
        reader=request.headers.get("x-reader", "")[:READER_LONGEST_CHARACTERS],
        address=request.client.host if request.client else "",
        path=request.url.path,
        filters=dict(request.query_params),
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )
