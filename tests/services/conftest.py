"""Bundles for tests: one that is valid, copies of it, and the verdict of the program that lies in it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import offline_verifier
from tests.services import bundled

Verify = Callable[..., dict[str, Any]]


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A valid bundle; not to be touched."""
    ledger = bundled.make_sealed()
    ledger.figures.append(bundled.make_figure(2))
    out = tmp_path_factory.mktemp("bundles") / "made"
    bundled.write_bundle(out, ledger.make_source(ledger.seal_at(*bundled.CUTS)))
    return out


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy, to be tampered with."""
    return Path(shutil.copytree(made, tmp_path / "bundle"))


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """The verdict on a bundle."""

    def run_once(directory: Path, *options: str) -> dict[str, Any]:
        code = offline_verifier.main([str(directory), "--json", *options])
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert code == (0 if said["valid"] else 1)
        return said

    return run_once
