"""Every command has help with an example, stands in README, and nothing is imported to list them."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.commands import COMMANDS
from cli.main import app

README = Path(__file__).parents[2] / "README.md"
FIXED = {
    "up",
    "publish",
    "heartbeat",
    "feeds",
    "alerts",
    "wait",
    "counts",
    "extract",
    "compare",
    "threats",
    "rejected",
    "redrive",
    "rates",
    "explain",
    "audit",
    "synth",
    "demo",
    "unloadable",
    "acknowledge-loss",
    "health",
}


def test_the_commands_are_the_fixed_ones() -> None:
    """Names of the design's table, and the demonstration."""
    assert set(COMMANDS) == FIXED


@pytest.mark.parametrize("name", sorted(FIXED))
def test_every_command_has_help_with_an_example(name: str) -> None:
    """An example that begins with the command itself, so that it can be copied."""
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0, shown.output
    assert "Example" in shown.output
    assert f"disruptions {name}" in shown.output.split("Example", 1)[1]


@pytest.mark.parametrize("name", sorted(FIXED - {"audit"}))
def test_every_command_takes_the_state_directory(name: str) -> None:
    """``--state``, or DISRUPTIONS_STATE."""
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "80"}).output
    assert "--state" in shown
    assert "DISRUPTIONS_STATE" in shown


@pytest.mark.parametrize("name", sorted(FIXED))
def test_every_command_is_in_readme(name: str) -> None:
    """README's table of commands has a row for it."""
    assert f"| `{name}" in README.read_text()


@pytest.mark.parametrize("name", sorted(FIXED))
def test_the_list_of_commands_names_it(name: str) -> None:
    """``disruptions --help`` has a line of 80 columns or less for it."""
    lines = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80"}).output.splitlines()
    assert any(line.split()[:1] == [name] for line in lines)
    assert max(map(len, lines)) <= 80


def test_listing_the_commands_imports_none_of_them() -> None:
    """Start-up stays quick: no client library, no web framework, no engine."""
    script = "import sys, cli.main\ntry: cli.main.app(['--help'])\nexcept SystemExit: print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    for heavy in ("httpx", "fastapi", "chdb", "confluent_kafka", "faust", "pydantic", "cli.counts"):
        assert f"'{heavy}'" not in loaded
