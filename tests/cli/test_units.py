"""The units for systemd start what there is, and start it again whenever it ends."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app

UNITS = sorted((Path(__file__).parents[2] / "infra" / "systemd").glob("*.service"))
PROGRAM = "/usr/local/bin/disruptions"


def read_unit(file: Path) -> ConfigParser:
    """A unit's sections, with its own letters."""
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # as its documentation has it
    unit.read(file)
    return unit


@pytest.mark.parametrize("file", UNITS, ids=lambda one: one.name)
def test_a_unit_starts_a_command_that_is_there_again_and_again(file: Path) -> None:
    """Its options are the command's own; it goes on whatever it ended with."""
    service = read_unit(file)["Service"]
    program, *words = service["ExecStart"].split()
    assert (program, service["Restart"]) == (PROGRAM, "always")
    options = [one for one in words if one.startswith("--")]
    shown = CliRunner().invoke(app, [*words[: words.index(options[0])], "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert all(one in shown.output for one in options)


@pytest.mark.parametrize("file", UNITS, ids=lambda one: one.name)
def test_systemd_finds_nothing_wrong_with_a_unit(file: Path, tmp_path: Path) -> None:
    """By its own checker; the program and the user are of another machine."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here")
    copied = tmp_path / file.name
    here = str(Path(sys.executable).with_name("disruptions"))
    copied.write_text(file.read_text().replace(PROGRAM, here).replace("User=disruptions", "User=root"))
    done = subprocess.run(["systemd-analyze", "verify", str(copied)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_both_are_there() -> None:
    """A witness, and heartbeats."""
    assert [one.name for one in UNITS] == ["disruptions-heartbeat@.service", "disruptions-witness@.service"]
