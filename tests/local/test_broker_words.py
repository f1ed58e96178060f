"""The last words of a broker: the last error of its own log, of this life."""

from pathlib import Path

import pytest

from local.broker_words import find_last_error, read_life, tell_end

LOG = """2026-11-25T09:15:21,142 ERROR KafkaServer an older life
2026-11-25T09:15:25,354 WARN  NetworkClient closed
2026-11-25T09:15:25,354 ERROR Kafka$ Exiting Kafka due to fatal exception
java.lang.RuntimeException: Error: node ID not found in data
\tat kafka.server.KafkaRaftServer$.initializeLogDirs(KafkaRaftServer.scala:157)
"""


ACCEPTING = """2026-11-29T11:53:33,122 ERROR DataPlaneAcceptor Error while accepting connection
java.io.IOException: Too many open files"""
FAILED = "2026-11-29T11:53:35,290 ERROR LogManager all log dirs have failed"
NO_FILES = "it may open no more files: raise `ulimit -n`"
NO_MEMORY = "it may have no more memory: raise the limit, or give it more"


def test_the_last_error_has_its_exception(tmp_path: Path) -> None:
    """The frames are left out; a log that was rolled is read from its start; none says nothing."""
    log = tmp_path / "broker.log"
    log.write_text(LOG)
    last = "Kafka$ Exiting Kafka due to fatal exception: Error: node ID not found in data"
    assert find_last_error(read_life(log, 0)) == last
    assert find_last_error(read_life(log, 10_000)) == last
    assert find_last_error(read_life(log, len(LOG))) == ""
    assert find_last_error(read_life(tmp_path / "none", 0)) == ""


def test_an_error_without_an_exception_is_its_line() -> None:
    """All that there is."""
    assert find_last_error("\n".join(LOG.splitlines()[:2])) == "KafkaServer an older life"


@pytest.mark.parametrize(
    ("own", "console", "told"),
    [
        ("", "", ""),
        (
            f"{ACCEPTING}\n{FAILED}",
            "",
            f"{NO_FILES}: LogManager all log dirs have failed",
        ),
        (FAILED, "", "LogManager all log dirs have failed"),
        ("", "Terminating due to java.lang.OutOfMemoryError: Java heap space", NO_MEMORY),
        ("", "# There is insufficient memory for the Java Runtime Environment to continue.", NO_MEMORY),
    ],
)
def test_what_was_lacking_comes_first(own: str, console: str, told: str) -> None:
    """With what to do; the last error alone would name what followed from it."""
    assert tell_end(own, console) == told
