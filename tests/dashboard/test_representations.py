"""Balances as JSON, CSV and Parquet: the same rows, marked, with their question; and the tag by which one is told."""

import csv
import io
import time

import httpx
import pytest
from pyarrow import parquet

from dashboard.representations import choose_form, describe_basis
from methodology.causes import CAUSE_SENTENCES
from queries import snapshot
from queries.balance_queries import CountQuery
from sinks.store import Store
from tests.dashboard.conftest import Known

YEAR = {"from": "2021-07-01", "to": "2022-06-30"}
KNOWN = YEAR | {"as_at": "2022-07-05", "known_at": "2022-07-31"}
ROWS = [{"org": "kent", "pillar": "PROTECT", "n": 1}, {"org": "metropolitan", "pillar": "PURSUE", "n": 1}]
BY = {"by": "org,pillar"}
CAUSES = [one.value for one in CAUSE_SENTENCES]
PARQUET = "application/vnd.apache.parquet"


@pytest.mark.parametrize(("path", "asked"), [("/counts", BY), ("/extract", YEAR | BY), ("/threats", {"by": "org"})])
def test_a_balance_as_csv_has_the_rows_of_json(client: httpx.Client, path: str, asked: dict[str, str]) -> None:
    """By `Accept`, and by the format: the marking, the question, an empty line, the rows."""
    rows = client.get(path, params=asked).json()["rows"]
    answer = client.get(path, params=asked, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content == client.get(path, params=asked | {"format": "csv"}).content
    lines = list(csv.reader(io.StringIO(answer.text)))
    empty = lines.index([])
    assert lines[0] == ["OFFICIAL-SENSITIVE"]
    assert ["position", "0:4,1:2"] in lines[:empty]
    assert [dict(zip(lines[empty + 1], one, strict=True)) for one in lines[empty + 2 :]] == [
        {name: str(value) for name, value in row.items()} for row in rows
    ]


def test_an_extraction_as_parquet_has_the_rows_and_the_question(client: httpx.Client) -> None:
    """Typed columns; what was asked and what holds of it are the file's metadata."""
    answer = client.get("/extract", params=YEAR | BY, headers={"Accept": PARQUET})
    assert answer.headers["content-type"] == PARQUET
    table = parquet.read_table(io.BytesIO(answer.content))
    assert table.to_pylist() == ROWS
    assert [str(one.type) for one in table.schema] == ["string", "string", "int64"]
    said = {name.decode(): text.decode() for name, text in table.schema.metadata.items()}
    assert (said["marking"], said["position"]) == ("OFFICIAL-SENSITIVE", "0:4,1:2")
    assert (said["from"], said["type"], said["as_at"], said["complete"]) == ("2021-07-01", "LEAD", "live", "True")
    empty = client.get("/extract", params=YEAR | BY | {"org": "cumbria", "format": "parquet"})
    assert parquet.read_table(io.BytesIO(empty.content)).column_names == ["org", "pillar", "n"]


def test_a_form_that_is_not_offered_is_refused_by_its_field(client: httpx.Client) -> None:
    """Counts have no Parquet; whoever accepts it alone is given JSON."""
    refused = client.get("/counts", params={"format": "parquet"})
    assert (refused.status_code, refused.json()["field"]) == (400, "format")
    assert client.get("/counts", headers={"Accept": PARQUET}).headers["content-type"] == "application/json"


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_who_holds_an_answer_is_told_so(client: httpx.Client, form: str) -> None:
    """304 without a body, in each form, of a past instant; another question has another tag."""
    first = client.get("/extract", params=KNOWN | BY | {"format": form})
    tag = first.headers["etag"]
    again = client.get("/extract", params=KNOWN | BY | {"format": form}, headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["content-security-policy"].startswith("default-src")
    other = client.get("/extract", params=KNOWN | {"format": form}, headers={"If-None-Match": tag})
    assert (other.status_code, other.headers["etag"] == tag) == (200, False)
    assert tag.startswith('"'), "strong"
    weakened = client.get("/extract", params=KNOWN | BY | {"format": form}, headers={"If-None-Match": f"W/{tag}"})
    assert (weakened.status_code, weakened.headers["etag"]) == (304, tag), "a cache on the way may have made it weak"


def test_a_tag_of_json_is_of_one_body_and_holds_while_the_clock_alone_moves(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other bytes, another tag; who holds an earlier body of this position is told to keep it, by its own tag."""
    monkeypatch.setattr(snapshot, "SNAPSHOT_SECONDS", 0.0)
    first = client.get("/counts")
    time.sleep(0.002)
    second = client.get("/counts")
    assert first.content != second.content
    assert first.json()["rows"] == second.json()["rows"]
    assert first.headers["etag"] != second.headers["etag"]
    assert first.headers["etag"].split(".")[0] == second.headers["etag"].split(".")[0]
    for held in (first, second):
        again = client.get("/counts", headers={"If-None-Match": f'"other.tag", {held.headers["etag"]}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", held.headers["etag"])
    any_of_it = client.get("/counts", headers={"If-None-Match": "*"})
    assert any_of_it.status_code == 304


def test_a_tag_of_json_ends_with_its_completeness(
    client: httpx.Client, published: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether an answer is complete is no matter of the clock alone."""
    monkeypatch.setattr(snapshot, "SNAPSHOT_SECONDS", 0.0)
    first = client.get("/counts")
    assert first.json()["complete"]
    monkeypatch.setattr(published, "away", True)
    second = client.get("/counts", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.json()["complete"]) == (200, False)


def test_a_live_count_keeps_its_tag_until_the_store_moves(client: httpx.Client, store: Store) -> None:
    """A refusal more is another position."""
    first = client.get("/counts")
    assert client.get("/counts", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    columns = ["partition", "offset", "previous_offset", "ledger_time", "code", "message"]
    moment = store.query("SELECT max(ledger_time) AS at FROM rejected")[0]["at"]
    store.insert_rows("rejected", columns, [[1, 2, 1, moment, "MISROUTED", "Key it by its threat."]])
    third = client.get("/counts", headers={"If-None-Match": first.headers["etag"]})
    assert (third.status_code, third.json()["position"]) == (200, {"0": 4, "1": 3})


def test_the_first_form_that_is_accepted_and_offered_is_sent() -> None:
    """Browsers accept anything; a list is read in its order."""
    offered = {"csv": "text/csv"}
    accepted = ["", "*/*", "text/html,*/*;q=0.8", "text/csv", "application/json, text/csv", "TEXT/CSV;q=0.9, */*"]
    assert [choose_form(None, one, offered) for one in accepted] == ["json", "json", "json", "csv", "json", "csv"]


def test_a_basis_has_no_clock_where_no_instant_was_given() -> None:
    """One position, one file."""
    answer = {"position": {"1": 9, "0": 12}, "as_at": "now", "known_at": "now", "complete": True, "measure": "R"}
    said = describe_basis(CountQuery(), answer | {"filters": {"type": "LEAD", "literal": {"n": 1}}})  # type: ignore[arg-type]  # the fields that are read
    assert said == {
        "type": "LEAD",
        "as_at": "live",
        "known_at": "live",
        "complete": "True",
        "measure": "R",
        "position": "0:12,1:9",
    }


@pytest.mark.parametrize(
    ("path", "asked", "rows"),
    [
        ("/compare", {"then": "2022-07-02", "by": "pillar"}, "rows"),
        ("/compare/moves", {"then": "2022-07-02"}, "rows"),
        ("/rates", {}, "weeks"),
    ],
)
def test_then_beside_now_its_moves_and_rates_as_csv_have_the_rows_of_json(
    client: httpx.Client, path: str, asked: dict[str, str], rows: str
) -> None:
    """With the question, the position and the instants that were given; who holds the file is told so."""
    body = client.get(path, params=YEAR | asked).json()
    expected, position = body[rows], ",".join(f"{number}:{end}" for number, end in sorted(body["position"].items()))
    answer = client.get(path, params=YEAR | asked | {"format": "csv"})
    lines = list(csv.reader(io.StringIO(answer.text)))
    empty = lines.index([])
    said = dict(lines[1:empty])
    assert said["position"] == position
    assert said.get("now_as_at", said.get("as_at")) == "live"
    found = [dict(zip(lines[empty + 1], one, strict=True)) for one in lines[empty + 2 :]]
    assert len(found) == len(expected) > 0
    for row, cells in zip(expected, found, strict=True):
        causes = row.pop("causes", {})
        plain = {name: "" if value is None else str(value).lstrip("'") for name, value in (row | causes).items()}
        assert plain.items() <= {name: cell.lstrip("'") for name, cell in cells.items()}.items()
        assert path != "/compare" or sum(int(cells[cause]) for cause in CAUSES) == int(cells["difference"])
    again = client.get(path, params=YEAR | asked | {"format": "csv"}, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
