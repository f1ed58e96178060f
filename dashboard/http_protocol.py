"""Requests that are none: what cannot be read as HTTP is answered as every other error, before the API sees it."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboard.middleware import HEADERS
from dashboard.problem_details import build_problem

NOT_READ = "this is no HTTP request that can be read here, or its address and headers are longer than 64 KiB"


class ProblemProtocol(H11Protocol):
    """The server's protocol, whose own refusals are problem details."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (the server's signature; it says no more than ours)
        """Answer with a problem document and close."""
        refusal = build_problem(400, NOT_READ)
        refusal.headers.update({**HEADERS, "Connection": "close"})
        events = (
            h11.Response(status_code=400, headers=refusal.raw_headers, reason=b"Bad Request"),
            h11.Data(data=bytes(refusal.body)),
            h11.EndOfMessage(),
        )
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
