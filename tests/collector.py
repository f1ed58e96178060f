"""A collector of traces on loopback, as OpenTelemetry's own is one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP, as a collector does."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, ExportTraceServiceRequest]] = []
        super().__init__(("127.0.0.1", 0), TakeTraces)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def list_spans(self, name: str) -> list[Any]:
        """The spans of this name that came."""
        resources = [one for _, request in list(self.requests) for one in request.resource_spans]
        scopes = [scope for one in resources for scope in one.scope_spans]
        return [span for scope in scopes for span in scope.spans if span.name == name]


class TakeTraces(BaseHTTPRequestHandler):
    """Keeps each request of the collector."""

    server: Collector

    def do_POST(self) -> None:
        """Take one."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def run_collector() -> Iterator[Collector]:
    """One that listens for as long as the block lasts."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
