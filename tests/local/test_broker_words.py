"""The last words of a broker: the last error of its own log, of this life."""

from pathlib import Path

from local.broker import _read_last_error

LOG = """2026-11-25T09:15:21,142 ERROR KafkaServer an older life
2026-11-25T09:15:25,354 WARN  NetworkClient closed
2026-11-25T09:15:25,354 ERROR Kafka$ Exiting Kafka due to fatal exception
java.lang.RuntimeException: Error: node ID not found in data
\tat kafka.server.KafkaRaftServer$.initializeLogDirs(KafkaRaftServer.scala:157)
"""


def test_the_last_error_has_its_exception(tmp_path: Path) -> None:
    """The frames are left out; a log that was rolled is read from its start; none says nothing."""
    log = tmp_path / "broker.log"
    log.write_text(LOG)
    last = "Kafka$ Exiting Kafka due to fatal exception: Error: node ID not found in data"
    assert _read_last_error(log, 0) == last
    assert _read_last_error(log, 10_000) == last
    assert _read_last_error(log, len(LOG)) == ""
    assert _read_last_error(tmp_path / "none", 0) == ""


def test_an_error_without_an_exception_is_its_line(tmp_path: Path) -> None:
    """All that there is."""
    log = tmp_path / "broker.log"
    log.write_text("\n".join(LOG.splitlines()[:2]))
    assert _read_last_error(log, 0) == "KafkaServer an older life"
