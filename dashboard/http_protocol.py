"""The server's protocol, where it is ours: what cannot be read as HTTP is answered as every other error, before the API
sees it; and a stream, which has no end to wait for, is cut off when the server ends.
"""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboard.live_stream import EVENTS_PATH
from dashboard.middleware import HEADERS
from dashboard.problem_details import build_problem

NOT_READ = "this is no HTTP request that can be read here, or its address and headers are longer than 64 KiB"


class ProblemProtocol(H11Protocol):
    """The protocol, whose own refusals are problem details."""

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

    def shutdown(self) -> None:
        """Let an answer in flight end; cut a stream off, whatever of it is not taken: its reader resumes elsewhere."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete and self.scope["path"] == EVENTS_PATH:
            self.transport.abort()
