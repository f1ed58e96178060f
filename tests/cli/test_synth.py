"""``disruptions synth`` from the outside."""

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner, Result

from cli.main import app


def run_synth(*options: str) -> Result:
    """The command, run in this process."""
    return CliRunner().invoke(app, ["synth", *options])


def test_a_year_is_written_to_a_file_and_counted_on_standard_error(tmp_path: Path) -> None:
    """One JSON object a line, ``record`` first."""
    result = run_synth("--seed", "4", "--year", "2021", "--output", str(tmp_path / "year.ndjson"))
    assert result.exit_code == 0
    assert result.stdout == ""
    lines = (tmp_path / "year.ndjson").read_bytes().splitlines()
    assert f"{len(lines):,} events of the year ending 30 June 2021, seed 4" in result.stderr
    assert list(json.loads(lines[0]))[:2] == ["record", "event_id"]


def test_a_disk_that_is_full_is_the_machines_fault_and_is_named() -> None:
    """Exit 3, and no fault of the software's own."""
    result = run_synth("--output", "/dev/full")
    assert result.exit_code == 3
    assert "/dev/full: No space left on device; what was written there is not whole" in result.stderr


def test_standard_output_is_the_default() -> None:
    """Nothing but events is on it."""
    result = run_synth()
    assert result.exit_code == 0
    assert {json.loads(line)["record"] for line in result.stdout.splitlines()} == {"DisruptionEvent", "ThreatEvent"}


def test_a_year_that_is_not_over_is_misuse() -> None:
    """This year's last late entries are still to come: exit 2, and the year to choose instead."""
    result = run_synth("--year", str(datetime.now(UTC).year))
    assert result.exit_code == 2
    assert "is not past yet; choose --year" in result.stderr
    assert result.stdout == ""


def test_a_file_that_cannot_be_written_is_misuse(tmp_path: Path) -> None:
    """The message names the option."""
    result = run_synth("--output", str(tmp_path / "missing" / "year.ndjson"))
    assert result.exit_code == 2
    assert "--output" in result.stderr
