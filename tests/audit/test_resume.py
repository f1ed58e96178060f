"""The file of a replay that goes on: what somebody named in its place stays as it was."""

import os
from pathlib import Path

import pytest

from audit.resume import FixedEnds, ReplayFile
from audit.until import ReplayEnd
from ledger.errors import Misuse

FIXED = FixedEnds(
    topics={"soc.published": "one"}, bounds=[], known_at=0, seed=1, instants=[], chains=[], figures=0, until=ReplayEnd()
)


@pytest.mark.parametrize("content", [b'{"record":"ThreatEvent"}\n', b"short", bytes(48)])
def test_a_file_that_keeps_no_replay_is_neither_written_nor_deleted(tmp_path: Path, content: bytes) -> None:
    """It was emptied, written over, and deleted when the replay was over."""
    file = tmp_path / "year.ndjson"
    file.write_bytes(content)
    with pytest.raises(Misuse, match="keeps no replay"):
        ReplayFile(file).begin_replay(FIXED)
    assert file.read_bytes() == content


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A pipe, as a device is one too: deleted in the end, it would lack for everybody."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Misuse, match="is no file"):
        ReplayFile(pipe).begin_replay(FIXED)
    assert pipe.is_fifo()


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    """As a program makes it that chooses names; what is begun in it is gone on with."""
    file = tmp_path / "kept"
    file.touch()
    ReplayFile(file).begin_replay(FIXED)
    assert ReplayFile(file).begin_replay(FIXED) == FIXED
