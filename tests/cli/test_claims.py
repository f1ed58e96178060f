"""``disruptions audit claims`` over a real read API: exit codes, and what is shown."""

import json
from pathlib import Path

from tests.cli.conftest import Run

REPORT = """
title = "A report"
source = "Page 3"
[answers.year]
question = "extract"
from = 2021-07-01
to = 2022-06-30
[[claims]]
org = "kent"
measure = "lead disruptions"
quotation = "one"
answer = "year"
exact = 1
"""


def test_claims_that_agree_are_exit_0(run: Run, tmp_path: Path) -> None:
    """One disruption of Kent counts in the year."""
    file = tmp_path / "report.toml"
    file.write_text(REPORT)
    done = run("audit", "claims", str(file))
    assert done.exit_code == 0, done.output
    assert "1 of 1 agree." in done.output
    body = json.loads(run("audit", "claims", str(file), "--json").stdout)
    assert (body["agrees"], body["claims"][0]["n"]) == (True, 1)


def test_a_claim_that_does_not_agree_is_exit_1(run: Run) -> None:
    """London's table, of a ledger that holds next to nothing of London."""
    done = run("audit", "claims")
    assert done.exit_code == 1
    assert "MISMATCH" in done.output
    assert "1 of 25 agree." in done.output


def test_an_answer_that_may_still_grow_is_exit_1(run: Run, tmp_path: Path) -> None:
    """It agrees, as known at an instant to come."""
    file = tmp_path / "report.toml"
    file.write_text(REPORT.replace("to = 2022-06-30", "to = 2022-06-30\nknown_at = 2190-01-01"))
    done = run("audit", "claims", str(file))
    assert done.exit_code == 1
    assert "INCOMPLETE: the answer 'year' may still grow" in done.output


def test_a_file_that_is_none_is_misuse(run: Run, tmp_path: Path) -> None:
    """Exit 2, its place and the remedy."""
    file = tmp_path / "report.toml"
    file.write_text(REPORT.replace("exact", "exat"))
    done = run("audit", "claims", str(file))
    assert done.exit_code == 2
    assert "unknown field `exat`" in done.output
