"""A file is replaced whole, and what is there is on the disk before it takes the place of what was."""

import os
from pathlib import Path

import pytest

from infra.file_replacement import OWNER_FILE, replace_file, replace_text


def test_a_file_is_synced_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is synced all of it is written aside, and a reader sees the old one still."""
    file, seen = tmp_path / "below" / "mark", list[tuple[bytes, bytes]]()
    replace_file(file, b"old")
    sync = os.fsync

    def look_and_sync(descriptor: int) -> None:
        seen.append((file.read_bytes(), file.with_name("mark.new").read_bytes()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", look_and_sync)
    replace_file(file, b"new", OWNER_FILE)
    assert (seen, file.read_bytes()) == ([(b"old", b"new")], b"new")
    assert (file.stat().st_mode & 0o777, [one.name for one in file.parent.iterdir()]) == (0o600, ["mark"])


def test_a_text_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    """So a full disk is no trouble where nothing changes."""
    file = tmp_path / "said"
    replace_text(file, "é\n")
    before = file.stat().st_ino, file.stat().st_mtime_ns
    replace_text(file, "é\n")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == before
    replace_text(file, "other\n")
    assert (file.read_text(), file.stat().st_ino != before[0]) == ("other\n", True)
