"""What every house test reads: the tracked files and the parsed modules, once per session."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the clone."""
    return ROOT


@pytest.fixture(scope="session")
def configuration() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="session")
def layers(configuration: dict[str, Any]) -> list[list[str]]:
    """The packages by layer, highest first: the one list of them, in the contract of layers."""
    (contract,) = [one for one in configuration["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return [[name.strip() for name in re.split(r"[|:]", layer)] for layer in contract["layers"]]


@pytest.fixture(scope="session")
def packages(layers: list[list[str]]) -> list[str]:
    """Every package, ``bench`` among them."""
    return [name for layer in layers for name in layer]


@pytest.fixture(scope="session")
def tracked() -> dict[str, str]:
    """Every tracked text file by its path, with its text."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    return {name: text for name in names if (text := _read_text(ROOT / name)) is not None}


@pytest.fixture(scope="session")
def modules(tracked: dict[str, str], packages: list[str]) -> dict[str, ast.Module]:
    """Every tracked module of the packages, parsed."""
    return {
        name: ast.parse(text)
        for name, text in tracked.items()
        if name.endswith(".py") and name.split("/")[0] in packages
    }


def _read_text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
