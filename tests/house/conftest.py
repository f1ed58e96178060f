"""What every house test reads: the tracked files and the parsed modules, once per session."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the clone."""
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> dict[str, str]:
    """Every tracked text file by its path, with its text."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    return {name: text for name in names if (text := _text(ROOT / name)) is not None}


@pytest.fixture(scope="session")
def modules(tracked: dict[str, str]) -> dict[str, ast.Module]:
    """Every tracked module of the application's packages, parsed."""
    return {
        name: ast.parse(text)
        for name, text in tracked.items()
        if name.endswith(".py") and name.split("/")[0] in PACKAGES
    }


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
