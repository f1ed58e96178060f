"""What a part says of itself: signs of life, troubles, last words, on a disk that may be full."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import status
from infra.preallocated_file import PreallocatedFile, read_json_object


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory of which this process is the part ``worker-7``."""
    status.open_status(tmp_path, "worker-7", os.getpid())
    yield tmp_path
    status.close_status()


def test_a_part_says_who_it_is_and_that_it_starts(state: Path) -> None:
    """Name, number, and no trouble yet."""
    said = status.read_status(state, "worker-7")
    assert (said["name"], said["pid"], said["state"], said["troubles"]) == ("worker-7", os.getpid(), "starting", [])


def test_beats_grow_while_its_loop_turns(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three turns of the loop are three beats."""
    monkeypatch.setattr(status, "EVERY_SECONDS", 0.0)
    for _ in range(3):
        status.report_status("working")
    assert status.read_status(state, "worker-7")["beats"] == 3
    assert status.read_status(state, "worker-7")["state"] == "working"


def test_a_trouble_is_there_until_it_is_over(state: Path) -> None:
    """Under its key; a later report of the same kind takes its place."""
    status.report_trouble("books 3", "cannot be written", remedy="make room")
    status.report_trouble("books 3", "cannot be written still", remedy="make room")
    assert status.read_status(state, "worker-7")["troubles"] == [
        {"what": "cannot be written still", "remedy": "make room"}
    ]
    status.end_trouble("books 3")
    assert status.read_status(state, "worker-7")["troubles"] == []


def test_last_words_stay(state: Path) -> None:
    """The process is gone; why stands in its file."""
    status.say_last_words("the topic was made anew")
    status.close_status()
    said = status.read_status(state, "worker-7")
    assert said["state"] == "stopped"
    assert said["troubles"] == [{"what": "the topic was made anew", "remedy": "it is started again; see its log"}]


def test_a_process_that_is_no_part_says_nothing(tmp_path: Path) -> None:
    """Commands and tests call the same code: no file is made of it."""
    status.report_status("working")
    status.report_trouble("any", "a trouble", remedy="a remedy")
    assert status.list_troubles() == [{"what": "a trouble", "remedy": "a remedy"}]
    status.end_trouble("any")
    assert status.list_troubles() == []
    assert list(tmp_path.iterdir()) == []


def test_a_slate_keeps_its_room(tmp_path: Path) -> None:
    """1,000 bytes from the first word on: a full disk does not take them away."""
    slate = PreallocatedFile(tmp_path / "run" / "s.json", 1_000)
    assert slate.write({"long": "x" * 900})
    assert slate.write({"short": 1})
    assert (tmp_path / "run" / "s.json").stat().st_size == 1_000
    assert read_json_object(tmp_path / "run" / "s.json") == {"short": 1}
    assert not slate.write({"too": "x" * 1_000})
    assert read_json_object(tmp_path / "run" / "s.json") == {"short": 1}


def test_a_slate_that_cannot_be_written_says_so_and_nothing_breaks(tmp_path: Path) -> None:
    """A file stands where its directory should be."""
    (tmp_path / "run").write_text("")
    assert not PreallocatedFile(tmp_path / "run" / "s.json", 1_000).write({})


@pytest.mark.parametrize("content", ["", "[1]", "{", "\x00\x00", "nul", '{"a": '])
def test_what_is_no_object_reads_as_none(tmp_path: Path, content: str) -> None:
    """Torn, truncated, of another kind: all of it is nothing."""
    (tmp_path / "s.json").write_text(content)
    assert read_json_object(tmp_path / "s.json") == {}
