"""What people come to ask, each from the first page by clicks alone, with the answer on the screen where they stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.settings import load_settings
from producers.heartbeats import HeartbeatSender
from tests.browser import story
from tests.browser.looking import DESKTOP
from tests.live.intake_proof import CODEC

SCREEN = 900  # CSS pixels: how much of a page is seen before anybody scrolls
FEED_SECONDS = 60.0


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A window that shows the first page, of the story's year."""
    with browser.new_context(viewport={"width": DESKTOP, "height": SCREEN}) as context:
        page = context.new_page()
        page.goto(f"{address}/?{story.PERIOD}")
        yield page


def follow_link(page: Page, name: str) -> None:
    """Follow the first link of a name."""
    page.get_by_role("link", name=name, exact=True).first.click()


def is_seen_at_once(page: Page, selector: str) -> bool:
    """Tell whether an element is seen before anybody scrolls."""
    box = page.locator(selector).bounding_box()
    return box is not None and box["y"] + box["height"] <= SCREEN


def test_an_officer_learns_whether_a_change_is_more_than_chance(page: Page) -> None:
    """Two clicks. Of every eight days of both years three are of the Eastern region, so nothing has changed."""
    follow_link(page, "Eastern")
    follow_link(page, "See week by week whether that is more than chance")
    heading = page.get_by_role("heading", name="Is it more than chance?")
    expect(heading).to_be_visible()
    said = page.locator("#signals + p").inner_text()
    assert said.startswith("No. There is no signal")
    assert "135 in 51 whole weeks" in page.inner_text("#rate")  # Monday 5 July 2021 to Sunday 26 June 2022


def test_an_analyst_sees_at_once_that_kent_is_not_quiet_but_down(page: Page, address: str, state: Path) -> None:
    """Two clicks: all organisations, Kent. A heartbeat each second was promised, and none has come since."""
    HeartbeatSender(load_settings(state), CODEC).send_heartbeat("kent", None, 1)
    follow_link(page, "Organisations")
    follow_link(page, "Kent Police")
    for _ in range(int(FEED_SECONDS)):
        if page.get_by_text("Feed is down").count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    assert "Its heartbeat is overdue" in page.inner_text("#silent")
    assert is_seen_at_once(page, "#silent .govuk-tag >> nth=0")
    page.goto(f"{address}/regions/eastern?{story.PERIOD}")
    assert "Feed of Kent Police" in page.inner_text("#silent")


def test_an_analyst_sees_what_moved_since_yesterday_and_why(page: Page) -> None:
    """Three clicks: region, section, day. Kent, Essex and the unit have 274 of the 730 days, all learnt today.

    By organisation, with the causes; one more click lists the disruptions of one cause.
    """
    follow_link(page, "Eastern")
    follow_link(page, "What moved")
    follow_link(page, "in the last 24 hours")
    assert page.inner_text("#difference") == "+274"
    assert "Lead disruptions of any event date" in page.inner_text("main")
    assert "Learnt late" in page.inner_text("main thead")
    assert page.inner_text("main tbody tr:first-child").split("\t") == ["Essex Police", "0", "91", "+91", "+91"]
    page.click("main tbody tr:first-child td:last-child a")
    assert "Learnt late" in page.inner_text("main tbody tr:first-child")


def test_an_inspector_learns_what_a_published_figure_is_now_and_why(page: Page) -> None:
    """Three clicks: figures, the figure, why. Its total of now stands beside what was published."""
    follow_link(page, "Published figures")
    follow_link(page, "Annual report, table 2")
    assert (page.inner_text("#total"), page.inner_text("#now")) == ("365", "365")
    assert is_seen_at_once(page, "#now")


def test_an_engineer_finds_what_was_rejected_of_a_force_and_what_to_do(page: Page) -> None:
    """By the force's name, from a list: one event, the reason in words and as its code, and how it is mended."""
    follow_link(page, "Rejected events")
    page.get_by_label("Organisation").select_option(label="Kent Police")
    page.get_by_role("button", name="Search").click()
    assert page.inner_text("#refused") == "1"
    said = page.inner_text("main")
    assert "SUPPORT_BY_FORCE" in said
    assert "Record it as LEAD if the force led it, or ask the regional unit to record its support." in said
    assert "disruptions redrive FILE --dry-run" in said


def test_a_disruption_is_found_by_its_reference(page: Page) -> None:
    """From the first page; and what is none is told, with where else to look."""
    page.get_by_label("Find a disruption").fill("U-1")
    page.get_by_role("button", name="Find").click()
    assert page.inner_text("h1") == "U-1"
    assert "Not assessed yet" in page.inner_text("main")
    page.go_back()
    page.get_by_label("Find a disruption").fill("T-kent")
    page.get_by_role("button", name="Find").click()
    follow_link(page, "a threat")
    assert "T-kent" in page.inner_text("h1")


def test_anybody_learns_what_a_word_means(page: Page) -> None:
    """One click from the foot of any page."""
    follow_link(page, "Words and rules: what is counted, and why")
    assert "led it" in page.inner_text("#lead")
    follow_link(page, "rule R3")
    assert page.url.endswith("/rules#R3")
    assert "never added to lead" in page.locator("#R3").inner_text()
