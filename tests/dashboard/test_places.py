"""The pages of the nation, a region and an organisation: every number is the read API's, and leads to its records."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from dashboard.words import name_symbol
from sinks.store import Store
from tests.dashboard.conftest import POSTING, make_instant, make_posting, write_rows
from tests.dashboard.page_reader import PageReader

PERIOD = {"from": "2021-07-01", "to": "2022-06-30"}
BEFORE = {"from": "2020-07-01", "to": "2021-06-30"}
TABLES = {"pillar-table": "pillar", "kind-table": "kind", "crime-type-table": "crime_type"}
CAVEAT = "do not rank organisations"
KENT, TARIAN = 3, 2  # of ENTRIES
MORE = [
    (KENT, 10, "D-4", "LEAD", "PURSUE", "MAJOR", date(2022, 1, 10), "COUNTED", 1, make_instant(3)),
    (KENT, 11, "D-5", "LEAD", "PURSUE", "MINOR", date(2021, 2, 10), "COUNTED", 1, make_instant(3)),
    (KENT, 12, "D-6", "LEAD", "PREVENT", "NONE", date(2022, 2, 2), "CATEGORY_NOT_COUNTED", 1, make_instant(3)),
    (TARIAN, 10, "D-7", "LEAD", "PURSUE", "MINOR", date(2022, 3, 3), "COUNTED", 1, make_instant(2)),
]
"""Beside those of the fixture: a second of Kent and one of Tarian, one of the year before, one that is not counted."""


@pytest.fixture(scope="module", autouse=True)
def more(store: Store) -> None:
    """Write them: the first learnt just now, so that it moves."""
    rows = [list(make_posting(*one)) for one in MORE]
    rows[0][POSTING.split().index("ledger_time")] = datetime.now(UTC)
    write_rows(store, "postings", POSTING, [tuple(row) for row in rows])


def read_page(browser: httpx.Client, path: str, **fields: str) -> tuple[str, PageReader]:
    """The text of a page and what is read in it."""
    page = browser.get(path, params=PERIOD | fields)
    assert page.status_code == 200, page.text
    return " ".join(page.text.split()), PageReader(page.text)


def test_the_nation_compares_its_period_with_the_year_before(browser: httpx.Client) -> None:
    """Four lead disruptions count, and one of the year before: D-5."""
    text, page = read_page(browser, "/")
    assert page.list_counts("pillar-table") == {
        "Pursue": ("3", "1"),
        "Prevent": ("0", "0"),
        "Protect": ("1", "0"),
        "Prepare": ("0", "0"),
        "Total": ("4", "1"),
    }
    assert page.list_counts("kind-table") == {"Organised crime group": ("4", "1"), "Total": ("4", "1")}
    assert page.list_counts("crime-type-table") == {"Drugs": ("4", "1"), "Total": ("4", "1")}
    assert "Up 3 (300%) on the same period a year before (1 July 2020 to 30 June 2021)" in text
    regions = page.list_counts("region-table")
    assert {name: counts for name, counts in regions.items() if counts != ("0", "0")} == {
        "Southern Wales": ("1", "0"),
        "Eastern": ("2", "1"),
        "London": ("1", "0"),
        "Total": ("4", "1"),
    }
    assert len(regions) == 11 + 1
    organisations = page.list_counts("organisation-table")
    assert (len(organisations), organisations["Kent Police"]) == (56 + 1, ("2", "1"))


def test_support_is_apart_and_in_no_figure_of_lead(browser: httpx.Client) -> None:
    """Tarian's one of support has a table of its own, below; no page adds it to the four."""
    text, page = read_page(browser, "/")
    assert page.list_counts("support-table")["Total"] == ("1", "0")
    assert page.list_counts("support-table")["Prevent"] == ("1", "0")
    assert text.index('id="support"') > text.index('id="organisation-table"')
    assert "A force records only what it led" in read_page(browser, "/organisations/kent")[0]
    assert read_page(browser, "/organisations/rocu-tarian")[1].list_counts("support-table")["Total"] == ("1", "0")


def test_what_is_not_counted_stands_by_its_reason(browser: httpx.Client) -> None:
    """D-6 was assessed as no disruption; each reason is there, with its sentence."""
    rows = read_page(browser, "/")[1].list_counts("uncounted-table")
    assert len(rows) == 5
    (held,) = [name for name, counts in rows.items() if counts != ("0", "0")]
    assert held.startswith("Category not counted It was assessed as no disruption, or as negative")


@pytest.mark.parametrize(
    ("path", "held", "region"),
    [("/", {}, None), ("/regions/eastern", {}, "Eastern"), ("/organisations/kent", {"org": "kent"}, None)],
)
def test_numbers_on_pages_are_those_of_the_read_api(
    browser: httpx.Client, path: str, held: dict[str, str], region: str | None
) -> None:
    """For the same question, in every table, in both periods; and the rows of a table sum to its total."""
    page = read_page(browser, path)[1]
    for table, dimension in TABLES.items():
        counts = page.list_counts(table)
        *rows, total = counts.values()
        for number, period in enumerate((PERIOD, BEFORE)):
            by = {"by": f"region,{dimension}"}
            asked = browser.get("/v1/extract", params=period | by | held).json()["rows"]
            expected = [row["n"] for row in asked if region in {None, row["region"]}]
            assert sum(int(row[number]) for row in rows) == int(total[number]) == sum(expected)


def test_every_number_above_nought_leads_to_exactly_its_records(browser: httpx.Client) -> None:
    """The page of records that a number leads to has that number as its total."""
    followed: dict[str, str] = {}
    for path in ("/", "/regions/eastern", "/organisations/rocu-tarian", "/organisations"):
        page = read_page(browser, path)[1]
        followed |= {one.link: one.text for one in page.links if one.link and one.link.startswith("/records?")}
        tables = [name for name in page.tables if name.endswith("-table") and name not in {"movement-table"}]
        for table in set(tables) - {"recent-table", "feed-table"}:
            for cells in list(page.tables[table].values())[1:]:
                assert all((cell.text == "0") is (cell.link is None) for cell in cells[:2])
    assert len(followed) > 20
    for link, number in followed.items():
        assert f'id="total">{number}</p>' in browser.get(link).text, link


def test_an_organisation_shows_its_threats_its_feed_and_its_last_events(browser: httpx.Client) -> None:
    """The Metropolitan's one threat; Kent's feed as its own page has it; D-3's two versions, each to its story."""
    owned = read_page(browser, "/organisations/metropolitan")[1]
    threats = [one.link or "" for one in owned.links if one.link and one.link.startswith("/threats?")]
    assert len(threats) == 3  # altogether, by kind, by crime type
    for link in threats:
        listed = PageReader(browser.get(link).text)
        assert [list(rows)[1:] for rows in listed.tables.values()] == [["T-1"]]
    text, page = read_page(browser, "/organisations/kent")
    (feed,) = browser.get("/v1/feeds", params=PERIOD | {"org": "kent"}).json()["rows"]
    assert page.tables["feed-table"]["Kent Police"][0].text == name_symbol("feed_verdict", feed["verdict"])
    assert [cell.text for cell in page.tables["feed-table"]["Kent Police"][-2:]] == ["0", "0"]
    (rates,) = [one.link for one in page.links if one.text.startswith("See week by week")]
    assert rates == "/rates?from=2021-07-01&to=2022-06-30&org=kent"
    assert (
        browser.get(rates).status_code
        == browser.get("/rates", params=PERIOD | {"region": "Eastern"}).status_code
        == 200
    )
    assert "/feeds/kent?from=2021-07-01&to=2022-06-30" in {one.link for one in page.links}
    events = list(page.tables["recent-table"].values())[1:]
    assert [(cells[0].text, cells[1].text) for cells in events] == [
        ("Disruption, version 2", "D-3"),
        ("Disruption, version 1", "D-3"),
    ]
    assert "D-3" in browser.get(events[0][1].link or "").text
    assert "Territorial force, <a" in text
    assert 'href="/regions/eastern?from=2021-07-01&amp;to=2022-06-30"' in text


def test_a_region_shows_its_own_organisations_alone(browser: httpx.Client) -> None:
    """Seven forces and their unit, with the caveat of rule 15 (rule 15 is about asking)."""
    text, page = read_page(browser, "/regions/eastern")
    assert len(page.list_counts("organisation-table")) == 8 + 1
    assert len(page.tables["feed-table"]) == 8 + 1
    assert page.list_counts("pillar-table")["Total"] == ("2", "1")
    assert CAVEAT in text


def test_organisations_stand_with_their_pillars_region_by_region(browser: httpx.Client) -> None:
    """Kent has one of PURSUE, D-4, and one of PROTECT, D-3: halves, and each leads to its own record."""
    text, page = read_page(browser, "/organisations")
    kent = page.tables["eastern-pillars"]["Kent Police"]
    assert [cell.text for cell in kent] == ["kent", "1", "0", "1", "0", "2"]
    listed = browser.get(str(kent[1].link)).text
    assert "D-4" in listed
    assert "D-3" not in listed
    assert "Kent Police: Pursue 50%, Prevent 0%, Protect 50%, Prepare 0% of 2;" in text
    assert (
        "Shares of lead disruptions. England and Wales: Pursue 75%, Prevent 0%, Protect 25%, Prepare 0% of 4;" in text
    )
    assert sum(len(rows) - 1 for name, rows in page.tables.items() if name.endswith("-pillars")) == 56
    assert text.count("No lead disruption of this period is counted here.") == 11 - 3
    assert CAVEAT in text


@pytest.mark.parametrize("path", ["/", "/organisations"])
def test_no_page_of_several_organisations_fails_on_an_empty_period(browser: httpx.Client, path: str) -> None:
    """Nothing is divided by nothing."""
    page = browser.get(path, params={"from": "1999-01-01", "to": "1999-12-31"})
    assert page.status_code == 200


@pytest.mark.parametrize("path", ["/", "/organisations", "/regions/london"])
def test_the_caveat_stands_wherever_organisations_stand_beside_each_other(browser: httpx.Client, path: str) -> None:
    """Rule 15."""
    assert CAVEAT in read_page(browser, path)[0]


def test_what_moved_is_shown_live_and_not_in_a_past_view(browser: httpx.Client) -> None:
    """D-4 was learnt just now."""
    text, page = read_page(browser, "/regions/eastern")
    assert [cell.text for cell in page.tables["movement-table"]["Kent Police"]] == ["Pursue", "+1"]
    assert "Lead disruptions, of any event date: <a" in text
    for link in (
        page.tables["movement-table"]["Kent Police"][1].link,
        *[one.link for one in page.links if one.text == "+1"],
    ):
        moves = browser.get(link or "").text
        assert 'id="difference">+1</p>' in moves
        assert "D-4" in moves
    past = read_page(browser, "/regions/eastern", as_at="2022-07-04")
    assert "movement-table" not in past[1].tables
    assert "What moves is shown on the live one" in past[0]


def test_a_past_view_shows_the_figures_of_then(browser: httpx.Client) -> None:
    """Until the fifth of July D-3 was unassessed, and its first version Kent's last event."""
    page = read_page(browser, "/organisations/kent", as_at="2022-07-04", known_at="2022-07-04")[1]
    rows = page.list_counts("uncounted-table")
    assert [counts for name, counts in rows.items() if name.startswith("Not assessed")] == [("1", "0")]
    assert len(page.tables["recent-table"]) == 1 + 1


def test_an_empty_period_names_the_days_there_are_and_leads_to_a_year(browser: httpx.Client) -> None:
    """From D-5 to D-1; an organisation's own days on its own page, and none where it has none."""
    empty = {"from": "2019-01-01", "to": "2019-12-31"}
    text, _ = read_page(browser, "/", **empty)
    assert "There are lead disruptions from 10 February 2021 to 30 June 2022." in text
    assert 'href="/?from=2021-07-01&amp;to=2022-06-30">Show the year that ends on 30 June 2022' in text
    assert "from 3 March 2022 to 3 March 2022" in read_page(browser, "/organisations/rocu-tarian", **empty)[0]
    assert "No lead disruption is counted of any day yet" in read_page(browser, "/organisations/essex", **empty)[0]


@pytest.mark.parametrize(
    ("path", "says", "leads"),
    [
        ("/organisations/knet", "There is no organisation &#39;knet&#39;. Did you mean:", "/organisations/kent"),
        ("/regions/easten", "There is no region &#39;easten&#39;. Did you mean:", "/regions/eastern"),
        ("/organisations/<b>", "There is no organisation &#39;&lt;b&gt;&#39;.", "/organisations"),
    ],
)
def test_what_nobody_is_called_gets_a_page_that_names_the_nearest(
    browser: httpx.Client, path: str, says: str, leads: str
) -> None:
    """Not found, and where to go instead, in the same period."""
    page: Any = browser.get(path, params=PERIOD)
    assert page.status_code == 404
    assert says in page.text
    assert f"{leads}?from=2021-07-01&to=2022-06-30" in {one.link for one in PageReader(page.text).links}
