"""Who reads, and the log of what is read from a server's store without a read API in between."""

import json
import os

import pytest

from access.reader import find_reader
from access.reads import decode_reader, encode_reader
from infra.settings import Settings
from ledger.errors import Misuse
from queries.audited import AuditedStore
from queries.client import StoreClient
from sinks.migration import migrate_store
from sinks.store import open_store
from tests.dashboard.conftest import Known
from tests.sinks.conftest import over_http, server_port

__all__ = ["over_http", "server_port"]


def test_what_a_server_is_asked_directly_is_logged_as_the_read_api_logs_it(
    over_http: Settings, published: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who, when, which question and filters, status: answered or refused. Rows for the audit too."""
    monkeypatch.setattr("queries.store_answers.open_published", lambda *_: published)
    monkeypatch.setenv("LOGNAME", "Zoë")
    server = open_store(over_http)
    migrate_store(server)
    server.close()
    side = AuditedStore(StoreClient(over_http))
    side.ask("counts", by="org", org="kent", type=None)
    side.ask("disruption", disruption_id="D-3")
    with pytest.raises(Misuse):
        side.ask("extract", from_="2021-07-01", to="June")
    assert list(side.read_rows("entries", 1, 0, None)) == []
    reads = [json.loads(line) for line in (over_http.state / "logs" / "reads.log").read_text().splitlines()]
    assert [(read["question"], read["filters"], read["status"]) for read in reads] == [
        ("counts", {"by": "org", "org": "kent"}, 200),
        ("disruptions", {"disruption_id": "D-3"}, 200),
        ("extract", {"from": "2021-07-01", "to": "June"}, 400),
        ("stored/entries", {"partition": "1", "first": "0"}, 200),
    ]
    assert {(read["reader"], read["via"]) for read in reads} == {("Zoë", "store")}


def test_a_user_without_a_name_reads_under_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container, or when the directory service is away."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    assert find_reader() == "uid 12345"


def test_a_name_that_is_no_text_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it can be written anywhere: into logs, headers and records."""
    monkeypatch.setenv("LOGNAME", os.fsdecode(b"zo\xeb"))
    assert find_reader() == "zo\\xeb"


@pytest.mark.parametrize(("name", "header"), [("Zoë", "Zo%C3%AB"), ("a b\n", "a%20b%0A"), ("\udcff", "%FF")])
def test_a_readers_name_goes_through_a_header_without_loss(name: str, header: str) -> None:
    """Headers are ASCII; bytes of a name that are no text are spelled out in the log."""
    assert encode_reader(name) == header
    assert decode_reader(header) == name.replace("\udcff", "\\xff")
