"""``disruptions publish`` where nothing answers, and what it says of refused rows; the rest is live."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.publish
from cli.main import app
from cli.publish import body, spelled
from producers.files import RefusedRow, Summary

EVENT = (
    '{"record":"DisruptionEvent","event_id":"00000000-0000-4000-8000-000000000001","change":"RECORDED",'
    '"disruption_id":"D-1","version":1,"threat_id":"T-1","recorded_by":"kent","source_sequence":1,"type":"LEAD",'
    '"pillar":"PURSUE","category":"MINOR","event_date":"2022-01-01","entered_at":"2022-01-02T09:00:00Z","actor":"a"}\n'
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One good row."""
    path = tmp_path / "one.ndjson"
    path.write_text(EVENT)
    return path


def publish(*arguments: str, state: Path, **environment: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["publish", *arguments, "--state", str(state)], env={"COLUMNS": "80"} | environment)


def test_nothing_running_is_exit_3_with_the_remedy(file: Path, tmp_path: Path) -> None:
    """No broker is known."""
    shown = publish(str(file), state=tmp_path / "none")
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "disruptions up --state" in shown.stderr
    assert "KAFKA_BOOTSTRAP_SERVERS" in shown.stderr


def test_a_broker_that_stays_away_is_exit_3(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was acknowledged for as long as the command waits, and one line says so."""
    monkeypatch.setattr(cli.publish, "WAIT_SECONDS", 0.5)
    shown = publish(str(file), state=tmp_path, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert shown.stderr.count("\n") == 1, shown.stderr


@pytest.mark.parametrize("name", ["not-there.ndjson", "."])
def test_a_file_that_is_not_one_is_exit_2_before_anything_is_sent(file: Path, tmp_path: Path, name: str) -> None:
    """Although the first file is good."""
    shown = publish(str(file), str(tmp_path / name), state=tmp_path, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "no such file" in shown.stderr


def test_a_refused_row_is_spelled_with_its_file_and_number() -> None:
    """Standard input is called by the name it was given."""
    assert spelled(RefusedRow("week.csv", 7, "pillar: missing")) == "week.csv row 7: pillar: missing"
    assert spelled(RefusedRow("/dev/stdin", 1, "r")) == "- row 1: r"


def test_the_summary_counts_and_lists() -> None:
    """``rows`` are the refused ones."""
    summary = Summary(sent=3, acknowledged=3, refused_count=1, refused=[RefusedRow("a", 2, "r")])
    assert body(summary) == {
        "sent": 3,
        "acknowledged": 3,
        "refused": 1,
        "rows": [{"file": "a", "row": 2, "reason": "r"}],
    }
