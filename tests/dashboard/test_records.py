"""The records behind a figure: exactly those that add up to it, a page at a time, for people and for spreadsheets."""

import csv
from datetime import date
from html import unescape
from io import StringIO
from typing import Any

import httpx
import pytest

from sinks.store import Store
from tests.dashboard.conftest import ENTRY, POSTING, make_entry, make_event_id, make_instant, write_rows

YEAR = {"from": "2021-07-01", "to": "2022-06-30"}
DIMENSIONS = ("org", "region", "pillar", "kind", "crime_type", "category", "standing", "month")
FORMULA = '=HYPERLINK("x")'


@pytest.fixture(scope="module", autouse=True)
def moved(store: Store) -> None:
    """A disruption of T-1 whose reference a spreadsheet would work out; what put it where it stands changes.

    First in from the 3rd on (offset 4, learnt on the 5th); then something of the 2nd is learnt (offset 5, on the 6th):
    what was put in on the 3rd is taken back, and it is in from the 2nd on.
    """
    account = ("metropolitan", "LEAD", "PURSUE", "OCG", "DRUGS", "MINOR", date(2022, 5, 9), "COUNTED")
    for offset, day in ((4, 5), (5, 6)):
        row = make_entry(
            0,
            offset,
            "DisruptionEvent",
            offset + 10,
            "T-1",
            FORMULA,
            1,
            "metropolitan",
            make_instant(3),
            make_instant(day),
        )
        write_rows(store, "entries", ENTRY, [row])
    for offset, leg, learnt, entered, sign in ((4, 0, 5, 3, 1), (5, 0, 6, 3, -1), (5, 1, 6, 2, 1)):
        identity = (0, offset, leg, make_instant(learnt), make_event_id(offset + 10), "T-1", FORMULA)
        write_rows(store, "postings", POSTING, [(*identity, *account, sign, make_instant(entered))])


def ask_records(client: httpx.Client, **fields: str) -> dict[str, Any]:
    """Ask for records of the year."""
    found: dict[str, Any] = client.get("/records", params=YEAR | fields).raise_for_status().json()
    return found


@pytest.mark.parametrize(
    ("type", "instants"),
    [
        ("lead", {}),
        ("lead", {"as_at": "2022-07-02"}),
        ("lead", {"known_at": "2022-07-05"}),
        ("lead", {"as_at": "2022-07-04", "known_at": "2022-07-06"}),
        ("support", {}),
    ],
    ids=str,
)
def test_the_records_of_every_cell_are_as_many_as_the_cell_says(
    client: httpx.Client, type: str, instants: dict[str, str]
) -> None:
    """Of every cell of a cube by all dimensions, and of the total of each of their values."""
    asked = YEAR | instants | {"type": type, "standing": "all"}
    for by in (",".join(DIMENSIONS), *DIMENSIONS):
        cells = client.get("/extract", params=asked | {"by": by}).json()["rows"]
        assert cells
        for cell in cells:
            found = ask_records(client, **(asked | {name: value for name, value in cell.items() if name != "n"}))
            assert (found["total"], len(found["rows"])) == (cell["n"], cell["n"])


def test_a_record_names_the_posting_that_put_it_where_it_stands(client: httpx.Client) -> None:
    """What a later entry takes back is passed over; known at the 5th, it is what holds."""
    (now,) = ask_records(client, month="2022-05")["rows"]
    assert (now["partition"], now["offset"], now["leg"]) == (0, 5, 1)
    assert (now["entered_at"], now["ledger_time"]) == ("2022-07-02T12:00:00.000Z", "2022-07-06T12:00:00.000Z")
    (then,) = ask_records(client, month="2022-05", known_at="2022-07-05")["rows"]
    assert (then["offset"], then["leg"], then["entered_at"]) == (4, 0, "2022-07-03T12:00:00.000Z")


def test_pages_list_every_record_once_latest_events_first(client: httpx.Client) -> None:
    """One at a time: 30 June, 1 June, 9 May; the total is on each page, and the last one has no next."""
    listed, place = [], "none"
    for _ in range(3):
        page = ask_records(client, limit="1", after=place)
        assert (page["total"], len(page["rows"])) == (3, 1)
        listed.append(page["rows"][0]["event_date"])
        place = page["next"]
    assert (listed, place) == (["2022-06-30", "2022-06-01", "2022-05-09"], None)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"after": "900"}, "after: '900' is no place in this list; take `next` of the answer before"),
        ({"after": "2022-06-31:0:1:0"}, "is no place in this list"),
        ({"after": "2022-06-30:0:1:0x"}, "is no place in this list"),
        ({"page": "900"}, "page"),
        ({"limit": "100001"}, "limit: "),
        ({"region": "Londinium"}, "mean London"),
        ({"pillar": "pursue"}, "mean PURSUE"),
        ({"kind": "GANG"}, "OCG"),
        ({"month": "2022-13"}, "month: '2022-13' is not a month; write it as 2022-06"),
        ({"type": "both"}, "lead, support"),
        ({"to": "2021-06-30"}, "before it starts"),
        ({"format": "xml"}, "json, csv"),
    ],
)
def test_nonsense_is_refused_with_the_remedy(client: httpx.Client, fields: dict[str, str], says: str) -> None:
    """By the field; on the page too, but for the format, which it does not have."""
    answer = client.get("/records", params=YEAR | fields)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert says in answer.json()["detail"]
    page = client.get(str(client.base_url.copy_with(path="/records")), params=YEAR | fields)
    assert page.status_code == 400
    assert says in unescape(page.text) or fields.keys() & {"format", "page"}


@pytest.mark.parametrize("wanted", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}], ids=str)
def test_a_spreadsheet_has_the_marking_the_question_and_no_formula(
    client: httpx.Client, wanted: dict[str, dict[str, str]]
) -> None:
    """All of the records at once; a reference that begins like a formula has an apostrophe before it."""
    answer = client.get("/records", params=YEAR | wanted.get("params", {}), headers=wanted.get("headers"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = "OFFICIAL-SENSITIVE disruption records 2021-07-01 to 2022-06-30.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    lines = list(csv.reader(StringIO(answer.text)))
    gap = lines.index([])
    assert lines[0] == ["OFFICIAL-SENSITIVE"]
    assert {"total": "3", "type": "LEAD", "from": "2021-07-01"}.items() <= dict(lines[1:gap]).items()
    rows = [dict(zip(lines[gap + 1], line, strict=True)) for line in lines[gap + 2 :]]
    assert [row["disruption_id"] for row in rows] == ["D-1", "D-3", f"'{FORMULA}"]


@pytest.mark.parametrize("path", ["/records", "/threats/listed", "/counts"])
@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/csv, application/json;q=0.5"])
def test_every_list_is_negotiated_in_one_way(client: httpx.Client, path: str, accept: str) -> None:
    """By the first form that is accepted; whoever keeps the answer is told that another may be given another."""
    asked = YEAR if path == "/records" else {}
    answer = client.get(path, params=asked, headers={"Accept": accept})
    assert (answer.headers["content-type"].partition(";")[0], answer.headers["vary"]) == (
        accept.partition(",")[0],
        "Accept",
    )
    assert client.get(path, params=asked | {"format": "CSV"}).headers["content-type"] == "text/csv; charset=utf-8"


def test_the_page_shows_the_figure_and_what_it_is_made_of(client: httpx.Client) -> None:
    """The total, each record, the way to the next page and to the file, with the view kept."""
    page = client.get(str(client.base_url.copy_with(path="/records")), params=YEAR | {"limit": "2"}).text
    assert '<p class="ledger-figure" id="total">3</p>' in page
    assert page.count('<th scope="row"') == 2
    assert ">D-1</a><br>" in page
    place = "2022-06-01%3A1%3A1%3A1"
    assert f'href="/records?from=2021-07-01&amp;to=2022-06-30&amp;after={place}"' in page
    assert 'href="/v1/records?from=2021-07-01&amp;to=2022-06-30&amp;format=csv&amp;limit=100000"' in page
    assert FORMULA not in page
