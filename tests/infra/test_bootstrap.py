"""Set-up of a fresh clone: what it pins, what it asks Debian for, when it does nothing."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILE = Path(__file__).parents[2] / "infra" / "bootstrap.py"


@pytest.fixture
def bootstrap() -> ModuleType:
    """The program as a module of its own, so that a test may move its paths."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_program(directory: Path, name: str, body: str) -> None:
    file = directory / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def test_it_needs_nothing_but_the_standard_library() -> None:
    """It runs before anything is installed; -I -S leaves it no site-packages."""
    done = subprocess.run(
        ["python3", "-I", "-S", "-c", f"import runpy; runpy.run_path({str(FILE)!r})"], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_uv_is_the_locks_own_with_its_hashes(bootstrap: ModuleType) -> None:
    first, *rest = bootstrap.read_pinned_lines("uv").strip().splitlines()
    assert first.startswith("uv==")
    assert rest
    assert all("--hash=sha256:" in line for line in rest)


def test_an_unpinned_package_is_told_with_its_remedy(bootstrap: ModuleType) -> None:
    with pytest.raises(OSError, match="make lock"):
        bootstrap.read_pinned_lines("no-such-package")


def test_a_finished_environment_is_left_alone(
    bootstrap: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.STAMP = tmp_path / ".complete"
    bootstrap.STAMP.write_text(bootstrap.hash_inputs())
    bootstrap.provide_environment()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("java", "maven", "asked"),
    [
        ("echo 'openjdk version \"17.0.15\"' >&2", "true", ""),
        ("echo 'openjdk version \"11.0.2\"' >&2", "true", "default-jdk-headless"),
        ("echo 'java version \"1.8.0_1\"' >&2", None, "default-jdk-headless maven"),
        (None, None, "default-jdk-headless maven"),
    ],
)
def test_only_what_is_missing_is_asked_of_debian(  # noqa: PLR0917  # a machine is described by its programs
    java: str | None,
    maven: str | None,
    asked: str,
    bootstrap: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A JDK too old for the broker counts as missing; apt-get's arguments are what it was run with."""
    for name, body in (("java", java), ("mvn", maven)):
        if body is not None:
            write_program(tmp_path, name, body)
    write_program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    write_program(tmp_path, "sudo", 'shift; exec "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin-without-java")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    bootstrap.provide_java()
    lines = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
    installs = [line.rpartition("--no-install-recommends ")[2] for line in lines if line.startswith("install")]
    assert installs == ([asked] if asked else [])
