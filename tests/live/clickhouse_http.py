"""A server of the ClickHouse HTTP interface for the tests, over the engine in process (chDB).

No server binary of a current ClickHouse can be had on the machines that this project is built on (what their registries
offer is of 2018), so the HTTP path is driven against this: a real HTTP server in a process of its own, which hands the
SQL, the parameters, the settings and the bodies that clickhouse-connect sends to the same engine that a server runs.
What it cannot show: users and passwords, clusters, TLS.

    python tests/live/clickhouse_http.py DIRECTORY PORT

It also breaks on purpose: a body in the file ``DIRECTORY.fault`` names what befalls the next insert, once:
``before`` (refused, nothing written), ``after`` (written, and the connection cut before the answer).
"""

import os
import queue
import re
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

CONNECTIONS = 8
INSERT = re.compile(rb"^(INSERT INTO .+?) FORMAT (\w+)\n", re.DOTALL)
CODE = re.compile(r"Code: (\d+)")
OF_THE_TRANSPORT = frozenset((
    "query", "database", "compress", "decompress", "client_protocol_version", "session_id", "query_id", "buffer_size",
    "wait_end_of_query", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "default_format", "role",
    "enable_http_compression",
))  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One request, on one of the connections to the engine."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go out apart: the second would wait 40 ms for the first's receipt
    server: "Server"

    def do_GET(self) -> None:
        """``/ping``, or a query in the address."""
        if urlsplit(self.path).path == "/ping":
            self._send_reply(200, b"Ok.\n", {})
        else:
            self._answer_statement(b"")

    def do_POST(self) -> None:
        """A query in the address or in the body, and data after it."""
        body = self._read_body()
        self._answer_statement(lz4.frame.decompress(body) if self.headers.get("Content-Encoding") == "lz4" else body)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer_statement(self, body: bytes) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        query = asked["query"].encode() + b"\n" if "query" in asked else b""
        try:
            out = self.server.execute_statement(query + body, asked)
        except RuntimeError as error:
            text = str(error)
            code = CODE.search(text)
            self._send_reply(500, text.encode(), {"X-ClickHouse-Exception-Code": code.group(1) if code else "1002"})
        except ConnectionAbortedError:
            self.close_connection = True
        else:
            self._send_reply(200, out, {"X-ClickHouse-Format": "TabSeparated"} if out else {})

    def _send_reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        usual = {"X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Summary": "{}", "Content-Length": str(len(body))}
        for name, value in (usual | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests speak."""


class Server(ThreadingHTTPServer):
    """The engine's directory behind a port."""

    daemon_threads = True

    def __init__(self, directory: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._path = str(directory)
        self._fault = directory.with_name(directory.name + ".fault")
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(CONNECTIONS):
            self._idle.put(chdb.connect(self._path))

    def execute_statement(self, statement: bytes, asked: dict[str, str]) -> bytes:
        """Run one statement as the HTTP interface would."""
        settings = {k: v for k, v in asked.items() if k not in OF_THE_TRANSPORT and not k.startswith("param_")}
        parameters = {k.removeprefix("param_"): v for k, v in asked.items() if k.startswith("param_")}
        connection = self._idle.get()
        try:
            if settings:
                connection.query("SET " + ", ".join(f"{k} = '{v}'" for k, v in settings.items()), "TabSeparated")
            if asked.get("database"):
                connection.query(f"USE `{asked['database']}`", "TabSeparated")
            found = INSERT.match(statement)
            if found:
                return self._insert(connection, found, statement[found.end() :])
            return bytes(connection.query(statement.decode(), "TabSeparated", params=parameters).bytes() or b"")
        finally:
            if settings:
                connection.query("SET " + ", ".join(f"{name} = DEFAULT" for name in settings), "TabSeparated")
            self._idle.put(connection)

    def _insert(self, connection: Any, found: re.Match[bytes], data: bytes) -> bytes:
        fault = self._fault.read_text() if self._fault.exists() else ""
        if fault:
            self._fault.unlink()
        if fault == "before":
            raise RuntimeError("Code: 210. DB::NetException: refused on purpose. (NETWORK_ERROR)")
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(data)
        try:
            into, kind = found.group(1).decode(), found.group(2).decode()
            connection.query(f"{into} FROM INFILE '{file.name}' FORMAT {kind}", "TabSeparated")
        finally:
            os.unlink(file.name)
        if fault == "after":
            raise ConnectionAbortedError
        return b""


if __name__ == "__main__":
    server = Server(Path(sys.argv[1]), int(sys.argv[2]))
    print(server.server_address[1], flush=True)  # noqa: T201  (the port, for whoever started it)
    server.serve_forever()
