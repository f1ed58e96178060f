"""Addresses of ClickHouse servers as people write them: special characters, no database, a wrong password."""

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from sinks.dsn import parse_dsn
from sinks.store import open_store


@pytest.mark.parametrize(
    ("dsn", "arguments"),
    [
        ("http://clickhouse", {"interface": "http", "host": "clickhouse"}),
        (
            " https://reader:hunter2@clickhouse:8443/soc\n",
            {
                "interface": "https",
                "host": "clickhouse",
                "port": 8443,
                "username": "reader",
                "password": "hunter2",
                "database": "soc",
            },
        ),
        (
            "https://kent%40soc:p%2F%23%3F%40%25%3A%20x@[::1]/soc%20ledger?ca_cert=/etc/ca.pem",
            {
                "interface": "https",
                "host": "::1",
                "username": "kent@soc",
                "password": "p/#?@%: x",
                "database": "soc ledger",
                "ca_cert": "/etc/ca.pem",
            },
        ),
    ],
)
def test_every_part_reaches_the_client(dsn: str, arguments: dict[str, Any]) -> None:
    """Percent-encoded where it must be; what is left out is the client's default."""
    assert parse_dsn(dsn) == arguments


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "clickhouse:8123",
        "clickhouse://u:hunter2@h/d",
        "https://",
        "https://u:hunter2@h:port/d",
        "https://u:hunter2@h:99999/d",
        "https://[::1/d",
        "https://u:hunter2/x@h/d",
        "https://u:12/hunter2@h",
        "https://u:12?hunter2@h/d",
        "https://u:hunter2#x@h/d",
        "https://u:12#hunter2@h/d",
        "https://h/a/b",
        "https://h/d?hunter2",
        "https://h/d?password=hunter2",
    ],
)
def test_what_is_none_is_never_shown(dsn: str, embedded: Settings) -> None:
    """Half of a password can look like a host, a port or a path."""
    with pytest.raises(Misuse, match="CLICKHOUSE_DSN") as caught:
        open_store(embedded.model_copy(update={"clickhouse_dsn": SecretStr(dsn)}))
    assert "hunter2" not in str(caught.value)
    assert "12" not in str(caught.value).replace("%2F", "")


class Doorkeeper(BaseHTTPRequestHandler):
    """Refuses whoever does not say the password, as ClickHouse does."""

    def do_POST(self) -> None:
        """403 with the engine's code and words."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = base64.b64encode(b"reader:p/#?@%: x").decode()
        code, name = (
            (81, "UNKNOWN_DATABASE") if known in self.headers["Authorization"] else (516, "AUTHENTICATION_FAILED")
        )
        body = f"Code: {code}. DB::Exception: reader hunter2: it is so. ({name}) (version 25.8)\n".encode()
        self.send_response(404 if code == 81 else 403)
        self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests speak."""


@pytest.fixture
def door() -> Iterator[str]:
    """Its address."""
    server = HTTPServer(("127.0.0.1", 0), Doorkeeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ("reader:hunter2", "ClickHouse 516 AUTHENTICATION_FAILED; check the user and the password of CLICKHOUSE_DSN"),
        (
            "reader:p%2F%23%3F%40%25%3A%20x",
            "ClickHouse 81 UNKNOWN_DATABASE; make the database that CLICKHOUSE_DSN names",
        ),
    ],
)
def test_a_server_that_refuses_is_one_sentence_with_the_remedy(
    user: str, sentence: str, door: str, embedded: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of the engine's own words only number and name; a password with every special character arrives as it is."""
    settings = embedded.model_copy(update={"clickhouse_dsn": SecretStr(f"http://{user}@{door}/soc")})
    with pytest.raises(Unavailable) as caught:
        open_store(settings)
    assert sentence in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
