"""The folders are the architecture, and a check keeps it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = (
    "ledger",
    "methodology",
    "schemas",
    "infra",
    "synthetic",
    "producers",
    "streams",
    "sinks",
    "audit",
    "local",
    "dashboard",
    "services",
    "terminal",
    "cli",
    "demo",
)


def lint(directory: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's verdict on the packages in ``directory``, by this project's own contracts."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


@pytest.fixture
def sample(root: Path, tmp_path: Path) -> Path:
    """A copy of the packages and contracts, to be broken."""
    for package in PACKAGES:
        shutil.copytree(
            root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "kafka", "*.jar")
        )
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_point_down_and_never_sideways(root: Path) -> None:
    """Every contract of pyproject.toml is kept."""
    verdict = lint(root)
    assert verdict.returncode == 0, f"move the import, or what it wants, to the layer it belongs to:\n{verdict.stdout}"


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("audit/peeking.py", "import streams"),
        ("ledger/clock.py", "import time"),
        ("sinks/sideways.py", "import streams"),
        ("methodology/upwards.py", "import sinks"),
    ],
)
def test_a_broken_import_is_noticed(sample: Path, module: str, line: str) -> None:
    """The check itself works: each contract refuses a module that breaks it."""
    (sample / module).write_text(f"{line}\n")
    verdict = lint(sample)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert module.removesuffix(".py").replace("/", ".") in verdict.stdout
