"""The synthetic year through the ledger's own fold: planted mistakes get their codes, and London its figures."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest

from ledger.entries import Leg, ThreatLeg
from ledger.instants import count_days, count_millis
from ledger.vocabulary import Code, Verdict
from methodology.book import Book
from methodology.posting import Posted, post_event
from methodology.rejection_sentences import Rejection
from schemas.conversion import make_fact
from synthetic import PlannedEvent, make_national_year

NOW = count_millis(datetime(2026, 1, 1, tzinfo=UTC))
JULY = count_millis(datetime(2022, 7, 4, 22, 59, 59, 999_000, tzinfo=UTC))


class Folded(NamedTuple):
    """What the fold made of the year."""

    legs: list[Leg]
    threat_legs: list[ThreatLeg]
    differently: list[tuple[PlannedEvent, object]]


@pytest.fixture(scope="module")
def folded() -> Folded:
    """The year of the reports, folded in the order it is sent."""
    books: dict[str, Book] = {}
    found = Folded([], [], [])
    for item in make_national_year(1, 2022):
        book = books.setdefault(item.event.threat_id, Book(item.event.threat_id))
        outcome = post_event(book, make_fact(item.event), NOW)
        if isinstance(outcome, Posted):
            found.legs.extend(outcome.legs)
            found.threat_legs.extend(outcome.threat_legs)
        if judge_event(outcome) != find_meant(item):
            found.differently.append((item, outcome))
    return found


def judge_event(outcome: Posted | Rejection) -> Code | Verdict:
    return outcome.verdict if isinstance(outcome, Posted) else outcome.code


def find_meant(item: PlannedEvent) -> Code | Verdict:
    if item.code is not None:
        return item.code
    return Verdict.DUPLICATE if item.resend else Verdict.ADMITTED


def sum_lead(folded: Folded, organisation: str, first: date, last: date, at: int = NOW) -> Counter[tuple[str, str]]:
    """Counted lead disruptions by pillar and crime type, as a sum of postings."""
    total: Counter[tuple[str, str]] = Counter()
    for leg in folded.legs:
        account = leg.account
        counts = (account.organisation, account.type, account.standing) == (organisation, "LEAD", "COUNTED")
        if counts and leg.entered_at <= at and count_days(first) <= account.event_date <= count_days(last):
            total[account.pillar, account.crime_type] += leg.sign
    return total


def sum_year(folded: Folded, organisation: str, at: int = NOW) -> Counter[tuple[str, str]]:
    return sum_lead(folded, organisation, date(2021, 7, 1), date(2022, 6, 30), at)


def sum_year_before(folded: Folded, organisation: str) -> Counter[tuple[str, str]]:
    return sum_lead(folded, organisation, date(2020, 7, 1), date(2021, 6, 30))


def test_every_event_is_judged_as_it_is_meant(folded: Folded) -> None:
    """Each planted mistake is refused with its own code, resends are duplicates, and nothing else is refused."""
    assert folded.differently == []


def test_london_lead_figures_come_out_of_postings(folded: Folded) -> None:
    """The published totals, this year's and the one before."""
    assert sum_year(folded, "metropolitan").total() == 8021
    assert sum_year_before(folded, "metropolitan").total() == 4795
    assert sum_year(folded, "btp").total() == 184
    assert sum_year_before(folded, "btp").total() == 34
    assert sum_year(folded, "city-of-london").total() == 506


def test_metropolitan_pillars_come_out_of_postings(folded: Folded) -> None:
    """78, 10, 7 and 5 percent of 8,021, as counts."""
    by_pillar: Counter[str] = Counter()
    for (pillar, _), n in sum_year(folded, "metropolitan").items():
        by_pillar[pillar] += n
    assert by_pillar == {"PURSUE": 6256, "PROTECT": 802, "PREVENT": 561, "PREPARE": 402}


def test_city_cyber_protect_comes_out_of_postings(folded: Folded) -> None:
    """Almost three quarters of 506."""
    assert sum_year(folded, "city-of-london")["PROTECT", "CYBER"] == 374


@pytest.mark.parametrize("at", [JULY, NOW])
def test_london_threat_counts_come_out_of_postings(folded: Folded, at: int) -> None:
    """Rule 8 over threat postings: 266, 22 and 43."""
    total: Counter[str] = Counter()
    for leg in folded.threat_legs:
        threat = leg.account
        fits = (threat.assessment_type, threat.moderation_status) == ("TACTICAL", "MODERATED")
        if leg.entered_at <= at and fits and threat.soc and threat.tier != 5 and not threat.closed:
            total[threat.owner] += leg.sign
    assert [total[owner] for owner in ("metropolitan", "btp", "city-of-london")] == [266, 22, 43]


def test_every_standing_is_in_the_year(folded: Folded) -> None:
    """The figure has company: every reason for not being in it occurs."""
    standings: Counter[str] = Counter()
    for leg in folded.legs:
        standings[leg.account.standing] += leg.sign
    assert all(n > 0 for n in standings.values())
    assert set(standings) == {
        "COUNTED",
        "AWAITING_THREAT",
        "KIND_NOT_PERMITTED",
        "SECOND_PILLAR",
        "UNASSESSED",
        "CATEGORY_NOT_COUNTED",
    }


def test_july_sees_less_than_now(folded: Folded) -> None:
    """What was entered, amended or withdrawn after 4 July is not in July's figure."""
    assert 7_400 < sum_year(folded, "metropolitan", JULY).total() < 7_900
