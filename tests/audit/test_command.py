"""``disruptions audit replay`` as it reads: exit codes, tables within 80 columns, no values of records."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

import cli.audit_replay
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from cli.main import app
from queries.api_client import ApiClient

COLUMNS = 80


def make_verdict(*differences: Finding, limit: int = 20) -> ReplayReport:
    """A verdict on one partition."""
    made = ReplayReport(limit=limit, known_at="2022-07-04T09:00:00.000Z", balances=7)
    made.reaches.append(
        PartitionReach(partition=0, published_end=12, covered_end=12, entries=10, rejections=2, rows=31)
    )
    for one in differences:
        made.add_finding(one)
    return made


def make_difference(offset: int = 5) -> Finding:
    """A posting that was changed."""
    return Finding(
        kind=FindingKind.ROW_DIFFERS,
        place="postings leg 0",
        sentence="Not as the fold has it: category, crime_type, organisation.",
        partition=0,
        offset=offset,
        event_id="00000000-0000-0000-0000-000000000009",
        threat_id="T-1",
        disruption_id="D-1",
    )


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[ReplayReport]:
    """Replays answer with the verdict put here; no broker and no store are asked."""
    verdicts: list[ReplayReport] = []
    monkeypatch.setattr(cli.audit_replay, "replay_ledger", lambda *_, **__: verdicts[-1])
    monkeypatch.setattr(cli.audit_replay, "open_client", lambda _: ApiClient("127.0.0.1:9"))
    return verdicts


def run_command(*options: str) -> Any:
    """The command's result."""
    return CliRunner().invoke(app, ["audit", "replay", *options])


@pytest.mark.parametrize("place", ["pipe", "nowhere/q1.json"])
def test_a_certificate_takes_the_place_of_files_alone(answered: list[ReplayReport], tmp_path: Path, place: str) -> None:
    """Said before anything is replayed: a device was renamed over, and a directory that lacks was found at the end."""
    os.mkfifo(tmp_path / "pipe")
    result = run_command("--certificate", str(tmp_path / place))
    assert (result.exit_code, answered) == (2, [])
    assert place.split("/", maxsplit=1)[0] in result.stderr
    assert (tmp_path / "pipe").is_fifo()


def test_agreement_is_exit_0(answered: list[ReplayReport]) -> None:
    """It says so, and what was looked at."""
    answered.append(make_verdict())
    result = run_command()
    assert result.exit_code == 0, result.output
    assert "The ledger agrees with its replay." in result.output
    assert "10 entries, 2 rejections, 31 stored rows, 7 balances" in result.output


def test_any_difference_is_exit_1_and_is_named(answered: list[ReplayReport]) -> None:
    """Position and ids are there."""
    answered.append(make_verdict(make_difference()))
    result = run_command()
    assert result.exit_code == 1
    assert "0:5" in result.output
    assert "disruption_id D-1" in result.output


def test_json_is_the_verdict(answered: list[ReplayReport]) -> None:
    """One document, exit 1 all the same."""
    answered.append(make_verdict(make_difference()))
    result = run_command("--json")
    assert result.exit_code == 1
    body = json.loads(result.stdout)
    assert (body["agrees"], body["kinds"], body["shown"][0]["offset"]) == (False, {"ROW_DIFFERS": 1}, 5)


def test_what_is_not_shown_is_counted(answered: list[ReplayReport]) -> None:
    """Three differ, one is shown."""
    answered.append(make_verdict(make_difference(1), make_difference(2), make_difference(3), limit=1))
    assert "and 2 more" in run_command().output


def test_the_tables_fit_80_columns() -> None:
    """Long sentences fold."""
    terminal = Console(width=COLUMNS, record=True, file=StringIO())
    terminal.print(cli.audit_replay.draw_verdict(make_verdict(make_difference())))
    assert all(len(line) <= COLUMNS for line in terminal.export_text().splitlines())
