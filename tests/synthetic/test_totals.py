"""London's totals, by hand and by plain loops over the NDJSON: nothing of the ledger's own counting is used here.

Values are those of the inspection reports on London's forces, year ending 30 June 2022.
"""

import io
import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from synthetic import make_national_year, write_year

Line = dict[str, Any]
JULY, JANUARY, NOW = "2022-07-04T22:59:59", "2023-01-31T23:59:59", "2026-01-01T00:00:00"
THIS_YEAR, YEAR_BEFORE = ("2021-07-01", "2022-06-30"), ("2020-07-01", "2021-06-30")


def read_good_lines(seed: int, year: int) -> list[Line]:
    """The NDJSON without the planted mistakes; resends stay."""
    sent = make_national_year(seed, year)
    out = io.BytesIO()
    write_year(sent, out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return [line for line, item in zip(lines, sent, strict=True) if item.code is None]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """The year of the reports."""
    return read_good_lines(1, 2022)


def find_latest(lines: list[Line], record: str, key: str, at: str) -> dict[str, Line]:
    """The highest version of everything that was entered by ``at``."""
    found: dict[str, Line] = {}
    for line in lines:
        if line["record"] != record or line["entered_at"] > at:
            continue
        if line[key] not in found or found[line[key]]["version"] < line["version"]:
            found[line[key]] = line
    return found


def find_assessment(assessments: list[Line], day: str) -> Line:
    """The assessment that speaks for an event date: the latest not after it, or else the earliest."""
    before = [one for one in assessments if one["assessed_on"] <= day]
    if before:
        return max(before, key=lambda one: (one["assessed_on"], one["version"]))
    return min(assessments, key=lambda one: (one["assessed_on"], one["version"]))


def list_counted(lines: list[Line], organisation: str, period: tuple[str, str], at: str) -> list[tuple[str, str]]:
    """Pillar and crime type of every lead disruption that counts as at ``at``."""
    assessments = defaultdict(list)
    first_entered: dict[str, str] = {}
    for line in lines:
        if line["record"] == "ThreatEvent" and line["entered_at"] <= at:
            assessments[line["threat_id"]].append(line)
        elif line["record"] == "DisruptionEvent" and line["version"] == 1:
            first_entered[line["disruption_id"]] = line["entered_at"]
    standing = [
        line
        for line in find_latest(lines, "DisruptionEvent", "disruption_id", at).values()
        if line["change"] != "WITHDRAWN" and line["recorded_by"] == organisation
    ]
    pillars: dict[tuple[str, str], str] = {}
    for line in sorted(standing, key=lambda one: (first_entered[one["disruption_id"]], one["disruption_id"])):
        if line["activity_ref"]:
            pillars.setdefault((line["threat_id"], line["activity_ref"]), line["pillar"])
    found = []
    for line in standing:
        if not assessments[line["threat_id"]] or line["type"] != "LEAD":
            continue
        threat = find_assessment(assessments[line["threat_id"]], line["event_date"])
        same_pillar = pillars.get((line["threat_id"], line["activity_ref"]), line["pillar"]) == line["pillar"]
        permitted = threat["kind"] == "OCG" or line["event_date"] >= "2023-07-01"
        in_period = period[0] <= line["event_date"] <= period[1]
        if permitted and same_pillar and in_period and line["category"] in ("MAJOR", "MODERATE", "MINOR"):
            found.append((line["pillar"], threat["crime_type"]))
    return found


def list_soc_threats(lines: list[Line], owner: str, at: str) -> list[Line]:
    """Rule 8, read aloud."""
    return [
        threat
        for threat in find_latest(lines, "ThreatEvent", "threat_id", at).values()
        if threat["owner"] == owner
        and threat["assessment_type"] == "TACTICAL"
        and threat["moderation_status"] == "MODERATED"
        and threat["soc"]
        and threat["tier"] != 5
        and "closed" not in threat["phase"].lower()
    ]


def test_metropolitan_disruptions_are_the_published_ones(lines: list[Line]) -> None:
    """8,021, of which 78, 10, 7 and 5 percent; 4,795 the year before."""
    year = list_counted(lines, "metropolitan", THIS_YEAR, NOW)
    assert len(year) == 8021
    pillars = Counter(pillar for pillar, _ in year)
    assert {pillar: round(100 * n / 8021) for pillar, n in pillars.items()} == {
        "PURSUE": 78,
        "PROTECT": 10,
        "PREVENT": 7,
        "PREPARE": 5,
    }
    assert len(list_counted(lines, "metropolitan", YEAR_BEFORE, NOW)) == 4795


def test_transport_police_disruptions_are_the_published_ones(lines: list[Line]) -> None:
    """184, virtually all pursue, two thirds drugs; 34 the year before."""
    year = list_counted(lines, "btp", THIS_YEAR, NOW)
    assert len(year) == 184
    assert Counter(pillar for pillar, _ in year)["PURSUE"] == 182
    assert Counter(crime for _, crime in year)["DRUGS"] == 123
    assert len(list_counted(lines, "btp", YEAR_BEFORE, NOW)) == 34


def test_city_disruptions_are_the_published_ones(lines: list[Line]) -> None:
    """506: cyber 441, fraud 52, drugs 5, 8 others; pursue 78; cyber-protect almost three quarters."""
    year = list_counted(lines, "city-of-london", THIS_YEAR, NOW)
    assert len(year) == 506
    assert Counter(crime for _, crime in year) == {"CYBER": 441, "FRAUD": 52, "DRUGS": 5, "OTHER": 5, "UNKNOWN": 3}
    assert Counter(pillar for pillar, _ in year)["PURSUE"] == 78
    assert Counter(year)["PROTECT", "CYBER"] == 374
    assert 0.72 < 374 / 506 < 0.75


@pytest.mark.parametrize("at", [JULY, JANUARY, NOW])
def test_london_threats_are_the_published_ones_whenever_extracted(lines: list[Line], at: str) -> None:
    """266; 22 of two crimes' county lines and acquisitive crime, no vulnerability; 43 of which 33 fraud."""
    assert len(list_soc_threats(lines, "metropolitan", at)) == 266
    assert Counter(
        (threat["crime_type"], "county lines" in threat["tags"], threat["kind"])
        for threat in list_soc_threats(lines, "btp", at)
    ) == {
        ("DRUGS", True, "OCG"): 5,
        ("MSHT", True, "OCG"): 5,
        ("ORGANISED_ACQUISITIVE_CRIME", False, "OCG"): 12,
    }
    city = list_soc_threats(lines, "city-of-london", at)
    assert len(city) == 43
    assert Counter(threat["crime_type"] for threat in city)["FRAUD"] == 33


def test_an_extraction_in_july_sees_less_than_one_in_january(lines: list[Line]) -> None:
    """Late entries move a year that has ended; by 31 January all of them are in."""
    july, january = (len(list_counted(lines, "metropolitan", THIS_YEAR, at)) for at in (JULY, JANUARY))
    assert july < january == 8021
    assert january - july > 200


def test_the_nation_holds_about_four_thousand_threats(lines: list[Line]) -> None:
    """ "About 4,000 SOC threats": within a tenth of it."""
    owners = {line["owner"] for line in lines if line["record"] == "ThreatEvent"}
    assert 3_600 < sum(len(list_soc_threats(lines, owner, JANUARY)) for owner in owners) < 4_400


@pytest.mark.parametrize(("seed", "year"), [(2, 2022), (1, 2023), (3, 2024)])
def test_other_seeds_and_years_have_the_same_london(seed: int, year: int) -> None:
    """The shape moves with the year, over the change of standard on 1 July 2023 too."""
    lines = read_good_lines(seed, year)
    this, before = ((f"{one - 1}-07-01", f"{one}-06-30") for one in (year, year - 1))
    assert len(list_counted(lines, "metropolitan", this, "9")) == 8021
    assert len(list_counted(lines, "metropolitan", before, "9")) == 4795
    assert len(list_counted(lines, "btp", this, "9")) == 184
    assert len(list_counted(lines, "btp", before, "9")) == 34
    assert len(list_counted(lines, "city-of-london", this, "9")) == 506
    assert len(list_soc_threats(lines, "metropolitan", f"{year}-07-04T22:59:59")) == 266
