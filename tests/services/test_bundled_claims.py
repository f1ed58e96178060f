"""What others published, in a bundle: held to the same sums of postings as the figures are, and told apart."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audit import offline_verifier as verifier
from audit.claims_file import parse_claims
from tests.services import bundled
from tests.services.conftest import Verify

# In each partition and on 1 June: one of the Metropolitan Police, amended to prevent, and one of Kent's, pursue.
CLAIMS = """
title = "A report"
source = "Page 3"
[answers.days]
question = "extract"
from = 2022-05-31
to = 2022-06-01
[answers.threats]
question = "threats"
as_at = 2022-06-01
[answers.later]
question = "extract"
from = 2022-05-31
to = 2022-06-01
known_at = 2023-01-01
[answers.support]
question = "extract"
from = 2022-05-31
to = 2022-06-01
type = "support"
[[claims]]
org = "kent"
measure = "lead disruptions"
quotation = "two"
answer = "days"
exact = 2
[[claims]]
measure = "prevent"
quotation = "half"
answer = "days"
where = { pillar = "PREVENT" }
rounds_to_pct = 50
at_least = 2
[[claims]]
measure = "threats in drugs"
quotation = "2"
answer = "threats"
where = { crime_type = "DRUGS" }
exact = 2
[[claims]]
measure = "support"
quotation = "less than three"
answer = "support"
less_than = 3
"""
WRONG = """
[[claims]]
org = "metropolitan"
measure = "  pursue"
quotation = "all of it"
answer = "days"
where = { pillar = ["PURSUE", "PROTECT"] }
approx_fraction = "1/1"
within = "5%"
"""
LATER = """
[[claims]]
measure = "lead disruptions"
quotation = "nine"
answer = "later"
exact = 9
"""


def write_claimed(out: Path, text: str) -> Path:
    """A valid bundle with a file of claims in it."""
    ledger = bundled.make_sealed()
    source = ledger.make_source(ledger.seal_at(*bundled.CUTS))
    bundled.write_bundle(out, source._replace(claims={"others.toml": text.encode()}))
    return out


def test_claims_are_held_to_the_postings(tmp_path: Path, verify: Verify) -> None:
    """What agrees is counted; what differs is told with both numbers, and the bundle is no less valid."""
    said = verify(write_claimed(tmp_path / "right", CLAIMS))
    assert (said["valid"], said["differs"]) == (True, [])
    assert "4 claims of claims/others.toml against the postings: 0 differ" in said["checked"]
    said = verify(write_claimed(tmp_path / "wrong", CLAIMS + WRONG))
    assert said["valid"]
    assert said["differs"] == [
        "claims/others.toml, claim 5, pursue of metropolitan: 'all of it'; the postings add up to 0 of 2"
    ]
    assert "5 claims of claims/others.toml against the postings: 1 differ" in said["checked"]


def test_a_claim_beyond_the_bundle_is_not_checked_and_that_is_said(tmp_path: Path, verify: Verify) -> None:
    """It is as known later than all that is sealed."""
    said = verify(write_claimed(tmp_path / "later", CLAIMS + LATER))
    assert "claims/others.toml, claim 5: it counts what the bundle does not hold" in said["not_checked"]
    assert said["differs"] == []


def test_a_python_without_toml_says_that_claims_are_not_checked(
    tmp_path: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 3.11 it has none."""
    monkeypatch.setattr(verifier, "tomllib", None)
    said = verify(write_claimed(tmp_path / "old", CLAIMS + WRONG))
    assert "claims of others: Python 3.11 or later reads their files" in said["not_checked"]
    assert (said["valid"], said["differs"]) == (True, [])


@pytest.mark.parametrize(
    "claim",
    [
        '[[claims]]\nmeasure = "m"\nquotation = "q"\nanswer = "days"\nexact = 1\nabout = 2\n',
        '[[claims]]\norg = "atlantis"\nmeasure = "m"\nquotation = "q"\nanswer = "days"\nexact = 0\n',
        '[[claims]]\nmeasure = "m"\nquotation = "q"\nanswer = "days"\n',
        '[[claims]]\nmeasure = "m"\nquotation = "q"\nanswer = "days"\nwhere = { type = "LEAD" }\nexact = 1\n',
        '[[claims]]\nmeasure = "m"\nquotation = "q"\nanswer = "nowhere"\nexact = 1\n',
        '[[claims]]\nmeasure = "m"\nquotation = "q"\nanswer = "days"\nat_least = "many"\n',
        '[[claims]]\nmeasure = "m"\nquotation = "q"\nanswer = "days"\nwhere = { colour = "RED" }\nexact = 1\n',
    ],
)
def test_a_claim_that_cannot_be_read_is_named_and_is_never_passed_over(
    tmp_path: Path, verify: Verify, claim: str
) -> None:
    """An unknown predicate, none, a type, or an organisation, an answer or a dimension that is not there."""
    said = verify(write_claimed(tmp_path / "unread", CLAIMS + claim))
    assert (said["valid"], said["fault"].startswith("claims/others.toml, claim 5: ")) == (False, True), said["fault"]


HALF_UP = [(1, 8, "12.5", True), (1, 8, "13", True), (1, 8, "12", False), (1, 3, "33.3", True), (1, 3, "33.4", False)]


@pytest.mark.parametrize(("n", "of", "percent", "holds"), HALF_UP)
def test_a_percentage_is_rounded_a_half_upwards(n: int, of: int, percent: str, holds: bool) -> None:
    """At as many places as it is written with: 12.5 itself, and 13, but not 12."""
    assert verifier.is_as_claimed({"rounds_to_pct": Decimal(percent)}, n, of) is holds


@pytest.mark.parametrize(
    ("claim", "n", "of", "holds"),
    [
        ({"exact": 5}, 5, 0, True),
        ({"exact": 5}, 6, 6, False),
        ({"at_least": 5}, 5, 9, True),
        ({"at_least": 5}, 4, 9, False),
        ({"at_least": "97%"}, 97, 100, True),
        ({"at_least": "97%"}, 969, 1000, False),
        ({"less_than": 5}, 4, 9, True),
        ({"less_than": 5}, 5, 9, False),
        ({"less_than": "75%"}, 75, 100, False),
        ({"less_than": "75%"}, 749, 1000, True),
        ({"approx_fraction": "2/3", "within": "1%"}, 677, 1000, False),  # 67.7 is 1.03 away from 66.67
        ({"approx_fraction": "2/3", "within": "1%"}, 676, 1000, True),
        ({"approx_fraction": "1/2", "within": "0.5%"}, 505, 1000, True),  # just so far
        ({"approx_fraction": "3/4", "within": "3%", "less_than": "75%"}, 76, 100, False),  # all of them hold, or none
        ({"at_least": "0%"}, 0, 0, False),  # a share of nothing is no share
        ({"rounds_to_pct": 0}, 0, 0, False),
        ({"less_than": "100%"}, 0, 0, False),
        ({"approx_fraction": "0/1", "within": "100%"}, 0, 0, False),
    ],
)
def test_predicates_are_exact(claim: dict[str, Any], n: int, of: int, holds: bool) -> None:
    """In whole numbers and fractions, at the very bound too."""
    assert verifier.is_as_claimed(claim, n, of) is holds


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        (date(2022, 7, 4), datetime(2022, 7, 4, 22, 59, 59, 999_000, UTC)),
        (date(2022, 1, 4), datetime(2022, 1, 4, 23, 59, 59, 999_000, UTC)),
        (date(2022, 3, 27), datetime(2022, 3, 27, 22, 59, 59, 999_000, UTC)),  # summer time begins on it
        (date(2022, 10, 30), datetime(2022, 10, 30, 23, 59, 59, 999_000, UTC)),  # and ends on it
        ("2022-07-04T09:00:00.000Z", datetime(2022, 7, 4, 9, tzinfo=UTC)),
        (datetime(2022, 7, 4, 9, tzinfo=UTC), datetime(2022, 7, 4, 9, tzinfo=UTC)),
    ],
)
def test_an_instant_of_a_claim_is_read_as_its_file_means_it(written: Any, instant: datetime) -> None:
    """A date is its end in London."""
    assert verifier.read_millis(written) == int(instant.timestamp() * 1000)


def test_these_claims_are_a_file_that_the_ledger_takes() -> None:
    """So what is checked here is what a bundle can hold."""
    assert len(parse_claims(CLAIMS + WRONG + LATER, "others.toml").claims) == 6
