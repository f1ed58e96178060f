"""Rates as API, page and command give them, over two years of weeks made by hand.

Kent records ten or fourteen a week in turn on the Wednesday, and two more of each twelve days later, in the second
week after the week's end: 12 or 16 in the end, mean 14, moving range 4, upper limit 14 + 3 * 4 / 1.128 = 24.6. In the
week of 2 May 2022 it records forty more. All is seen as at the end of Sunday 3 July 2022.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.settings import Settings
from sinks.store import Store
from tests.cli.conftest import Run, run
from tests.dashboard.conftest import ENTRY, POSTING, Known, fill_store, make_event_id, write_rows
from tests.patience import PATIENT
from tests.stores import open_migrated

__all__ = ["run"]

FIRST_MONDAY = date(2020, 7, 6)
WEEKS = 104
OFFSET = 1000  # one entry covers up to here, and all its postings stand at it
SEEN = {"from": "2021-07-01", "to": "2022-07-03", "as_at": "2022-07-03"}
KENT = SEEN | {"org": "kent"}


def list_legs() -> list[tuple[Any, ...]]:
    """Kent's disruptions: the Wednesday of each, and the days after which it was entered. And Sussex's."""
    days = []
    for number in range(WEEKS):
        wednesday = FIRST_MONDAY + timedelta(weeks=number, days=2)
        at_once = (14 if number % 2 else 10) + (40 if wednesday == date(2022, 5, 4) else 0)
        days += [(wednesday, 0)] * at_once + [(wednesday, 12)] * 2
    legs = [write_leg(leg, "kent", day, late, 1) for leg, (day, late) in enumerate(days)]
    return legs + [write_leg(len(legs) + leg, "sussex", *one) for leg, one in enumerate(list_begun())]


def list_begun() -> list[tuple[date, int, int]]:
    """Sussex records one or three a week in turn from January 2021 on; one of August 2020 it took back after a week."""
    mistaken = date(2020, 8, 5)
    weeks = [date(2021, 1, 6) + timedelta(weeks=number) for number in range(78)]
    counted = [(day, 0, 1) for number, day in enumerate(weeks) for _ in range(3 if number % 2 else 1)]
    return [(mistaken, 0, 1), (mistaken, 7, -1), *counted]


def write_leg(leg: int, org: str, day: date, late: int, sign: int) -> tuple[Any, ...]:
    """A leg of a disruption of a day, entered at noon so many days later."""
    entered = find_noon(day, late)
    account = (org, "LEAD", "PURSUE", "OCG", "DRUGS", "MINOR", day, "COUNTED")
    return (0, OFFSET, leg, entered, make_event_id(99), "T-9", f"K-{leg}", *account, sign, entered)


def find_noon(day: date, late: int) -> datetime:
    """Noon so many days after it."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=late)


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[Store]:
    """The rows of the other tests of the dashboard, and Kent's."""
    with open_migrated(settings) as opened:
        fill_store(opened)
        learnt = datetime(2022, 7, 20, tzinfo=UTC)
        story = ("ADMITTED", "DisruptionEvent", make_event_id(99), "T-9", "K-0", 1, "kent", learnt)
        legs = list_legs()
        write_rows(opened, "entries", ENTRY, [(0, OFFSET, 3, learnt, *story, b"T-9", b"", [], [], len(legs), 0)])
        write_rows(opened, "postings", POSTING, legs)
        yield opened


@pytest.fixture(scope="module")
def published() -> Known:
    """All of it has been published."""
    found = Known()
    found.ends = {0: OFFSET + 1, 1: 2}
    return found


@pytest.fixture
def kent(client: httpx.Client) -> dict[str, Any]:
    """Kent's rates."""
    answer: dict[str, Any] = client.get("/rates", params=KENT).json()
    return answer


def find_week(answer: dict[str, Any], monday: str) -> dict[str, Any]:
    """One week of an answer."""
    return next(week for week in answer["weeks"] if week["week"] == monday)


def test_weeks_are_whole_and_what_is_left_out_is_said(kent: dict[str, Any]) -> None:
    """1 July 2021 was a Thursday, 3 July 2022 a Sunday."""
    assert (kent["weeks"][0]["week"], kent["weeks"][-1]["week"], len(kent["weeks"])) == ("2021-07-05", "2022-06-27", 52)
    assert kent["left_out"] == [{"from": "2021-07-01", "to": "2021-07-04", "why": "part of a week"}]
    assert find_week(kent, "2022-06-13")["n"] == 16


def test_the_weeks_add_up_to_the_extraction_of_their_days(client: httpx.Client, kent: dict[str, Any]) -> None:
    """The same figure by another question."""
    extract = client.get("/extract", params=KENT | {"from": "2021-07-05"}).json()
    assert sum(week["n"] for week in kent["weeks"]) == kent["total"]["n"] == sum(row["n"] for row in extract["rows"])
    assert kent["total"]["n"] == 52 * 14 + 40 - 2 * 2  # the late ones of the last two weeks are not in


def test_limits_are_of_the_year_before_and_a_week_outside_is_said_in_words(kent: dict[str, Any]) -> None:
    """56 against 24.6."""
    (limits,) = kent["limits"]
    assert (limits["baseline_first_week"], limits["baseline_last_week"]) == ("2020-07-06", "2021-06-28")
    assert (limits["centre"], limits["upper"]) == (14.0, pytest.approx(24.638, abs=1e-3))
    assert [signal["sentence"] for signal in kent["signals"]] == [
        "The week of 2 May 2022 is above the upper limit: 56 against 24.6."
    ]


def test_what_was_taken_back_begins_no_baseline(client: httpx.Client) -> None:
    """From January on, with 26 weeks of one and three in turn; of August, when one was taken back, it would have 48."""
    (limits,) = client.get("/rates", params=SEEN | {"region": "South East"}).json()["limits"]
    assert (limits["baseline_first_week"], limits["baseline_last_week"]) == ("2021-01-04", "2021-06-28")
    assert (limits["centre"], limits["moving_range"]) == (2.0, 2.0)


def test_a_week_is_expected_to_become_the_same_in_whatever_period_it_is_asked_for(
    client: httpx.Client, kent: dict[str, Any]
) -> None:
    """Of the newest 52 weeks eight ended 44 weeks ago or earlier: so far is foreseen, also for weeks of a year ago."""
    old = client.get("/rates", params=KENT | {"to": "2021-10-31"}).json()
    assert old["horizon"] == kent["horizon"] == 44
    assert old["delays"] == kent["delays"]
    assert find_week(old, "2021-10-25")["expected"] == find_week(kent, "2021-10-25")["expected"] == 12


def test_weeks_that_are_still_filling_are_expected_to_become_what_weeks_become(kent: dict[str, Any]) -> None:
    """Of 728 + 40 in the 50 weeks that are two weeks old, all but 2 each were in after no week."""
    newest, before = kent["weeks"][-1], kent["weeks"][-3]
    assert (newest["n"], newest["delay"], newest["filling"], newest["judged"]) == (14, 0, True, None)
    assert newest["share"] == pytest.approx(1 - 100 / (50 * 14 + 40))
    assert newest["expected"] == pytest.approx(14 / newest["share"])
    assert newest["expected_lower"] < 16 < newest["expected_upper"]
    assert (before["n"], before["expected"], before["filling"]) == (16, pytest.approx(16), False)


def test_a_rate_names_its_numerator_its_denominator_and_both_dates(client: httpx.Client) -> None:
    """The one active threat of rule 8 is the Metropolitan Police's; Kent has none, so its rate is unknown."""
    of_kent = client.get("/rates", params=KENT | {"pillar": "pursue"}).json()
    assert of_kent["numerator"]["filters"] == {"type": "LEAD", "standing": "COUNTED", "org": "kent", "pillar": "PURSUE"}
    assert (of_kent["numerator"]["from"], of_kent["numerator"]["to"]) == ("2021-07-05", "2022-07-03")
    assert of_kent["denominator"]["as_at"] == "2022-07-03T22:59:59.999Z"
    assert (of_kent["denominator"]["n"], of_kent["total"]["rate"]) == (0, None)
    assert "pillar" not in of_kent["denominator"]["filters"]
    london = client.get("/rates", params=SEEN | {"region": "London"}).json()
    assert (london["total"]["n"], london["denominator"]["n"]) == (1, 1)  # D-1; D-2 is support
    assert london["total"]["rate"] == pytest.approx(100 / 52)


@pytest.mark.parametrize("given", [{}, {"known_at": "2022-06-20T10:00:00Z"}, {"as_at": "2022-06-20T10:00:00Z"}])
def test_who_asks_again_by_the_instants_that_an_answer_names_is_given_the_same(
    client: httpx.Client, given: dict[str, str]
) -> None:
    """Also where the two are some seconds apart, as they are of a live answer: delays are measured from the earlier."""
    period = {"from": "2021-07-01", "to": "2022-07-03", "org": "kent"}
    answer = client.get("/rates", params=period | given).json()
    again = client.get("/rates", params=period | {"as_at": answer["as_at"], "known_at": answer["known_at"]}).json()
    moves_by_itself = answer.pop("complete_through"), again.pop("complete_through")
    assert moves_by_itself[0] <= moves_by_itself[1]
    assert again == answer
    assert answer["seen_at"] == min(answer["as_at"], answer["known_at"])
    assert answer["numerator"]["as_at"] == answer["as_at"]


def test_a_week_that_is_not_over_is_left_out(client: httpx.Client) -> None:
    """On a Saturday the week of that day is not; nor is any of a period to come."""
    saturday = client.get("/rates", params=KENT | {"as_at": "2022-07-02"}).json()
    assert saturday["weeks"][-1]["week"] == "2022-06-20"
    assert saturday["left_out"][-1] == {"from": "2022-06-27", "to": "2022-07-03", "why": "a week that was not over"}
    future = client.get("/rates", params={"from": "2090-01-01", "to": "2090-12-31"}).json()
    assert (future["weeks"], future["total"]["per_week"], future["year_before"]) == ([], None, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"org": "kent", "region": "London"}, "region"),
        ({"pillar": "PURSUIT"}, "pillar"),
        ({"region": "Kent"}, "region"),
        ({"from": "1990-01-01"}, "from"),
        ({"to": "2021-01-01"}, "to"),
    ],
)
def test_a_question_that_makes_no_sense_names_its_field(
    client: httpx.Client, asked: dict[str, str], field: str
) -> None:
    """Two recorders; a pillar and a region that there are not; over ten years; an end before the start."""
    refused = client.get("/rates", params=SEEN | asked)
    assert (refused.status_code, refused.json()["field"]) == (400, field)


def test_the_page_shows_chart_table_signals_and_how_weeks_fill(address: str) -> None:
    """The numbers of the answer, each with what it is made of."""
    page = httpx.get(f"{address}/rates", params=KENT, **PATIENT)
    assert page.status_code == 200
    assert "<svg" in page.text
    assert "The week of 2 May 2022 is above the upper limit: 56 against 24.6." in page.text
    assert "The limits of 3.4 and 24.6 around a centre of 14.0" in page.text
    week = "/records?from=2022-05-02&amp;to=2022-05-08&amp;as_at=2022-07-03T22%3A59%3A59.999Z&amp;org=kent"
    assert f'href="{week}">56</a>' in page.text
    assert page.text.count(">Still filling</td>") == 2
    assert "style=" not in page.text


def test_the_page_says_how_old_weeks_were_when_how_much_was_in(address: str) -> None:
    """On a Sunday's end the newest week has just ended; on the Tuesday after, two days ago."""
    sunday = httpx.get(f"{address}/rates", params=KENT, **PATIENT).text
    assert [age in sunday for age in ("On its last day", "1 week<", "8 weeks<", "2 days")] == [True, True, True, False]
    tuesday = httpx.get(f"{address}/rates", params=KENT | {"as_at": "2022-07-05"}, **PATIENT).text
    assert [age in tuesday for age in ("2 days<", "1 week and 2 days<", "8 weeks and 2 days<")] == [True] * 3


def test_an_empty_page_leads_to_days_that_have_disruptions_of_the_same_recorder(address: str) -> None:
    """The year that ends with Kent's last, on Wednesday 29 June 2022; what was chosen is kept."""
    page = httpx.get(f"{address}/rates", params={"org": "kent", "pillar": "PURSUE"}, **PATIENT)
    assert "No lead disruption of this period is counted here." in page.text
    assert 'href="/rates?from=2021-06-30&amp;to=2022-06-29&amp;org=kent&amp;pillar=PURSUE"' in page.text
    assert "<svg" not in page.text


def test_another_organisation_stands_beside_with_the_caveat_alone(address: str) -> None:
    """Rule 15."""
    alone = httpx.get(f"{address}/rates", params=KENT, **PATIENT).text
    beside = httpx.get(f"{address}/rates", params=KENT | {"beside": "essex"}, **PATIENT).text
    assert "do not rank organisations" not in alone
    assert "do not rank organisations" in beside
    refused = httpx.get(f"{address}/rates", params=KENT | {"beside": "esex"}, **PATIENT)
    assert (refused.status_code, "beside: there is no &#39;esex&#39;" in refused.text) == (
        400,
        True,
    )


def test_the_page_of_a_period_without_a_whole_week_says_so(address: str) -> None:
    """Three days."""
    page = httpx.get(f"{address}/rates", params={"from": "2022-05-03", "to": "2022-05-05"}, **PATIENT)
    assert (page.status_code, "no whole week" in page.text) == (200, True)


def test_the_command_prints_the_weeks_with_marks(run: Run) -> None:
    """A signal and a filling week are words."""
    printed = run("rates", "--org", "kent", "--from", "2021-07-01", "--to", "2022-07-03", "--as-at", "2022-07-03")
    assert printed.exit_code == 0, printed.output
    rows = {line[1:11]: line.split() for line in printed.output.splitlines() if line[1:4] == "202"}
    assert rows["2022-05-02"] == ["2022-05-02", "56", "100%", "HIGH"]
    assert rows["2022-06-27"][:3] == ["2022-06-27", "14", "16"]
    assert rows["2022-06-27"][-2:] == ["still", "filling"]
    assert "Signal: The week of 2 May 2022 is above the upper limit: 56 against 24.6." in printed.output
