"""Then beside now as a page: D-3 of Kent was unassessed on 4 July 2022, and minor from the 5th."""

from html import unescape

import httpx
import pytest

PERIOD = {"from": "2021-07-01", "to": "2022-06-30"}


def read_rows(page: str) -> list[list[str]]:
    """The cells of the page's table, line by line, as text."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    return [[read_text(cell) for cell in line.split("</t")[:-2]] for line in body.split("<tr")[1:]]


def read_text(markup: str) -> str:
    """The words of a piece of a page."""
    pieces = [piece.rpartition(">")[2] for piece in f"{markup}<".split("<")]
    return unescape("".join(pieces)).strip()


def follow_link(browser: httpx.Client, page: str, words: str) -> str:
    """Follow the link that has these words."""
    link = page.partition(f">{words}</a>")[0].rpartition('href="')[2].partition('"')[0]
    found = browser.get(unescape(link))
    assert found.status_code == 200, found.text
    return found.text


def test_every_difference_has_its_causes_and_opens_into_the_disruptions_behind_it(browser: httpx.Client) -> None:
    """By organisation: Kent has one more, reassessed; from the cause to the reference of the disruption."""
    page = browser.get("/compare", params=PERIOD | {"then": "2022-07-04", "by": "org"}).text
    assert read_rows(page) == [
        ["Kent Police", "0", "1", "+1", "+1"],
        ["Metropolitan Police Service", "1", "1", "0", ""],
        ["Total", "1", "2", "+1", "+1"],
    ]
    assert "Its assessment category was changed" in page
    assert "as the record stood on 4 July 2022, 23:59:59 BST, as this ledger knew it on 4 July 2022" in page
    assert "Recording practice differs between organisations" in page
    moves = follow_link(browser, page, "+1")
    assert [row[:3] for row in read_rows(moves)] == [["D-3", "+1: it came in", "Reassessed"]]
    assert 'href="/disruptions?from=2021-07-01&amp;to=2022-06-30&amp;disruption_id=D-3"' in moves
    assert "Then and now</a>" in moves


def test_the_counts_open_into_their_records_then_and_now(browser: httpx.Client) -> None:
    """Each at its own instants."""
    page = browser.get("/compare", params=PERIOD | {"then": "2022-07-04"}).text
    total = page.partition('id="then">')[2]
    assert 'id="total">1<' in follow_link(browser, total, "1")
    total = page.partition('id="now">')[2]
    assert 'id="total">2<' in follow_link(browser, total, "2")


def test_one_organisation_and_support_are_asked_for_by_their_fields(browser: httpx.Client) -> None:
    """The form shows what was asked; lead and support are never added."""
    asked = PERIOD | {"then": "2022-07-01", "by": "pillar", "type": "support", "org": "rocu-tarian"}
    page = browser.get("/compare", params=asked).text
    assert read_rows(page) == [["Prevent", "0", "1", "+1", "+1"], ["Total", "0", "1", "+1", "+1"]]
    assert '<option value="rocu-tarian" selected>' in page
    assert '<option value="support" selected>' in page
    assert "Recording practice differs" not in page.partition("<main")[2].partition("</main>")[0]


def test_one_region_is_its_organisations_and_no_others(browser: httpx.Client) -> None:
    """Kent is in the Eastern region; the numbers lead to records, and to disruptions, of that region alone."""
    asked = PERIOD | {"then": "2022-07-04", "by": "pillar", "region": "Eastern"}
    page = browser.get("/compare", params=asked).text
    assert read_rows(page) == [["Protect", "0", "1", "+1", "+1"], ["Total", "0", "1", "+1", "+1"]]
    assert '<option value="Eastern" selected>' in page
    assert 'id="total">1<' in follow_link(browser, page.partition('id="now">')[2], "1")
    moves = follow_link(browser, page, "+1")
    assert [row[:1] for row in read_rows(moves)] == [["D-3"]]
    assert "region=Eastern" in moves.partition("Then and now</a>")[0].rpartition("href=")[2]
    rows = browser.get("/v1/compare", params=asked | {"by": "org,region"}).json()["rows"]
    assert [(row["org"], row["region"], row["difference"]) for row in rows] == [("kent", "Eastern", 1)]
    refused = browser.get("/compare", params=asked | {"org": "kent"})
    assert (refused.status_code, "give one of the two" in refused.text) == (400, True)


def test_without_a_then_it_is_the_end_of_the_period(browser: httpx.Client) -> None:
    """All of it was entered in July: nothing had been by 30 June."""
    page = browser.get("/compare", params=PERIOD).text
    assert "as the record stood on 30 June 2022, 23:59:59 BST, as this ledger knows it now" in page
    assert read_rows(page)[-1] == ["Total", "0", "2", "+2", "+1", "+1"]
    assert browser.get("/compare").status_code == 200


def test_a_comparison_of_nothing_says_so(browser: httpx.Client) -> None:
    """And has no table; a list of no disruptions too."""
    page = browser.get("/compare", params=PERIOD | {"then": "2022-07-04", "org": "essex"}).text
    assert "No disruption counted then, and none counts now." in page
    assert "nothing has changed between the two" in page
    moves = browser.get("/compare/moves", params=PERIOD | {"then": "2022-07-04", "org": "essex"}).text
    assert "No disruption came into this figure or left it" in moves


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"then": "2022-07-04", "as_at": "2022-07-01", "known_at": "2022-07-01"}, "comes after now"),
        ({"then": "yesterday"}, "is not an instant"),
        ({"by": "standing"}, "by: there is no"),
        ({"then": "2199-01-01"}, "still to come"),
        ({"org": "atlantis"}, "org: there is no"),
        ({"since": "2022"}, "has no such field"),
    ],
)
def test_what_cannot_be_compared_gets_a_page_that_says_how_to_mend_it(
    browser: httpx.Client, asked: dict[str, str], says: str
) -> None:
    """As every page does."""
    page = browser.get("/compare", params=PERIOD | asked)
    assert page.status_code == 400
    assert says in unescape(page.text)


def test_the_read_api_gives_the_same_cells_and_moves(client: httpx.Client) -> None:
    """With then and now described, and the moves of a cause."""
    asked = PERIOD | {"then": "2022-07-04", "by": "org", "org": "kent"}
    found = client.get("/compare", params=asked).json()
    assert found["rows"] == [{"org": "kent", "then": 0, "now": 1, "difference": 1, "causes": {"REASSESSED": 1}}]
    assert found["then"] == {
        "as_at": "2022-07-04T22:59:59.999Z",
        "known_at": "2022-07-04T22:59:59.999Z",
        "complete": True,
    }
    moves = client.get("/compare/moves", params=PERIOD | {"then": "2022-07-04", "cause": "REASSESSED"}).json()
    assert [(row["disruption_id"], row["net"], row["moved_at"]) for row in moves["rows"]] == [
        ("D-3", 1, "2022-07-05T12:00:00.000Z")
    ]
    assert (moves["total"], moves["difference"]) == (1, 1)
    refused = client.get("/compare/moves", params=PERIOD | {"then": "2022-07-04", "cause": "LUCK"})
    assert (refused.status_code, refused.json()["field"]) == (400, "cause")
