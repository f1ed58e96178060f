"""The threats that a threat count is made of: those of rule 8, page by page, as at an instant, as JSON and as CSV."""

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest

from sinks.store import Store
from tests.dashboard.conftest import POSTING, THREAT, make_event_id, make_instant, write_rows
from tests.dashboard.page_reader import PageReader

# One of Kent; a second, closed on the 6th; one that moved to Essex on the 5th; one of tier 5, which is not counted.
MORE = [
    ("T-2", 0, "kent", "OCG", 2, False, 1, make_instant(3)),
    ("T-3", 0, "kent", "OCG", 1, False, 1, make_instant(3)),
    ("T-3", 1, "kent", "OCG", 1, False, -1, make_instant(6)),
    ("T-3", 2, "kent", "OCG", 1, True, 1, make_instant(6)),
    ("T-4", 0, "kent", "PRIORITY_INDIVIDUAL", 1, False, 1, make_instant(4)),
    ("T-4", 1, "kent", "PRIORITY_INDIVIDUAL", 1, False, -1, make_instant(5)),
    ("T-4", 2, "essex", "PRIORITY_INDIVIDUAL", 1, False, 1, make_instant(5)),
    ("T-5", 0, "kent", "OCG", 5, False, 1, make_instant(3)),
]
PATH = "/threats/listed"


@pytest.fixture(scope="module", autouse=True)
def more(store: Store) -> None:
    """Write them, all at the position of Kent's disruption, and a disruption of T-4 that was withdrawn."""
    rows = [
        (1, 0, 10 * int(threat[2:]) + leg, make_instant(6), make_event_id(4), threat, owner, kind, "DRUGS",
         "TACTICAL", "MODERATED", True, tier, closed, sign, entered)
        for threat, leg, owner, kind, tier, closed, sign, entered in MORE
    ]  # fmt: skip
    write_rows(store, "threat_postings", THREAT, rows)
    withdrawn = ("T-4", "D-9", "essex", "LEAD", "PURSUE", "OCG", "DRUGS", "MAJOR", date(2022, 6, 20), "COUNTED")
    legs = [
        (1, 0, 90 + leg, make_instant(6), make_event_id(4), *withdrawn, sign, make_instant(4))
        for leg, sign in enumerate((1, -1))
    ]
    write_rows(store, "postings", POSTING, legs)


def list_threats(client: httpx.Client, **asked: str) -> tuple[list[tuple[Any, ...]], Any]:
    """What is listed, and the whole answer."""
    answer = client.get(PATH, params=asked).json()
    return [(row["threat_id"], row["organisation"], row["kind"], row["tier"]) for row in answer["rows"]], answer


def test_the_threats_of_a_count_are_those_of_rule_8(client: httpx.Client) -> None:
    """Each where it stands now, with the posting that put it there; as many as the count says."""
    listed, answer = list_threats(client)
    assert listed == [
        ("T-1", "metropolitan", "OCG", 1),
        ("T-2", "kent", "OCG", 2),
        ("T-4", "essex", "PRIORITY_INDIVIDUAL", 1),
    ]
    assert answer["total"] == 3 == sum(row["n"] for row in client.get("/threats").json()["rows"])
    assert answer["rows"][2]["entered_at"] == "2022-07-05T12:00:00.000Z"
    assert (answer["rows"][2]["partition"], answer["rows"][2]["offset"]) == (1, 0)


def test_a_past_count_has_its_own_threats(client: httpx.Client) -> None:
    """On the evening of the fourth T-3 was open and T-4 Kent's."""
    listed, answer = list_threats(client, as_at="2022-07-04")
    assert [one[:2] for one in listed] == [("T-1", "metropolitan"), ("T-2", "kent"), ("T-3", "kent"), ("T-4", "kent")]
    assert answer["total"] == 4
    known = list_threats(client, known_at="2022-07-05")[0]
    assert [one[0] for one in known] == ["T-1"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"org": "kent"}, ["T-2"]),
        ({"kind": "PRIORITY_INDIVIDUAL"}, ["T-4"]),
        ({"region": "Eastern", "crime_type": "DRUGS"}, ["T-2", "T-4"]),
        ({"crime_type": "CYBER"}, []),
    ],
)
def test_what_a_count_is_asked_by_its_list_is(client: httpx.Client, asked: dict[str, str], expected: list[str]) -> None:
    """By owner, region, kind and crime type."""
    listed, answer = list_threats(client, **asked)
    assert [one[0] for one in listed] == expected
    assert answer["total"] == len(expected)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"undisrupted_from": "2022-06-01", "undisrupted_to": "2022-06-30"}, ["T-4"]),
        ({"undisrupted_from": "2022-06-02"}, ["T-2", "T-4"]),
        ({"undisrupted_to": "2022-06-29"}, ["T-1", "T-4"]),
        ({"undisrupted_from": "2022-06-01", "as_at": "2022-07-04"}, ["T-3", "T-4"]),
        ({"undisrupted_from": "2022-06-01", "known_at": "2022-07-01T12:00:00Z"}, ["T-1"]),
        ({"undisrupted_from": "2022-06-01", "region": "Eastern", "kind": "OCG"}, []),
    ],
)
def test_threats_without_a_lead_disruption_are_told_apart(
    client: httpx.Client, asked: dict[str, str], expected: list[str]
) -> None:
    """T-1 has one of 30 June and support of the 29th; T-2 one of 1 June, which does not count before 5 July."""
    listed, answer = list_threats(client, **asked)
    assert [one[0] for one in listed] == expected
    assert answer["total"] == len(expected)
    assert answer["filters"]["undisrupted_from"] == asked.get("undisrupted_from", "1900-01-01")


def test_the_page_of_an_organisation_leads_to_its_threats_without_a_disruption(browser: httpx.Client) -> None:
    """Essex has one threat and no disruption; Kent's one has its own of 1 June; the page says of which days it is."""
    asked = {"from": "2022-06-01", "to": "2022-06-30"}
    page = browser.get("/organisations/essex", params=asked)
    assert (
        "1</a> of them had no lead disruption in this period, whoever recorded it and whether it counts or not."
        in page.text
    )
    (link,) = {one.link for one in PageReader(page.text).links if "undisrupted_from" in str(one.link)}
    listed = browser.get(str(link)).text
    assert "Threats without a lead disruption" in listed
    assert "from 1 June 2022 to 30 June 2022, whoever recorded it" in listed
    assert ("T-4" in listed, "T-2" in listed) == (True, False)
    assert "Each of them had a lead disruption" in browser.get("/organisations/kent", params=asked).text


def test_a_list_is_turned_page_by_page(client: httpx.Client, browser: httpx.Client) -> None:
    """One at a time, each once; the page says how many there are and leads on."""
    seen, after = [], {}
    while True:
        listed, answer = list_threats(client, limit="1", **after)
        seen += [one[0] for one in listed]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert seen == ["T-1", "T-2", "T-4"]
    page = browser.get("/threats", params={"limit": "2"}).text
    assert 'id="total">3</p>' in page
    assert "after=T-2" in page
    assert "There are no more threats" in browser.get("/threats", params={"after": "T-9"}).text


def test_a_list_as_csv_has_the_rows_of_json(client: httpx.Client) -> None:
    """With the question above them."""
    answer = client.get(PATH, params={"format": "csv", "org": "kent"})
    lines = list(csv.reader(io.StringIO(answer.text)))
    empty = lines.index([])
    assert (dict(lines[1:empty])["org"], dict(lines[1:empty])["as_at"]) == ("kent", "live")
    assert lines[empty + 2][:5] == ["T-2", "kent", "OCG", "DRUGS", "2"]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("org", "atlantis"),
        ("kind", "GANG"),
        ("region", "Mars"),
        ("limit", "0"),
        ("undisrupted_from", "yesterday"),
        ("undisrupted_to", "1899-12-31"),
    ],
)
def test_what_is_not_on_its_list_is_refused_by_its_field(client: httpx.Client, field: str, wrong: str) -> None:
    """As everywhere."""
    refused = client.get(PATH, params={field: wrong})
    assert (refused.status_code, refused.json()["field"]) == (400, field)
