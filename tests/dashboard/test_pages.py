"""The pages as a browser receives them, over a real engine: what they say, their policy, what answers nonsense."""

import re

import httpx
import pytest

from sinks.store import Store
from tests.dashboard.conftest import make_instant, write_rows

PERIOD = {"from": "2021-07-01", "to": "2022-06-30"}


def test_the_national_page_shows_the_lead_count_of_its_period(browser: httpx.Client) -> None:
    """Two lead disruptions count in the year; the support one is in no figure of theirs."""
    page = browser.get("/", params=PERIOD)
    assert page.status_code == 200
    assert re.search(r'<p class="ledger-figure" id="lead"><a [^>]*>2</a></p>', page.text)
    assert "1 July 2021 to 30 June 2022" in page.text


def test_every_page_has_a_policy_without_inline_script_or_style(browser: httpx.Client) -> None:
    """And nothing in it would need one."""
    for path in ("/", "/status", "/nowhere", "/?from=yesterday"):
        page = browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "style=" not in page.text
        assert page.text.count("<script") == page.text.count('<script type="module" src="/assets/own/')


@pytest.mark.parametrize(
    ("address_asked", "status", "says"),
    [
        ("/?from=yesterday", 400, "is not a date; write it as 2022-06-30"),
        ("/?from=2022-06-30&to=2022-06-01", 400, "before it starts"),
        ("/?from_day=1&from_year=2021", 400, "First day: The date has no month: give day, month and year"),
        ("/?from_day=31&from_month=2&from_year=2022", 400, "is not a date; write its day, month and year as 30 6 2022"),
        ("/?from=2022-02-01&from_day=1&from_month=2&from_year=2022", 400, "given twice, whole and by its parts"),
        ("/?form=2022-06-30", 400, "has no such field"),
        ("/?from=2022-06-30&from=2022-06-30", 400, "stands 2 times"),
        ("/?as_at=2022-07-04T10:00:00", 400, "has no zone"),
        ("/nowhere", 404, "Page not found"),
    ],
)
def test_nonsense_gets_a_page_that_says_how_to_mend_it(
    browser: httpx.Client, address_asked: str, status: int, says: str
) -> None:
    """The status is that of the read API, the answer is for people."""
    page = browser.get(address_asked)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert says in page.text


def test_what_is_typed_is_never_shown_unescaped(browser: httpx.Client) -> None:
    """Even where the sentence quotes it."""
    page = browser.get("/", params={"from": "<b>2022</b>"})
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text


def test_assets_are_served_and_may_be_kept(browser: httpx.Client) -> None:
    """Styles and scripts hold no record of anybody."""
    for path in (
        "govuk/govuk-frontend.min.css",
        "govuk/govuk-frontend.min.js",
        "own/dashboard.css",
        "own/dashboard.js",
    ):
        found = browser.get(f"/assets/{path}")
        assert (found.status_code, found.headers["cache-control"]) == (200, "max-age=600")
        assert found.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["own/nowhere.css", "govuk/nowhere.js", "own/..%2fapi.py", "nowhere"])
def test_an_asset_that_is_not_there_is_not_kept(browser: httpx.Client, path: str) -> None:
    """The next version may have it: who kept the refusal would not ask again for ten minutes."""
    found = browser.get(f"/assets/{path}")
    assert (found.status_code, found.headers["cache-control"]) == (404, "no-store")


def test_an_asset_that_did_not_change_may_still_be_kept(browser: httpx.Client) -> None:
    """Asked again by its entity tag: nothing is sent, and what was kept is kept on."""
    tag = browser.get("/assets/own/dashboard.css").headers["etag"]
    found = browser.get("/assets/own/dashboard.css", headers={"If-None-Match": tag})
    assert (found.status_code, found.headers["cache-control"]) == (304, "max-age=600")


def test_the_typeface_of_gov_uk_is_asked_for_by_no_page(browser: httpx.Client) -> None:
    """It is licensed for services there alone: no style names a file of it."""
    styles = browser.get("/assets/govuk/govuk-frontend.min.css")
    assert styles.headers["content-type"].startswith("text/css")
    assert ".govuk-table__header" in styles.text
    assert "@font-face" not in styles.text
    assert "woff" not in styles.text


def test_alerts_are_shown_with_what_to_do_and_those_that_are_over(browser: httpx.Client, store: Store) -> None:
    """Four stand, of three kinds, and one was cleared; the page says what to do once for each kind, and where."""
    columns = "partition offset kind subject state at value bound sentence remedy software"
    raised = ("RAISED", make_instant(1), 25.0, 20.0, "It is past its bound.")
    cleared = ("CLEARED", make_instant(2), 0.0, 0.0, "The ledger is in order.", "Look.", "us")
    rows = [
        (0, 0, "DEGRADED", "the ledger", *raised, "Look.", "us"),
        (0, 1, "REFUSAL_BURST", "KEY_MISMATCH", *raised, "Send them again.", "us"),
        (0, 2, "DEGRADED", "the ledger", *cleared),
        (0, 3, "RATE_OUTSIDE_LIMITS", "England and Wales", *raised, "See what changed.", "us"),
        (0, 4, "RATE_OUTSIDE_LIMITS", "kent", *raised, "See what changed.", "us"),
        (0, 5, "FEED_SILENT", "kent", *raised, "Ask them.", "us"),
    ]
    write_rows(store, "alerts", columns, rows)
    page = browser.get("/alerts").text
    assert "4 alerts need looking at now." in page
    assert [page.count(one) for one in ("Send them again.", "See what changed.", "Ask them.")] == [1, 1, 1]
    assert "A rate outside its limits: 2" in page
    link = r'href="(/[a-z/]+)\?from=[-0-9]+&amp;to=[-0-9]+(?:&amp;([a-z]+=[^"&]+))?">([^<]+)</a></dt>'
    assert re.findall(link, page) == [
        ("/refusals", "code=KEY_MISMATCH", "Key of another threat"),
        ("/feeds/kent", "", "Kent Police"),
        ("/rates", "org=kent", "Kent Police"),
        ("/rates", "", "England and Wales"),
    ]
    assert "1 July 2022, 13:00:00 BST" in page
    listed = browser.get("/v1/alerts").json()
    assert [one["subject"] for one in listed["standing"]] == ["kent", "kent", "England and Wales", "KEY_MISMATCH"]
    assert [one["offset"] for one in listed["rows"]] == [5, 4, 3, 2, 1, 0]
    assert browser.get("/v1/alerts", params={"limit": "1"}).json()["truncated"] is True
    assert "4 alerts need looking at" in browser.get("/", params=PERIOD).text


def test_what_goes_wrong_on_a_page_is_said_by_a_page(browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours, a foreign host and an address that is none; where even that page fails, a problem says so."""
    foreign = browser.get("/alerts", headers={"Host": "elsewhere.example"})
    assert (foreign.status_code, "no such host here" in foreign.text) == (400, True)
    wrong = browser.get("/alerts?code=%ff")
    assert (wrong.status_code, "not percent-encoded UTF-8" in wrong.text) == (400, True)
    monkeypatch.setattr("dashboard.pages.alerts.group_alerts", lambda *_: 1 / 0)
    failed = browser.get("/alerts")
    assert (failed.status_code, "Sorry, there is a problem with the service" in failed.text) == (500, True)
    assert {one.headers["content-type"] for one in (foreign, wrong, failed)} == {"text/html; charset=utf-8"}
    monkeypatch.setattr("dashboard.problem_details.draw_error", lambda *_: 1 / 0)
    broken = browser.get("/alerts")
    assert (broken.status_code, broken.headers["content-type"]) == (500, "application/problem+json")
