"""London's published figures, as they are shipped, against answers by hand; and files of claims that are wrong."""

from pathlib import Path
from typing import Any

import pytest

from audit.claims import CheckedTable, check_claims
from audit.claims_file import load_claims, load_london, parse_claims
from ledger.errors import Misuse
from tests.demo.answers import Counting, make_london, make_row


def check_table(answers: dict[str, list[dict[str, Any]]]) -> CheckedTable:
    """The shipped table against these answers."""
    return check_claims(load_london(), Counting(answers))


def list_differing(found: CheckedTable) -> list[tuple[str, str, int]]:
    """What does not agree, with the ledger's count."""
    return [(one.claim.org, one.claim.measure.strip(), one.counted.n) for one in found.checked if not one.agrees]


def test_answers_that_say_what_was_published_agree() -> None:
    """All 25 claims; other organisations are no part of them; each question is asked once."""
    found = check_table(make_london())
    assert len(found.checked) == 25
    assert (found.agrees, list_differing(found), found.list_growing()) == (True, [], [])
    body = found.make_body()
    assert (body["agrees"], list(body["answers"]), body["answers"]["year"]["position"]) == (
        True,
        ["year", "before", "threats"],
        {"0": 9},
    )
    assert body["claims"][3] == {
        "org": "metropolitan",
        "measure": "  protect",
        "quotation": "10%",
        "answer": "year",
        "n": 802,
        "of": 8021,
        "agrees": True,
    }


def test_one_disruption_more_is_a_mismatch() -> None:
    """Published numbers are held exactly."""
    answers = make_london()
    answers["year"].append(make_row("btp", 1, pillar="PURSUE", crime_type="MSHT"))
    assert list_differing(check_table(answers)) == [("btp", "lead disruptions", 185)]


def test_a_vulnerability_of_the_transport_police_is_a_mismatch() -> None:
    """ "No vulnerabilities" is a claim too."""
    answers = make_london()
    answers["threats"][1]["kind"] = "VULNERABILITY"
    assert list_differing(check_table(answers)) == [("btp", "vulnerabilities", 5)]


def test_nothing_at_all_agrees_with_nothing_but_nothing() -> None:
    """An empty ledger: every claim differs, but that there are no vulnerabilities."""
    found = check_table({"year": [], "before": [], "threats": []})
    assert [one.claim.measure.strip() for one in found.checked if one.agrees] == ["vulnerabilities"]


HEAD = """
title = "A report"
source = "Page 3"
[answers.year]
question = "extract"
from = 2021-07-01
to = 2022-06-30
"""
CLAIM = """
[[claims]]
measure = "lead"
quotation = "one"
answer = "year"
"""


def test_a_claim_of_a_share_of_a_part_is_read() -> None:
    """One of two cyber disruptions of all organisations protects: by the dimensions that are named, and no others."""
    share = 'where = { pillar = "PROTECT", crime_type = "CYBER" }\nof = { crime_type = "CYBER" }\nrounds_to_pct = 50.0'
    table = parse_claims(f"{HEAD}{CLAIM}{share}", "report.toml")
    asked = Counting({"year": [make_row("kent", 1, pillar=one, crime_type="CYBER") for one in ("PROTECT", "PURSUE")]})
    found = check_claims(table, asked)
    assert (found.checked[0].counted, found.agrees) == ((1, 2), True)
    assert asked.by == ["crime_type,org,pillar"]


def test_an_answer_that_may_still_grow_is_named() -> None:
    """Where it was asked for as known at an instant."""
    table = parse_claims(f"{HEAD}known_at = 2022-07-04T10:00:00+01:00\n{CLAIM}exact = 0", "report.toml")
    assert table.answers["year"].fields["known_at"] == "2022-07-04T10:00:00+01:00"
    assert check_claims(table, Counting({"year": []}, complete=False)).list_growing() == ["year"]
    assert check_claims(table, Counting({"year": []})).list_growing() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "it is not TOML"),
        ('title = "A"', "missing required field `source`"),
        ("claims = []\n" + HEAD, "it claims nothing; add a [[claims]]"),
        (HEAD + CLAIM, "claim 1: it claims nothing; say one of exact, rounds_to_pct, at_least"),
        (HEAD + CLAIM + "exat = 1", "contains unknown field `exat` - at `$.claims[0]`"),
        (HEAD + CLAIM + 'exact = "1"', "Expected `int | null`, got `str` - at `$.claims[0].exact`"),
        (HEAD + CLAIM.replace('"one"', '" "') + "exact = 1", "claim 1: quote its source"),
        (HEAD + CLAIM.replace('"year"', '"yaer"') + "exact = 1", "claim 1, answer: there is no 'yaer'"),
        (HEAD + CLAIM + 'org = "kant"\nexact = 1', "claim 1, org: there is no 'kant'; did you mean kent"),
        (HEAD + CLAIM + 'where = { colour = "RED" }\nexact = 1', "claim 1, where: there is no 'colour'"),
        (HEAD + CLAIM + 'where = { pillar = "PURSEU" }\nexact = 1', "claim 1, where, pillar: there is no 'PURSEU'"),
        (HEAD + CLAIM + 'of = { crime_type = ["CYBER", "X"] }\nexact = 1', "claim 1, of, crime_type: there is no 'X'"),
        (HEAD + CLAIM + 'where = { type = "SUPPORT" }\nexact = 1', "claim 1: lead and support are never added"),
        (HEAD + CLAIM + 'at_least = "most"', "claim 1, at_least: write a whole number, or a share such as '97%'"),
        (HEAD + CLAIM + 'approx_fraction = "2/0"\nwithin = "1%"', "claim 1, approx_fraction: write a fraction"),
        (HEAD + CLAIM + 'approx_fraction = "2/3"', "claim 1: within and approx_fraction go together"),
        (HEAD + CLAIM + 'approx_fraction = "2/3"\nwithin = "1"', "claim 1, within: write a whole number, or a share"),
        (HEAD.replace("to = 2022-06-30", "") + CLAIM + "exact = 1", "answers.year: an extract has a period"),
        (HEAD.replace('"extract"', '"threats"') + CLAIM + "exact = 1", "answers.year: threats have no from"),
        (HEAD.replace('"extract"', '"rates"') + CLAIM + "exact = 1", "Invalid enum value 'rates'"),
        (HEAD + "as_at = 2022-07-04T10:00:00" + CLAIM + "exact = 1", "answers.year, as_at: write 2022-07-04T09:00:00Z"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(text: str, said: str) -> None:
    """And what to do: a claim that is passed over would agree in silence."""
    with pytest.raises(Misuse) as caught:
        parse_claims(text, "report.toml")
    assert str(caught.value).startswith("report.toml: ")
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """One that is not there, one that is no text, one that is too large."""
    with pytest.raises(Misuse, match=r"gone\.toml: No such file"):
        load_claims(tmp_path / "gone.toml")
    file = tmp_path / "claims.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(Misuse, match=r"claims\.toml: it is not UTF-8"):
        load_claims(file)
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(Misuse, match="larger than 1,000,000 bytes"):
        load_claims(file)
