"""Feeds and signals as a browser receives them, over a real engine."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import pytest

from sinks.feed_events import COLUMNS as EVENT_COLUMNS
from sinks.heartbeats import COLUMNS
from sinks.store import Store
from tests.dashboard.conftest import make_event_id, make_instant
from tests.dashboard.page_reader import PageReader

PERIOD = {"from": "2021-07-01", "to": "2022-06-30"}


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    """A client that asks for pages."""
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def fed(store: Store) -> Store:
    """The stored events as they were numbered: Kent's 3 is missing, and Kent was heard just now."""
    one, two = (
        ("DisruptionEvent", make_event_id(4), "T-2", "D-3", 1),
        ("DisruptionEvent", make_event_id(5), "T-2", "D-3", 2),
    )
    kent = [
        [1, 0, "kent", 2, make_instant(3), "ADMITTED", "", *one, date(2022, 6, 1), make_instant(3), False],
        [1, 1, "kent", 4, make_instant(6), "ADMITTED", "", *two, date(2022, 6, 1), make_instant(5), False],
    ]
    refused = [
        0,
        3,
        "metropolitan",
        9,
        make_instant(4),
        "REFUSED",
        "SUPPORT_BY_FORCE",
        "DisruptionEvent",
        make_event_id(6),
        "T-1",
    ]
    store.insert_aside(
        "feed_events", EVENT_COLUMNS, [*kent, [*refused, "D-9", 1, date(2022, 6, 30), make_instant(4), False]]
    )
    known = ("DisruptionEvent", make_event_id(7), "T-1", "D-7", 1, date(2022, 6, 1), make_instant(3), False)
    essex = [[0, n, "essex", number, make_instant(3), "ADMITTED", "", *known] for n, number in ((1, 7), (2, 2**63 - 1))]
    store.insert_aside("feed_events", EVENT_COLUMNS, essex)
    now = datetime.now(UTC)
    store.insert_aside("heartbeats", COLUMNS, [["kent", 4, now, 3600, None, 0, 0, now]])
    return store


@pytest.mark.usefixtures("fed")
@pytest.mark.parametrize("path", ["/feeds/essex", "/organisations/essex/reconcile?day=2022-07-03"])
def test_a_jump_of_numbers_is_named_and_is_nothing_missing(browser: httpx.Client, path: str) -> None:
    """Rule F5: Essex's 7 is followed by the greatest number that there is."""
    text = " ".join(browser.get(path).text.split())
    assert "from 7 to 9223372036854775807: so far apart" in text
    assert "9,223" not in text.split("Missing")[1].split("</dd>")[0]
    assert "its numbers jump" in browser.get("/feeds").text


@pytest.mark.usefixtures("fed")
def test_a_feed_is_told_by_its_heartbeat_and_its_numbers(browser: httpx.Client) -> None:
    """Kent's 3 never arrived; the Metropolitan Police was never heard; neither is ranked."""
    page = browser.get("/feeds", params=PERIOD)
    assert page.status_code == 200
    kent = page.text.rpartition(">Kent Police</a>")[2].partition("</tr>")[0]
    assert "Events are missing" in kent
    assert "next promised within 1 hour" in browser.get("/feeds/kent", params=PERIOD).text
    assert "Never heard" in page.text.rpartition(">Metropolitan Police Service</a>")[2].partition("</tr>")[0]
    assert "do not rank organisations" in page.text
    rows = browser.get("/v1/feeds", params={"org": "kent"}).json()["rows"]
    assert [(row["missing"], row["gaps"]) for row in rows] == [(1, [{"first": 3, "last": 3}])]


@pytest.mark.usefixtures("fed")
def test_a_feed_of_the_past_claims_no_heartbeat(browser: httpx.Client) -> None:
    """On the pages and in JSON: what had arrived by then, and that the heartbeats of then are not kept."""
    past = PERIOD | {"known_at": make_instant(5).isoformat()}
    page = browser.get("/feeds", params=past).text
    kent = page.rpartition(">Kent Police</a>")[2].partition("</tr>")[0]
    assert ("Heartbeats not kept" in kent, "not kept\n" in kent or ">not kept<" in kent) == (True, True)
    assert "Alive and complete" not in page
    assert "the newest heartbeat alone is kept" in page
    own = browser.get("/feeds/kent", params=past).text
    assert "2 to 2" in own
    assert "as they stand now</h2>" in own
    answer = browser.get("/v1/feeds", params={"org": "kent", "known_at": make_instant(5).isoformat()}).json()
    (row,) = answer["rows"]
    assert (row["verdict"], row["last_sequence"], row["heard_at"], row["unarrived"]) == ("NOT_KEPT", 2, None, None)
    assert answer["known_at"] == answer["judged_at"]


@pytest.mark.usefixtures("fed")
def test_a_publisher_sees_what_became_of_its_events(browser: httpx.Client) -> None:
    """Where it stands, with a link to its story; or why it was refused, and what to do."""
    page = browser.get("/feeds/kent", params=PERIOD).text
    assert (
        '<a class="govuk-link" href="/disruptions?from=2021-07-01&amp;to=2022-06-30&amp;disruption_id=D-3">D-3</a>'
        in page
    )
    assert "Admitted. Counted<" in page
    refused = browser.get("/feeds/metropolitan", params=PERIOD).text
    assert "Rejected: Support recorded by a force.</strong> A force records lead disruptions only." in refused


@pytest.mark.usefixtures("fed")
def test_a_sign_has_its_definition_and_its_records(browser: httpx.Client) -> None:
    """The one refused support, its recorder, and the record behind it."""
    page = browser.get("/signals", params=PERIOD).text
    sign = page.partition('id="SUPPORT_BY_FORCE"')[2].partition("</section>")[0]
    assert "a force may record only what it led" in sign
    assert "1 rejected" in sign
    assert page.count("No organisation shows it in this period.") == 9
    link = sign.partition('govuk-table__cell"><a class="govuk-link" href="')[2].partition('"')[0]
    assert link.startswith("/signals/records?")
    assert ">D-9</a>" in browser.get(link.replace("&amp;", "&")).text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("/feeds/kentt", "did you mean kent"),
        ("/organisations/kent/reconcile?day=yesterday", "&#39;yesterday&#39; is not a date"),
        ("/organisations/kent/reconcile?day_day=3&day_month=7", "the date has no year"),
        ("/feeds?org=kent", "has no such field"),
        ("/signals/records?org=kent", "signal: it is missing"),
        ("/signals/records?org=kent&signal=NO_PREVENT", "there is no &#39;NO_PREVENT&#39;"),
    ],
)
def test_nonsense_is_told_with_its_remedy(browser: httpx.Client, asked: str, says: str) -> None:
    """By a page, with the status of the caller's fault."""
    page = browser.get(asked)
    assert (page.status_code, says in page.text) == (400, True), page.text


@pytest.mark.usefixtures("fed")
def test_a_day_is_reconciled_under_its_organisation(browser: httpx.Client) -> None:
    """Of 3 July: 2 arrived and stands nowhere any more; 3 lies between it and the 4 of the 5th, and never came."""
    page = browser.get("/organisations/kent/reconcile", params=PERIOD | {"day": "2022-07-03"})
    assert page.status_code == 200
    assert "It sent 2: 1 admitted, 0 rejected, <strong>1 missing</strong>." in page.text
    assert page.text.partition('id="missing">')[2].partition("<")[0] == "3"
    read = PageReader(page.text)
    (event,) = list(read.tables["events"].items())[1:]
    assert (event[0], [cell.text for cell in event[1]]) == (
        make_event_id(4),
        ["2", "D-3, version 1", "3 Jul 2022 13:00 BST", "Admitted: counted", "1:0"],
    )
    assert event[1][-1].link == "/entries/1/0?from=2021-07-01&to=2022-06-30"
    assert (read.inputs["day_day"], read.inputs["day_month"], read.inputs["day_year"]) == ("3", "7", "2022")
    assert read.inputs["from"] == "2021-07-01", "the form keeps the period of the other pages"
    by_parts = {"day_day": "4", "day_month": "7", "day_year": "2022"}
    refused = browser.get("/organisations/metropolitan/reconcile", params=by_parts).text
    assert "It sent 1: 0 admitted, 1 rejected, none missing." in refused
    assert "<strong>Rejected:</strong> support recorded by a force" in refused
    empty = browser.get("/organisations/kent/reconcile", params={"day": "2021-01-01"}).text
    assert "Nothing arrived that was entered on this day" in empty
    links = {one.text: one.link for one in PageReader(browser.get("/organisations/kent", params=PERIOD).text).links}
    assert links["What it sent on a day, beside what arrived"] == (
        "/organisations/kent/reconcile?from=2021-07-01&to=2022-06-30"
    )


@pytest.mark.usefixtures("fed")
def test_the_events_of_a_day_go_on_after_an_event_id(browser: httpx.Client) -> None:
    """After the day's last there are no more, and the way back is there; a page number is no place."""
    asked = {"day": "2022-07-03", "after": make_event_id(4)}
    page = browser.get("/organisations/kent/reconcile", params=asked).text
    assert "Back to the first events" in page
    assert 'id="events"' not in page
    refused = browser.get("/organisations/kent/reconcile", params=asked | {"after": "2"})
    assert (refused.status_code, "an event id is a UUID" in refused.text) == (400, True)
