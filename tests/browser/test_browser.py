"""The pages in a real browser, over a real ledger: usable by everyone, quiet, and telling the truth."""

import json
import os
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from dashboard.site import NAVIGATION
from infra.settings import load_settings
from ledger.facts import DisruptionFact
from tests.browser import story
from tests.browser.conftest import Looking
from tests.browser.looking import DESKTOP, FIND_WIDE, PHONE
from tests.browser.pages import ALL, PAGES
from tests.patience import PATIENT

TABS_MOST = 30
WIDEN_REGION = """() => {
  const [region, wide, hidden] = ["div", "div", "span"].map((name) => document.createElement(name));
  Object.entries({"class": "ledger-scroll", role: "region", tabindex: "0", "aria-label": "Wide"})
    .forEach((one) => region.setAttribute(...one));
  [wide.style.width, hidden.className, hidden.textContent] = ["900px", "govuk-visually-hidden", "heard"];
  wide.style.textAlign = "right";
  wide.append(hidden);
  region.append(wide);
  document.querySelector("main").append(region);
}"""
EVERY = pytest.mark.parametrize(("path", "status"), ALL, ids=[path for path, _ in ALL])


@EVERY
def test_a_page_breaks_no_rule_of_wcag(look: Looking, path: str, status: int) -> None:
    """By axe: 2.0, 2.1 and 2.2, A and AA, and its good practice."""
    assert look(path).status == status
    assert look(path).violations == []


@EVERY
def test_a_page_keeps_its_own_policy_and_complains_of_nothing(look: Looking, path: str, status: int) -> None:
    """Neither the console nor the Content-Security-Policy has anything to say."""
    assert look(path).status == status
    assert (look(path).complaints, look(path).refused_by_policy) == ([], [])


@EVERY
def test_a_page_fits_a_phone(look: Looking, path: str, status: int) -> None:
    """At 320 pixels, which is 400% zoom too, only regions that say what they are scroll sideways, by keyboard too."""
    assert look(path).status == status
    assert look(path).too_wide == []


def test_hidden_text_of_a_wide_table_does_not_widen_a_phones_page(page: Page, address: str) -> None:
    """A region that scrolls holds what only screen readers hear too; before, it stood beyond the page's edge."""
    page.set_viewport_size({"width": PHONE, "height": 640})
    page.goto(f"{address}/signals?{story.PERIOD}")
    page.evaluate(WIDEN_REGION)
    assert page.evaluate(FIND_WIDE) == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of its own, at desktop width."""
    with browser.new_context(viewport={"width": DESKTOP, "height": 900}) as context:
        yield context.new_page()


def read_lead(page: Page) -> int:
    """The lead disruptions that a page shows."""
    return int(page.inner_text("#lead").replace(",", ""))


def test_a_page_is_used_by_keyboard_alone(page: Page, address: str) -> None:
    """First the way past the navigation, which works; then the service's name and every place in it, in their order."""
    page.goto(f"{address}{PAGES[0]}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    shown = page.locator(":focus").bounding_box()
    assert shown is not None
    assert shown["width"] > 100, "the skip link is shown when it is reached"
    reached = []
    for _ in range(1 + len(NAVIGATION)):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert reached == ["Disruption Ledger", *(name for _, name in NAVIGATION)]
    page.goto(f"{address}{PAGES[0]}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_a_period_is_chosen_by_keyboard_alone(page: Page, address: str) -> None:
    """From the top of the page to its form, dates typed, and the page of that period: the year before's 365."""
    page.goto(f"{address}/?{story.PERIOD}")
    press_until(page, "summary")
    page.keyboard.press("Enter")
    for part in ("1", "7", "2020", "30", "6", "2021"):
        press_until(page, "input")
        page.keyboard.type(part)
    press_until(page, "button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "from=2020-07-01" in page.url or "from_year=2020" in page.url
    assert "1 July 2020 to 30 June 2021" in page.inner_text("main")
    assert read_lead(page) == story.COUNTED_BEFORE


def press_until(page: Page, selector: str) -> None:
    """Press Tab, once at least, until an element of the page's own is reached, which is in sight."""
    for _ in range(TABS_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("(one) => document.activeElement.matches(`main ${one}`)", selector):
            assert page.locator(":focus").is_visible()
            return
    raise AssertionError(f"{TABS_MOST} times Tab does not reach {selector}")


def test_without_scripts_the_figures_are_there(browser: Browser, address: str) -> None:
    """A page needs none to be read."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/?{story.PERIOD}")
        assert read_lead(page) == story.COUNTED
        assert page.locator("main table").count() > 0


def test_the_number_on_the_page_is_that_of_an_extraction(page: Page, address: str) -> None:
    """One question, asked by the page, by the read API and by the command line: 365, which is also counted by hand."""
    page.goto(f"{address}/?{story.PERIOD}")
    answer = httpx.get(f"{address}/v1/extract?{story.PERIOD}", **PATIENT).json()
    assert (read_lead(page), answer["rows"]) == (story.COUNTED, [{"n": story.COUNTED}])
    assert str(story.COUNTED_BEFORE) in page.inner_text("main")


def test_the_time_machine_shows_the_figure_of_then(page: Page, address: str) -> None:
    """Of the year, what had been entered by New Year; and of what the ledger knew before it heard anything, nothing."""
    page.goto(f"{address}/?{story.PERIOD}&as_at=2022-01-01T00:00:00Z")
    assert read_lead(page) == story.COUNTED_BY_NEW_YEAR
    page.goto(f"{address}/?{story.PERIOD}&known_at=2022-07-01T00:00:00Z")
    assert read_lead(page) == 0


def test_the_slider_leads_to_the_past_and_from_there_beside_now(page: Page, address: str) -> None:
    """By keyboard, to the first month: of July's days all but the last were entered in it, and 334 were to come."""
    page.goto(f"{address}/?{story.PERIOD}")
    page.click("text=See this page as at a past date")
    page.focus("#machine-month")
    page.keyboard.press("Home")
    assert page.get_attribute("#machine-month", "aria-valuetext") == "the end of July 2021"
    assert page.input_value("#machine-as-at") == "2021-07-31"
    page.click("text=Show the past")
    assert read_lead(page) == 30
    assert "As the record stood on 31 July 2021, 23:59:59 BST" in page.inner_text("#past")
    page.click("text=put this beside the record of now")
    assert (page.inner_text("#then"), page.inner_text("#now"), page.inner_text("#difference")) == ("30", "365", "+335")
    assert page.inner_text("tbody tr:last-child").split() == ["Total", "30", "365", "+335", "+334", "+1"]


def test_a_page_without_scripts_moves_when_it_is_asked_for_again(browser: Browser, address: str, state: Path) -> None:
    """One more disruption shows after a reload; what was known before it stays as it was."""
    path = f"{address}/?from={story.NEW_DAY}&to={story.NEW_DAY}"
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(path)
        assert read_lead(page) == 0
        before = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        story.publish_events(state, story.list_new(1))
        page.reload()
        assert read_lead(page) == 1
        page.goto(f"{path}&known_at={before}")
        assert read_lead(page) == 0


def test_a_figure_opens_down_to_the_events_that_kafka_holds(page: Page, address: str, state: Path) -> None:
    """Kent's in June 2022 are four, by hand; each names a place of the topic, where its own event lies."""
    page.goto(f"{address}/organisations/kent?from=2022-06-01&to=2022-06-30")
    page.click("#lead a")
    assert page.inner_text("#total") == "4"
    rows = page.locator("main tbody tr")
    assert rows.count() == 4
    for number in range(4):
        cells = rows.nth(number).locator("th, td")
        disruption, threat = cells.first.inner_text().split()
        event = story.read_published(load_settings(state), cells.last.inner_text())
        assert isinstance(event, DisruptionFact)
        assert (event.disruption_id, event.threat_id, event.recorded_by) == (disruption, threat, "kent")
    position = rows.last.locator("td").last
    partition, offset = position.inner_text().split(":")
    position.locator("a").click()
    assert page.inner_text("h1") == f"Partition {partition}, offset {offset}"
    assert event.event_id in page.inner_text("main")
    page.locator("main").get_by_role("link", name=event.disruption_id).first.click()
    assert event.disruption_id in page.inner_text("h1")


def open_moving(page: Page, address: str) -> int:
    """A page of the day on which new disruptions happen, opened and listening; the lead that it shows."""
    with page.expect_response("**/v1/events?*"):
        page.goto(f"{address}/?from={story.NEW_DAY}&to={story.NEW_DAY}")
    page.evaluate("window.isTheSame = true")
    return read_lead(page)


def await_lead(page: Page, lead: int) -> None:
    """Wait until the page shows that many."""
    page.wait_for_function("(lead) => document.querySelector('#lead').innerText === lead", arg=str(lead))


def test_a_publish_moves_an_open_page_by_itself(page: Page, address: str, state: Path) -> None:
    """Without a reload; the number is marked by more than colour, and said once to who listens; focus stays."""
    lead = open_moving(page, address)
    page.focus("a[href='/status#positions']")
    story.publish_events(state, story.list_new(2))
    await_lead(page, lead + 1)
    assert page.evaluate("window.isTheSame")
    marked = page.evaluate("getComputedStyle(document.querySelector('#lead.ledger-changed'), '::before').content")
    assert "▲" in marked
    assert "changed" in page.text_content("#ledger-news")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/status#positions"
    shown = page.get_attribute("#ledger-status-words", "data-cursor")
    assert shown == page.evaluate("fetch('/v1/changes?since=none').then((one) => one.json()).then((one) => one.cursor)")


def test_a_paused_page_stands_until_it_may_move(page: Page, address: str, state: Path) -> None:
    """Through a reload too; it says that there are newer figures, and shows them when it goes on."""
    open_moving(page, address)
    page.click("text=Pause updates")
    with page.expect_response("**/v1/events?*"):
        page.reload()
    pause = page.get_by_role("button", name="Pause updates")
    assert pause.get_attribute("aria-pressed") == "true"
    lead = read_lead(page)
    story.publish_events(state, story.list_new(3))
    page.get_by_text("Paused: updates are waiting.").wait_for()
    assert read_lead(page) == lead
    pause.click()
    await_lead(page, lead + 1)
    assert pause.get_attribute("aria-pressed") == "false"


def signal_part(state: Path, part: str, number: signal.Signals) -> None:
    """Stop a part, or kill it as a crash does; its supervisor starts a killed one again."""
    os.kill(json.loads((state / "run" / "children.json").read_text())[part]["pid"], number)


def test_a_service_that_hangs_is_said_and_the_page_recovers_when_it_is_killed(
    page: Page, address: str, state: Path
) -> None:
    """What stays on the screen is old, and says since when; then it moves again, without a reload.

    One that is killed alone may be back before anybody is told.
    """
    lead = open_moving(page, address)
    signal_part(state, "service", signal.SIGSTOP)
    page.get_by_text("Not updating: the ledger does not answer since").wait_for()
    signal_part(state, "service", signal.SIGKILL)
    page.get_by_text("Not updating").wait_for(state="hidden")
    story.publish_events(state, story.list_new(4))
    await_lead(page, lead + 1)
    assert page.evaluate("window.isTheSame")


def test_a_broker_that_hangs_is_said_and_the_page_recovers_when_it_is_killed(
    page: Page, address: str, state: Path
) -> None:
    """The service goes on and says that the ledger is degraded, or that nobody can tell; where to look is a link.

    One that is killed alone is back before anybody is told.
    """
    open_moving(page, address)
    signal_part(state, "broker", signal.SIGSTOP)
    said = re.compile("^(Degraded|Behind)$")
    page.locator("#ledger-status").get_by_text(said).first.wait_for(timeout=60_000)
    assert page.locator("#ledger-status a[href^='/status']").count() >= 1
    signal_part(state, "broker", signal.SIGKILL)
    page.locator("#ledger-status").get_by_text("Live", exact=True).wait_for(timeout=60_000)
