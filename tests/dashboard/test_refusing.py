"""What the read API refuses: a problem document that names the place, whatever comes."""

import http.client
import json
import socket

import httpx
import pytest

from dashboard.middleware import HEADERS
from ledger.errors import Unavailable
from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("counts?by=colour", "colour"),
        ("counts?type=both", "lead, support"),
        ("extract", "from"),
        ("extract?from=2022-06-30&to=2021-07-01", "period"),
        ("extract?from=2021&to=2022-06-30", "from: "),
        ("extract?from=2021-07-01&to=2022-06-30&as_at=2022-07-04T09:00:00", "as_at: "),
        ("extract?from=2021-07-01&to=2022-06-30&standing=SITTING", "standing"),
        ("movement?seconds=0", "seconds"),
        ("movement?seconds=" + "9" * 5000, "seconds"),
        ("stored/secrets", "entries"),
        ("stored/entries?first=-1", "first"),
        ("stored/entries?first=9223372036854775808", "first"),
        ("stored/entries?first=2&last=1", "first"),
        ("stored/entries?packed=true&partition=0", "packed"),
        ("stored/closings?packed=true", "packed"),
        ("stored/entries?partition=7", "0, 1"),
        ("counts?org=Kent", "kent"),
        ("counts?org=", "org: "),
        ("counts?by=", "by: "),
        ("counts?by=org,,pillar", "by: "),
        ("threats?org=Kent%20Police", "kent"),
        ("movement?org=KENT", "kent"),
        ("rejected?code=misrouted", "MISROUTED"),
        ("rejected?limit=0", "limit: "),
        ("counts?orgg=kent", "mean org"),
        ("counts?org=kent&org=essex", "org"),
        ("extract?form=2022-06-01&to=2022-06-30", "from"),
        ("extract?from=2022-06-01&to=2022-06-30&as-at=2022-07-04", "as_at"),
        ("health?x=1", "x"),
        ("openapi.json?x=1", "x"),
        ("disruptions/", "reference"),
        ("disruptions?disruption_id=%09", "reference"),
        ("disruptions?disruption_id=a%09b", "cannot be seen"),
        ("disruptions?disruption_id=" + "D" * 201, "200"),
        ("counts?org=%FF", "UTF-8"),
        ("counts?org=%zz", "UTF-8"),
    ],
)
def test_misuse_is_a_problem_that_names_the_place(client: httpx.Client, path: str, names: str) -> None:
    """400, problem details, and no trace."""
    response = client.get(path)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert names in response.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nothing-here", 404), ("POST", "counts", 405), ("OPTIONS", "counts", 405), ("DELETE", "rejected", 405)],
)
def test_what_there_is_not_is_a_problem_too(client: httpx.Client, method: str, path: str, status: int) -> None:
    """Problem details, with the methods that there are."""
    response = client.request(method, f"/{path}")
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert response.headers.get("allow") == ("GET" if status == 405 else None)


@pytest.mark.parametrize(
    "request_line",
    [b"GET /v1/" + b"x" * 300_000 + b" HTTP/1.1", b"no http at all", b"GET /\xff HTTP/1.1", b"\x16\x03\x01"],
    ids=["endless", "words", "bytes", "tls"],
)
def test_what_is_no_request_is_a_problem_too(address: str, request_line: bytes) -> None:
    """Too long for the server, or not HTTP: a problem document with the security headers, then the line is closed."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line:
        line.sendall(request_line + b"\r\nHost: localhost\r\n\r\n")
        answer = http.client.HTTPResponse(line)
        answer.begin()
        body = json.loads(answer.read())
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert body["title"] == "Bad Request"
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_an_address_that_is_endless_is_refused_by_its_length(client: httpx.Client) -> None:
    """Before it is read, and before it is logged."""
    response = client.get("/counts", params={"org": "x" * 20_000})
    assert (response.status_code, response.json()["detail"]) == (414, "the address has over 8,192 bytes")


def test_another_host_name_is_refused(client: httpx.Client) -> None:
    """A page in a browser that has its own name resolve to loopback gets nothing."""
    refused = client.get("/counts", headers={"Host": "attacker.example"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert {name: refused.headers[name] for name in HEADERS} == HEADERS


def test_a_store_that_is_away_is_a_503_before_any_row(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a list of rows that breaks off."""

    def raise_trouble(*_: object) -> bytes:
        raise Unavailable("the store did not answer: away")

    monkeypatch.setattr("sinks.store.Store.read_ndjson", raise_trouble)
    response = client.get("/stored/entries")
    assert (response.status_code, response.json()["detail"]) == (503, "the store did not answer: away")
