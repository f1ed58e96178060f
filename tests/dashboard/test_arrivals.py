"""What there is, over the read API: spans and newest entries, at the instants asked for."""

from datetime import date

import httpx
import pytest

from sinks.store import Store
from tests.dashboard.conftest import POSTING, make_instant, make_posting, write_rows


@pytest.fixture(scope="module", autouse=True)
def counter_leg(store: Store) -> None:
    """Write a day of Kent's that was left again: nothing counts on it."""
    day = ("D-9", "LEAD", "PURSUE", "MAJOR", date(2020, 1, 1), "COUNTED")
    write_rows(
        store,
        "postings",
        POSTING,
        [make_posting(3, 20, *day, 1, make_instant(3)), make_posting(3, 21, *day, -1, make_instant(4))],
    )


def test_the_span_is_of_the_days_on_which_something_counts(client: httpx.Client) -> None:
    """The first of January 2020 counts no more; on the third of July it did, and D-3 did not."""
    span = client.get("/span", params={"by": "org"}).json()
    assert span["rows"] == [
        {"org": "kent", "first": "2022-06-01", "last": "2022-06-01"},
        {"org": "metropolitan", "first": "2022-06-30", "last": "2022-06-30"},
    ]
    then = client.get("/span", params={"org": "kent", "as_at": "2022-07-03"}).json()
    assert then["rows"] == [{"first": "2020-01-01", "last": "2020-01-01"}]
    assert client.get("/span", params={"org": "essex"}).json()["rows"] == []


def test_support_has_a_span_of_its_own(client: httpx.Client) -> None:
    """D-2 alone."""
    found = client.get("/span", params={"type": "support"}).json()["rows"]
    assert found == [{"first": "2022-06-29", "last": "2022-06-29"}]


def test_the_newest_entries_come_first(client: httpx.Client) -> None:
    """Of everybody, of some, and as they were known at an instant."""

    def list_found(**asked: str) -> list[tuple[str, int]]:
        rows = client.get("/recent", params=asked).json()["rows"]
        return [(row["disruption_id"] or row["threat_id"], row["version"]) for row in rows]

    assert list_found(limit="2") == [("D-3", 2), ("D-3", 1)]
    assert list_found(org="metropolitan,rocu-tarian") == [("D-2", 1), ("D-1", 1), ("T-1", 1)]
    assert list_found(org="kent", known_at="2022-07-05") == [("D-3", 1)]
    assert client.get("/recent", params={"org": "knet"}).json()["field"] == "org"
