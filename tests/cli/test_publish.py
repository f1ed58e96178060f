"""``disruptions publish`` where nothing answers, and what it says of refused rows; the rest is live."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.publish
from cli.main import app
from cli.publish import build_body
from cli.publish_progress import spell_refused
from producers.files import PublishSummary, RefusedRow, UnknownRows

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


def run_publish(*arguments: str, state: Path, **environment: str) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(app, ["publish", *arguments, "--state", str(state)], env={"COLUMNS": "80"} | environment)


def test_nothing_running_is_exit_3_with_the_remedy(file: Path, tmp_path: Path) -> None:
    """No broker is known."""
    shown = run_publish(str(file), state=tmp_path / "none")
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "disruptions up --state" in shown.stderr
    assert "KAFKA_BOOTSTRAP_SERVERS" in shown.stderr


def test_a_broker_that_stays_away_is_exit_3(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was acknowledged for as long as the command waits, and one line says so."""
    monkeypatch.setattr(cli.publish, "WAIT_SECONDS", 0.5)
    shown = run_publish(str(file), state=tmp_path, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (shown.exit_code, shown.stdout) == (3, "")
    assert shown.stderr.count("\n") == 1, shown.stderr


@pytest.mark.parametrize("name", ["not-there.ndjson", "."])
def test_a_file_that_is_not_one_is_exit_2_before_anything_is_sent(file: Path, tmp_path: Path, name: str) -> None:
    """Although the first file is good."""
    shown = run_publish(str(file), str(tmp_path / name), state=tmp_path, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "no such file" in shown.stderr


def test_a_refused_row_is_spelled_with_its_file_and_number() -> None:
    """Or with the numbers of several."""
    assert spell_refused(RefusedRow("week.csv", 7, "pillar: missing")) == "week.csv row 7: pillar: missing"
    assert spell_refused(RefusedRow("-", 2, "not sent", last=4)) == "- rows 2 to 4: not sent"


def test_the_summary_counts_and_lists() -> None:
    """``rows`` are the refused ones, each by its number; what was sent is acknowledged or unknown."""
    refused = [RefusedRow("a", 2, "r"), RefusedRow("a", 4, "s", last=5)]
    summary = PublishSummary(3, 2, 3, refused, [UnknownRows("a", "3")], ["a: cells were parted by semicolons"])
    assert build_body(summary) == {
        "sent": 3,
        "acknowledged": 2,
        "refused": 3,
        "unknown": 1,
        "rows": [
            {"file": "a", "row": 2, "reason": "r"},
            {"file": "a", "row": 4, "reason": "s"},
            {"file": "a", "row": 5, "reason": "s"},
        ],
        "unknown_rows": [{"file": "a", "rows": "3"}],
        "taken": ["a: cells were parted by semicolons"],
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no file"),
        (("--refused", "x.csv"), "--refused: it sends nothing; leave the files away"),
        (("--format", "parquet", "x.csv"), "--format: not one of csv, tsv, ndjson, xlsx"),
    ],
)
def test_what_cannot_be_meant_is_exit_2(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """Before anything is asked of a broker."""
    shown = run_publish(*arguments, state=tmp_path)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr


def test_closed_standard_input_is_exit_2(tmp_path: Path) -> None:
    """A process without one would read whatever of its own took the number 0."""
    command = f"{Path(sys.executable).with_name('disruptions')} publish - --state {tmp_path} <&-"
    environment = os.environ | {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input is closed" in done.stderr


def test_a_state_that_cannot_be_made_is_exit_2(tmp_path: Path) -> None:
    """A row to be numbered needs the outbox; here something else stands where it would."""
    (tmp_path / "state" / "outbox.lock").mkdir(parents=True)
    path = tmp_path / "one.ndjson"
    path.write_text(EVENT.replace('"source_sequence":1,', ""))
    shown = run_publish(str(path), state=tmp_path / "state", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr.count("\n") == 1
    assert "choose a state directory that can be written" in shown.stderr


def test_rows_that_were_not_acknowledged_are_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By number, in the error and in the JSON that stands beside it."""
    monkeypatch.setattr(cli.publish, "WAIT_SECONDS", 0.5)
    file.write_text(EVENT * 3 + "{bad\n")
    shown = run_publish(str(file), "--json", state=tmp_path, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert shown.exit_code == 3
    said = json.loads(shown.stdout)
    assert (said["sent"], said["acknowledged"], said["refused"], said["unknown"]) == (3, 0, 1, 3)
    assert said["unknown_rows"] == [{"file": str(file), "rows": "1 to 3"}]
    assert f"not known whether sent: rows 1 to 3 of {file}" in shown.stderr


def test_nothing_refused_is_said_so(tmp_path: Path) -> None:
    """Without an outbox there is nothing to list."""
    assert run_publish("--refused", state=tmp_path).stdout == "0 refused by the broker and kept\n"
    assert json.loads(run_publish("--refused", "--json", state=tmp_path).stdout) == []
