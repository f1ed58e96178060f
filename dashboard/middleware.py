"""What every response goes through: security headers, and the log of reads, without which nothing is answered."""

import time
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response

from access.reads import Read, ReadLog, decode_reader
from dashboard.parameters import refuse_address
from dashboard.problem_details import build_problem
from ledger.errors import Unavailable

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ASSETS = "/assets/"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NOTHING_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_log = structlog.get_logger("dashboard.middleware")

Next = Callable[[Request], Awaitable[Response]]


class ReadMiddleware:
    """The middleware of one read API."""

    def __init__(self, reads: ReadLog) -> None:
        self._reads = reads

    async def __call__(self, request: Request, call_next: Next) -> Response:
        """Answer, log the read, and put the headers on."""
        started = time.perf_counter()
        response = await _answer_request(request, call_next)
        if request.url.path.startswith(ASSETS):  # no record of anybody: it is the same for all, and may be kept
            response.headers.update(HEADERS | {"Cache-Control": "max-age=600"})
            return response
        try:
            self._note_read(request, response.status_code, time.perf_counter() - started)
        except Unavailable as error:
            response = build_problem(503, str(error))
        response.headers.update(HEADERS)
        if response.headers.get("content-type", "").startswith("text/html"):
            response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    def _note_read(self, request: Request, status: int, seconds: float) -> None:
        read = Read(
            reader=decode_reader(request.headers.get("x-reader", "")),
            via=request.client.host if request.client else "",
            question=request.url.path.removeprefix("/v1/"),
            filters=request.query_params,
        )
        self._reads.note_read(read, status=status, seconds=seconds)


async def _answer_request(request: Request, call_next: Next) -> Response:
    try:
        refused = refuse_address(request)
        response = build_problem(*refused) if refused else await call_next(request)
    except Exception:  # a defect of ours: the log has the trace, the reader has none
        _log.exception("failed", path=request.url.path)
        response = build_problem(500, "the read API failed; its log says why")
    if response.headers.get("content-type", "").startswith("text/plain"):  # refused before it came to the API
        response = build_problem(response.status_code, "no such host here: ask for localhost or a loopback address")
    return response
