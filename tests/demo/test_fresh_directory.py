"""A demo clears what a demo left, and never anything else."""

import fcntl
from pathlib import Path

import pytest

from demo.command import build_settings
from demo.fresh_directory import choose_directory, leave_marker
from ledger.errors import Misuse
from local.stack import LOCK


def put_published(state: Path, content: bytes) -> None:
    """Put something into the first partition, as the broker lays it down."""
    partition = state / "kafka" / "data" / "soc.published-0"
    partition.mkdir(parents=True, exist_ok=True)
    with (partition / "00000000000000000000.log").open("ab") as segment:
        segment.write(content)


def test_an_empty_directory_is_taken_as_it_is(tmp_path: Path) -> None:
    """Made if it is missing."""
    assert choose_directory(tmp_path / "new", tmp_path) == tmp_path / "new"
    assert (tmp_path / "new").is_dir()


def test_what_an_earlier_demo_left_is_cleared(tmp_path: Path) -> None:
    """The same published bytes as when it ended."""
    put_published(tmp_path, b"a demo's events")
    leave_marker(tmp_path)
    assert choose_directory(tmp_path, Path("unused")) == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_directory_with_anybodys_events_is_refused(tmp_path: Path) -> None:
    """One byte more than the demo published is somebody's; so is a directory without a marker."""
    put_published(tmp_path, b"a demo's events")
    with pytest.raises(Misuse, match="--state"):
        choose_directory(tmp_path, Path("unused"))
    leave_marker(tmp_path)
    put_published(tmp_path, b"!")
    with pytest.raises(Misuse, match="--state"):
        choose_directory(tmp_path, Path("unused"))
    assert (tmp_path / "kafka").exists()


def test_the_first_marker_of_a_demo_holds(tmp_path: Path) -> None:
    """What is published while it is kept running is not the demo's."""
    leave_marker(tmp_path)
    put_published(tmp_path, b"during --keep")
    leave_marker(tmp_path)
    with pytest.raises(Misuse):
        choose_directory(tmp_path, Path("unused"))


def test_without_a_state_the_demo_goes_beside_anybodys_events(tmp_path: Path) -> None:
    """The default directory if it is free, or else one inside it."""
    assert choose_directory(None, tmp_path / "state") == tmp_path / "state"
    put_published(tmp_path / "state", b"a force's events")
    assert choose_directory(None, tmp_path / "state") == tmp_path / "state" / "demo"
    put_published(tmp_path / "state" / "demo", b"a demo's events")
    leave_marker(tmp_path / "state" / "demo")
    assert choose_directory(None, tmp_path / "state") == tmp_path / "state" / "demo"
    assert (tmp_path / "state" / "kafka").exists()


def test_a_directory_in_use_is_left_alone(tmp_path: Path) -> None:
    """Somebody's `up` holds the lock."""
    leave_marker(tmp_path)
    with (tmp_path / LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Misuse, match="in use"):
            choose_directory(tmp_path, Path("unused"))


def test_made_up_events_never_reach_a_named_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker of the environment is refused, by its name."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    with pytest.raises(Misuse, match="KAFKA_BOOTSTRAP_SERVERS"):
        build_settings(tmp_path)
