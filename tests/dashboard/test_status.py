"""The strip on every page, the page of the ledger's status, and the tags by which a page that is the same is told."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dashboard.entity_tag import tag_page
from dashboard.rendering import draw_template
from dashboard.status_strip import HEALTH_SECONDS
from infra.file_replacement import replace_file
from infra.settings import Settings
from ledger.errors import Unavailable
from proofs.checkpoints import Checkpoint
from proofs.notes import SignedNote, sign_note
from queries.snapshot import SNAPSHOT_SECONDS
from seals.keys import make_secret
from sinks.store import Store
from tests.dashboard.conftest import Known
from tests.dashboard.streams import Feed

PAST = {"as_at": "2022-07-04", "known_at": "2022-07-31"}


@pytest.fixture
def broker_away(published: Known) -> Iterator[None]:
    """A broker that does not answer, for longer than what is known of health is kept."""
    published.away = True
    time.sleep(HEALTH_SECONDS + 0.1)
    yield
    published.away = False
    time.sleep(HEALTH_SECONDS + 0.1)


def test_the_strip_says_on_which_position_the_whole_page_stands(browser: httpx.Client) -> None:
    """Four offsets of one partition and two of the other; the newest entry by its day, as it is not of today."""
    page = browser.get("/").text
    assert "position 6</a>" in page
    assert 'data-cursor="e3b0c442@0:4,1:2"' in page
    assert "6 July 2022, 13:00:00 BST</time>" in page
    assert "complete through <time" in page
    assert ">Live</strong>" in page
    assert "Degraded" not in page


def test_a_past_view_says_that_it_is_past_and_leads_to_the_present(browser: httpx.Client) -> None:
    """It has no button to pause what does not move."""
    page = browser.get("/", params=PAST | {"from": "2022-06-01", "to": "2022-06-30"}).text
    assert ">The past</strong>" in page
    assert 'href="/?from=2022-06-01&amp;to=2022-06-30">Go back to live' in page
    assert 'data-live="false"' in page
    assert "Pause updates" not in page
    assert "Pause updates" in browser.get("/").text


@pytest.mark.usefixtures("broker_away")
def test_a_ledger_that_is_not_well_says_so_on_every_page(browser: httpx.Client) -> None:
    """Without a broker nobody can tell what is published: behind, degraded, with the way to what is to be done."""
    page = browser.get("/").text
    assert ">Behind</strong>" in page
    assert "Nobody can tell at the moment" in page
    assert '<a class="govuk-link" href="/status">1 trouble in the ledger, and what to do</a>' in page
    assert ">Live</strong>" not in page
    status = browser.get("/status")
    assert status.status_code == 200
    assert "the broker did not answer: away" in status.text
    assert "start it or mend the way to it; all wait for it" in status.text
    assert "cannot be asked at the moment" in status.text


def test_the_status_page_has_every_partition(browser: httpx.Client, published: Known) -> None:
    """Partition 1 has two more published than are stored."""
    published.ends[1] = 4
    try:
        page = " ".join(browser.get("/status").text.split())
    finally:
        published.ends[1] = 2
    numeric = '<td class="govuk-table__cell govuk-table__cell--numeric">'
    assert f'class="govuk-table__header">1</th> {numeric}4</td> {numeric}2</td> {numeric}2</td>' in page
    assert f'class="govuk-table__header">0</th> {numeric}4</td> {numeric}4</td> {numeric}0</td>' in page


def test_the_status_page_says_how_far_is_sealed(browser: httpx.Client, settings: Settings) -> None:
    """By a checkpoint that the keys beside it signed, and by no other."""
    key = make_secret(settings.state / "key", "ledger.example/soc")
    text = Checkpoint(key.name, 7, bytes(32), (3, 2), figures=2).write_text()
    replace_file(settings.state / "seals" / "keys", f"{key.make_verifier()}\n".encode())
    file = settings.state / "seals" / "checkpoint"
    replace_file(file, str(SignedNote(text, (sign_note(text, key),))).encode())
    time.sleep(SNAPSHOT_SECONDS + 0.1)  # a page of a moment is drawn once
    page = " ".join(browser.get("/status").text.split())
    assert "5 outputs and 2 published figures are sealed, by the checkpoint of" in page
    numeric = '<td class="govuk-table__cell govuk-table__cell--numeric">'
    assert f"{numeric}0</td> {numeric}3</td>" in page
    file.write_text(file.read_text().replace("\n7\n", "\n8\n"))
    time.sleep(SNAPSHOT_SECONDS + 0.1)
    page = browser.get("/status").text
    assert "How far the ledger is sealed is not known on this machine." in page


def test_a_store_that_is_away_still_has_a_status_page(browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands on no moment of the store, and says what is the matter."""

    def raise_trouble(*_: object) -> None:
        raise Unavailable("the store did not answer: away")

    time.sleep(SNAPSHOT_SECONDS + 0.1)
    with monkeypatch.context() as away:
        away.setattr(Store, "query", raise_trouble)
        page, status = browser.get("/"), browser.get("/status")
    time.sleep(HEALTH_SECONDS + 0.1)
    assert page.status_code == 503
    assert (status.status_code, "the store did not answer: away" in status.text) == (200, True)


def test_a_page_that_is_held_is_not_sent_again(browser: httpx.Client, store: Store, published: Known) -> None:
    """The past, complete, is one body for as long as nothing is written; what is written has another tag."""
    held = browser.get("/", params=PAST)
    tag = held.headers["etag"]
    time.sleep(1.1)  # another moment of the same position
    again = browser.get("/", params=PAST, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "no-store"
    Feed(store, published).count_one("kent")
    moved = browser.get("/", params=PAST, headers={"If-None-Match": tag})
    assert (moved.status_code, "position 7</a>" in moved.text) == (200, True)


def test_one_tag_is_one_body() -> None:
    """Another word, another tag."""

    def read_tag(title: str) -> str:
        drawn: dict[str, Any] = {"title": title, "detail": "", "navigation": (), "page": None, "view": None}
        return tag_page(draw_template("error.html", **drawn, breaches=(), strip=None), None).headers["etag"]

    assert read_tag("one") == read_tag("one")
    assert read_tag("one") != read_tag("two")
