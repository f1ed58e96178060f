"""The folders are the architecture, and a check keeps it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def lint_packages(directory: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's verdict on the packages in ``directory``, by this project's own contracts."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture
def sample(root: Path, tmp_path: Path, packages: list[str]) -> Path:
    """A copy of the packages and contracts, to be broken."""
    for package in packages:
        shutil.copytree(
            root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "kafka", "results")
        )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_folder_with_python_in_it_stands_in_a_layer(tracked: dict[str, str], packages: list[str]) -> None:
    """A new package is in no contract until it is named; a top-level module would be in none for ever."""
    folders = {name.split("/")[0] for name in tracked if name.endswith(".py")} - {"tests"}
    assert folders <= set(packages), f"give {folders - set(packages)} a layer in pyproject.toml, under importlinter"
    assert set(packages) <= folders, f"these layers are empty: {set(packages) - folders}"


def test_the_contracts_that_cannot_read_the_layers_say_the_same(
    configuration: dict[str, Any], packages: list[str]
) -> None:
    """import-linter wants its packages twice more; mypy, coverage and the wheel take every folder that there is."""
    linter = configuration["tool"]["importlinter"]
    (circles,) = [one for one in linter["contracts"] if one["type"] == "acyclic_siblings"]
    assert sorted(linter["root_packages"]) == sorted(packages), "name the packages of the layers, and no other"
    assert sorted(circles["ancestors"]) == sorted(packages), "name the packages of the layers, and no other"


def test_the_page_shows_the_layers_that_the_contract_has(root: Path, layers: list[list[str]]) -> None:
    """The picture in ARCHITECTURE.md, line by line; the order within a line is the reader's."""
    page = (root / "ARCHITECTURE.md").read_text()
    picture = page.partition("## Folders are layers")[2].partition("```\n")[2].partition("```")[0]
    shown = [sorted(re.split(r" {2,}", line)[0].split(" | ")) for line in picture.splitlines()]
    assert shown == [sorted(layer) for layer in layers], "draw the layers of pyproject.toml in ARCHITECTURE.md"


def test_types_and_coverage_are_of_every_folder(configuration: dict[str, Any]) -> None:
    """What mypy and coverage leave out is named, so that a new package is in both without being named."""
    assert configuration["tool"]["mypy"]["files"] == ["."]
    assert configuration["tool"]["mypy"]["exclude"] == ["^mutants/"], "every package is typed"
    overrides = configuration["tool"]["mypy"]["overrides"]
    loosened = [one["module"] for one in overrides if "disallow_untyped_defs" in one or "disable_error_code" in one]
    assert loosened == [["tests.*"]], "every package but the tests is typed strictly"
    assert configuration["tool"]["coverage"]["run"]["source"] == ["."]


def test_imports_point_down_and_never_sideways(root: Path) -> None:
    """Every contract of pyproject.toml is kept."""
    verdict = lint_packages(root)
    assert verdict.returncode == 0, f"move the import, or what it wants, to the layer it belongs to:\n{verdict.stdout}"


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("audit/peeking.py", "import streams"),
        ("ledger/clock.py", "import time"),
        ("sinks/sideways.py", "import streams"),
        ("methodology/upwards.py", "import sinks"),
        ("services/measured.py", "import bench"),
    ],
)
def test_a_broken_import_is_noticed(sample: Path, module: str, line: str) -> None:
    """The check itself works: each contract refuses a module that breaks it."""
    (sample / module).write_text(f"{line}\n")
    verdict = lint_packages(sample)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert module.removesuffix(".py").replace("/", ".") in verdict.stdout


def test_a_circle_within_a_package_is_noticed(sample: Path) -> None:
    """Two modules that need each other are one, or three."""
    (sample / "audit/hen.py").write_text("from audit import egg\n")
    (sample / "audit/egg.py").write_text("from audit import hen\n")
    verdict = lint_packages(sample)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert "No cycles are allowed in audit" in verdict.stdout
