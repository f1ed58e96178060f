"""What every response goes through: security headers, and the log of reads, without which nothing is answered.

Plain ASGI, so that an answer that goes on for hours costs nothing on its way. The order of effects:

1. an address that cannot be read as it was meant is refused, and is asked of nobody;
2. what the application begins to answer is held back until the read is written down, with its status;
3. where it cannot be written down, the answer is another one: 503;
4. the headers are put on, and it goes out. A stream is thus written down when it opens.
"""

import time
from http import HTTPStatus

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.reads import Read, ReadLog, decode_reader
from dashboard.parameters import refuse_address
from dashboard.problem_details import API_PREFIX, answer_defect, answer_error
from infra.metrics import READ_SECONDS
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


class ReadMiddleware:
    """The middleware of one read API."""

    def __init__(self, app: ASGIApp, reads: ReadLog) -> None:
        self._app = app
        self._reads = reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, log the read, and put the headers on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = GuardedAnswer(Request(scope), self._reads, send)
        refused = refuse_address(answer.request)
        try:
            app = answer_error(answer.request, *refused) if refused else self._app
            await app(scope, receive, answer.send_message)
        except Exception:  # a defect of ours: the log has the trace, the reader has none
            if answer.has_begun:  # what went out cannot be taken back: the server breaks the line off
                raise
            _log.exception("failed", path=scope["path"])
            await answer_defect(answer.request)(scope, receive, answer.send_message)


class GuardedAnswer:
    """One answer on its way out.

    Attributes:
        has_begun: whether anything of it has gone out.
    """

    def __init__(self, request: Request, reads: ReadLog, send: Send) -> None:
        self.request = request
        self.has_begun = False
        self._reads = reads
        self._send = send
        self._started = time.perf_counter()
        self._replaced = False

    async def send_message(self, message: Message) -> None:
        """Send a part of it, the first once the read is logged; nothing more of one that was replaced."""
        if message["type"] == "http.response.start":
            other = self._find_replacement(message)
            self._replaced = other is not None
            if other is not None:
                await other(self.request.scope, self.request.receive, self._send_guarded)
                return
        if not self._replaced:
            await self._send_guarded(message)

    async def _send_guarded(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            put_headers(self.request.url.path, message)
            took, template = time.perf_counter() - self._started, find_template(self.request)
            READ_SECONDS.labels(template, message["status"]).observe(took)
        self.has_begun = True
        await self._send(message)

    def _find_replacement(self, message: Message) -> Response | None:
        """Find what goes out instead; None where it goes out as it is, and its read is logged."""
        if self.request.url.path.startswith(ASSETS):  # no record of anybody
            return None
        other, status = None, message["status"]
        if status >= 400 and find_content_type(message).startswith("text/plain"):  # refused before it came to the API
            other = answer_error(self.request, status, "no such host here: ask for localhost or a loopback address")
        try:
            self._note_read(status, time.perf_counter() - self._started)
        except Unavailable as error:
            other = answer_error(self.request, 503, str(error))
        return other

    def _note_read(self, status: int, seconds: float) -> None:
        read = Read(
            reader=decode_reader(self.request.headers.get("x-reader", "")),
            via=self.request.client.host if self.request.client else "",
            question=self.request.url.path.removeprefix("/v1/"),
            filters=self.request.query_params,
        )
        self._reads.note_read(read, status=status, seconds=seconds)


def find_template(request: Request) -> str:
    """Find the route of a request as it was declared: few values, and none that a reader wrote."""
    if request.url.path.startswith(ASSETS):
        return ASSETS
    route = request.scope.get("route")
    prefix = API_PREFIX.rstrip("/") if request.url.path.startswith(API_PREFIX) else ""
    return "none" if route is None else prefix + str(route.path).removeprefix(prefix)


def find_content_type(message: Message) -> str:
    """Find what the beginning of an answer says that it is."""
    return MutableHeaders(scope=message).get("content-type", "")


def put_headers(path: str, message: Message) -> None:
    """Put the security headers on the beginning of an answer. Assets are the same for all, and may be kept.

    One that is not there may not: the next version may have it.
    """
    headers = MutableHeaders(scope=message)
    headers.update(HEADERS)
    if path.startswith(ASSETS) and message["status"] < HTTPStatus.BAD_REQUEST:
        headers["Cache-Control"] = "max-age=600"
    elif headers.get("content-type", "").startswith("text/html"):
        headers["Content-Security-Policy"] = PAGE_POLICY
