"""The form that chooses a period: its presets, its dates by parts, what is wrong with it, what has not happened yet."""

from datetime import date, timedelta

import httpx
import pytest

from dashboard.period import PeriodForm
from dashboard.view import View, find_today
from tests.dashboard.page_reader import PageReader

YEAR = View(start=date(2021, 7, 1), end=date(2022, 6, 30))
PARTS = ("_day", "_month", "_year")
PAGES = ["/", "/organisations", "/organisations/kent", "/regions/eastern", "/feeds", "/feeds/kent", "/records"]


@pytest.mark.parametrize(
    ("today", "spans"),
    [
        (
            date(2022, 7, 4),
            {
                "Last 12 months": ("2021-07-05", "2022-07-04"),
                "Year ending 30 June 2022": ("2021-07-01", "2022-06-30"),
                "Year ending 31 March 2022": ("2021-04-01", "2022-03-31"),
                "This quarter": ("2022-07-01", "2022-07-04"),
            },
        ),
        (
            date(2024, 2, 29),
            {
                "Last 12 months": ("2023-03-01", "2024-02-29"),
                "Year ending 30 June 2023": ("2022-07-01", "2023-06-30"),
                "Year ending 31 March 2023": ("2022-04-01", "2023-03-31"),
                "This quarter": ("2024-01-01", "2024-02-29"),
            },
        ),
        (
            date(2022, 6, 30),
            {
                "Last 12 months": ("2021-07-01", "2022-06-30"),
                "Year ending 30 June 2021": ("2020-07-01", "2021-06-30"),
                "Year ending 31 March 2022": ("2021-04-01", "2022-03-31"),
                "This quarter": ("2022-04-01", "2022-06-30"),
            },
        ),
    ],
)
def test_presets_are_whole_years_that_are_over_and_what_runs(today: date, spans: dict[str, tuple[str, str]]) -> None:
    """A year that ends today is not over."""
    found = PeriodForm(view=YEAR, today=today).list_presets()
    assert {one.name: (str(one.view.start), str(one.view.end)) for one in found} == spans


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_form_with_its_own_period_in_it(browser: httpx.Client, path: str) -> None:
    """By parts, as they are asked for; it keeps the instants of a past view, and so do the presets."""
    asked = {"from": "2021-07-01", "to": "2022-06-30", "as_at": "2022-07-04"}
    text = browser.get(path, params=asked).text
    assert f'<form method="get" action="{path}" novalidate>' in text
    assert '<input type="hidden" name="as_at" value="2022-07-04T22:59:59.999Z">' in text
    filled = {name: value for name, value in PageReader(text).inputs.items() if name.endswith(PARTS)}
    assert filled == {
        **{"from_day": "1", "from_month": "7", "from_year": "2021"},
        **{"to_day": "30", "to_month": "6", "to_year": "2022"},
    }
    presets = [one for one in PageReader(text).links if one.text in {"Last 12 months", "This quarter"}]
    assert len(presets) == 2
    assert all(one.link and one.link.startswith(f"{path}?") and "as_at=2022-07-04T22" in one.link for one in presets)


def test_the_form_keeps_what_a_page_is_held_to(browser: httpx.Client) -> None:
    """The records of a figure stay those of its other fields, by form and by preset."""
    text = browser.get("/records", params={"from": "2021-07-01", "to": "2022-06-30", "pillar": "PURSUE"}).text
    assert '<input type="hidden" name="pillar" value="PURSUE">' in text
    (preset,) = [one.link for one in PageReader(text).links if one.text == "Last 12 months"]
    assert preset is not None
    assert "pillar=PURSUE" in preset


def test_a_date_by_its_parts_is_the_date_as_a_whole(browser: httpx.Client) -> None:
    """As the form sends it."""
    first = {"from_day": "1", "from_month": "7", "from_year": "2021"}
    parts = first | {"to_day": "30", "to_month": "06", "to_year": "2022"}
    whole = {"from": "2021-07-01", "to": "2022-06-30"}
    pages = [PageReader(browser.get("/", params=fields).text).tables["pillar-table"] for fields in (parts, whole)]
    assert pages[0] == pages[1]


def test_a_wrong_date_is_shown_in_the_form_with_what_is_wrong_beside_it(browser: httpx.Client) -> None:
    """What was typed is kept, escaped; the summary leads to the field."""
    asked = {"from_day": "31", "from_month": "2", "from_year": '"><b>', "to": "2022-06-30", "as_at": "2022-07-04"}
    page = browser.get("/organisations/kent", params=asked)
    assert page.status_code == 400
    assert '<a href="#from_day">First day: ' in page.text
    assert PageReader(page.text).inputs == {
        **{"from_day": "31", "from_month": "2", "from_year": '"><b>'},
        **{"to_day": "30", "to_month": "6", "to_year": "2022", "as_at": "2022-07-04"},
    }
    assert '<form method="get" action="/organisations/kent" novalidate>' in page.text
    assert "<b>" not in page.text
    assert "<title>Error: " in page.text


@pytest.mark.parametrize(
    ("begins", "ends", "says"),
    [(10, 20, "This period has not begun"), (-10, 20, "This period has not ended"), (-10, 0, None)],
)
def test_a_period_to_come_says_so(browser: httpx.Client, begins: int, ends: int, says: str | None) -> None:
    """One that ends today has come."""
    today = find_today()
    period = {"from": str(today + timedelta(days=begins)), "to": str(today + timedelta(days=ends))}
    text = browser.get("/", params=period).text
    assert ('id="future"' in text) is (says is not None)
    assert says is None or says in text
