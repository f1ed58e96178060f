"""The time machine: a page as at and as known at a past instant, by its address alone.

D-3 of Kent was unassessed until 5 July 2022, noon, which the ledger learnt on 6 July, noon.
"""

import re
from datetime import timedelta

import httpx
import pytest

from ledger.instants import format_instant
from queries.answer import read_clock
from sinks.store import Store
from tests.dashboard.conftest import Known
from tests.dashboard.streams import Feed

PERIOD = {"from": "2021-07-01", "to": "2022-06-30"}
THEN = {"as_at": "2022-07-04", "known_at": "2022-07-05"}


def read_lead(page: httpx.Response) -> str:
    """The lead figure of the national page."""
    assert page.status_code == 200, page.text
    return re.sub("<[^>]*>", "", page.text.partition('id="lead">')[2].partition("</p>")[0]).strip()


def test_a_page_shows_the_figure_of_a_past_instant_and_says_so(browser: httpx.Client) -> None:
    """One then, two now; the banner names both clocks, and the way back keeps the period."""
    page = browser.get("/", params=PERIOD | THEN)
    assert read_lead(page) == "1"
    assert read_lead(browser.get("/", params=PERIOD)) == "2"
    said = " ".join(page.text.split())
    stood = "As the record stood on 4 July 2022, 23:59:59 BST, as this ledger knew it on 5 July 2022, 23:59:59 BST"
    assert stood in said
    assert "Complete: this address shows the same figures for ever." in said
    assert 'href="/?from=2021-07-01&amp;to=2022-06-30">Go back to live' in said
    assert (
        'href="/compare?from=2021-07-01&amp;to=2022-06-30&amp;then_as_at=2022-07-04T22%3A59%3A59.999Z&amp;'
        "then_known_at=2022-07-05T22%3A59%3A59.999Z"
    ) in said
    assert 'id="past"' not in browser.get("/", params=PERIOD).text


def test_a_past_by_one_clock_is_not_complete_and_can_be_fixed(browser: httpx.Client) -> None:
    """As at the 5th it counts by what is known now; the link fixes what is known at an instant that is complete."""
    page = browser.get("/", params=PERIOD | {"as_at": "2022-07-05"})
    assert read_lead(page) == "2"
    said = " ".join(page.text.split())
    assert "as this ledger knows it now" in said
    assert "Not complete: it changes as more becomes known of that time." in said
    link = said.partition("Fix it as it is known now")[0].rpartition('href="')[2].partition('"')[0]
    fixed = browser.get(link.replace("&amp;", "&"))
    assert read_lead(fixed) == "2"
    assert "Complete: this address shows the same figures for ever." in fixed.text


def test_a_past_that_is_known_too_near_to_the_end_is_not_complete_yet(browser: httpx.Client) -> None:
    """A second ago something may still be on its way."""
    known_at = format_instant(read_clock() - timedelta(seconds=1))
    assert "Not complete yet" in browser.get("/", params=PERIOD | {"known_at": known_at}).text


def test_the_form_keeps_the_address_and_shows_the_dates_as_they_were_given(browser: httpx.Client) -> None:
    """It works without scripts: fields of the page are hidden in it, and the instants are text."""
    page = browser.get("/records", params=PERIOD | THEN | {"pillar": "PURSUE"}).text
    form = page.partition("data-time-machine")[2].partition("</form>")[0]
    assert '<input type="hidden" name="pillar" value="PURSUE">' in form
    assert '<input type="hidden" name="from" value="2021-07-01">' in form
    assert form.count('name="as_at"') == form.count('name="known_at"') == 1
    assert 'value="2022-07-04"' in form
    assert 'value="2022-07-05"' in form


@pytest.mark.parametrize("field", ["as_at", "known_at"])
def test_a_view_of_the_future_is_refused_with_the_remedy(browser: httpx.Client, field: str) -> None:
    """Nothing is known of it; the end of today is still to come, too."""
    for instant in ("2199-01-01", format_instant(read_clock() + timedelta(minutes=5))):
        page = browser.get("/", params={field: instant})
        assert page.status_code == 400
        assert "is still to come: give an instant that is past, or none for live" in page.text


def test_the_same_address_shows_the_same_figures_after_more_has_come(
    browser: httpx.Client, store: Store, published: Known
) -> None:
    """Another lead disruption, entered and learnt on 7 July: it counts live, and not in what is past and complete."""
    period, noon = PERIOD | {"to": "2022-07-31"}, "2022-07-06T13:00:00Z"
    addresses = [
        ("/", period | THEN),
        ("/compare", period | {"then": "2022-07-04", "as_at": noon, "known_at": noon, "by": "org"}),
        ("/compare/moves", period | {"then": "2022-07-04", "as_at": noon, "known_at": noon}),
    ]
    before = [read_main(browser.get(path, params=fields)) for path, fields in addresses]
    Feed(store, published).count_one("kent")
    assert read_lead(browser.get("/", params=period)) == "3"
    assert [read_main(browser.get(path, params=fields)) for path, fields in addresses] == before
    assert "D-3" in before[2]


def read_main(page: httpx.Response) -> str:
    """What a page shows, below the strip that names the ledger's position."""
    assert page.status_code == 200, page.text
    return page.text.partition('id="past"')[2] or page.text.partition("<main")[2]


def test_a_period_that_a_form_gave_by_its_parts_is_kept_once(browser: httpx.Client) -> None:
    """The way back to live names each date once, whole."""
    parts = {"from_day": "1", "from_month": "7", "from_year": "2021", "to": "2022-06-30"}
    page = browser.get("/", params=parts | THEN).text
    assert 'href="/?from=2021-07-01&amp;to=2022-06-30">Go back to live' in page
    assert 'name="from_day"' not in page.partition("data-time-machine")[2].partition("</form>")[0]
