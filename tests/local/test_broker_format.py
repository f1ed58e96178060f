"""The broker's data directory is formatted within a time, or not at all: a Java that hangs is not waited for."""

import time
from pathlib import Path

import psutil
import pytest

from ledger.errors import Unavailable
from local import broker as broker_module
from local.broker import Broker


@pytest.mark.parametrize(("script", "words"), [("exec sleep 60", "within 1 s"), ("exit 3", "could not be formatted")])
def test_a_format_that_hangs_or_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    """It is ended, nothing claims that the directory is formatted, and the next start begins it again."""
    java = tmp_path / "jdk/bin/java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    monkeypatch.setattr(broker_module, "FORMAT_TIMEOUT_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(Unavailable, match=words):
        Broker(tmp_path / "kafka").launch()
    assert time.monotonic() - began < 30
    assert not (tmp_path / "kafka/formatted").exists()
    assert [one.cmdline() for one in psutil.Process().children(recursive=True) if "sleep" in one.cmdline()] == []
