"""Archives are complete or fetched again; a missing Maven is told with its remedy."""

from pathlib import Path

import pytest

from ledger.errors import Misuse, Unavailable
from local import jars


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory with a pom and the one archive that it asked for."""
    (tmp_path / "pom.xml").write_text("<project/>")
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "a.jar").touch()
    (tmp_path / "libs" / jars.STAMP).write_text(f"{jars.hash_pom(tmp_path / 'pom.xml')}\na.jar\n")
    return tmp_path


def test_a_complete_directory_is_not_fetched_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert jars.fetch_jars(home) == home / "libs"


@pytest.mark.parametrize("damage", ["a lost archive", "a changed pom", "no stamp"])
def test_an_incomplete_directory_is_seen(home: Path, damage: str) -> None:
    if damage == "a lost archive":
        (home / "libs" / "a.jar").unlink()
    elif damage == "a changed pom":
        (home / "pom.xml").write_text("<project>4.4</project>")
    else:
        (home / "libs" / jars.STAMP).unlink()
    assert not jars.is_complete(home)


def test_without_maven_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pom.xml").write_text("<project/>")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Misuse, match="make setup"):
        jars.fetch_jars(tmp_path)


def test_mavens_failure_is_told_and_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pom.xml").write_text("<project/>")
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho no such artifact\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no such artifact"):
        jars.fetch_jars(tmp_path)
    assert not jars.is_complete(tmp_path)
