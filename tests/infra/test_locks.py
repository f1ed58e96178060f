"""Locks on directories: one process at a time, and nothing is left of a lock but a file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.locks import DirectoryLock, is_locked
from ledger.errors import Misuse


def describe_holder(holder: str) -> str:
    """Make the sentence of these tests."""
    return f"process {holder} has it"


def test_who_comes_second_is_told_who_has_it(tmp_path: Path) -> None:
    """The number is that of the process that holds the lock; afterwards it may be had again."""
    file = tmp_path / "made" / "lock"
    with DirectoryLock(file, describe_holder):
        with pytest.raises(Misuse, match=rf"^process {os.getpid()} has it$"):
            DirectoryLock(file, describe_holder)
        assert is_locked(file)
    assert not is_locked(file)
    with DirectoryLock(file, describe_holder):
        assert is_locked(file)


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    """Killed, it lets go; the file that it left says nothing."""
    file = tmp_path / "lock"
    hold = (
        "import sys; from pathlib import Path; from infra.locks import DirectoryLock\n"
        "lock = DirectoryLock(Path(sys.argv[1]), str); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as it:
        assert it.stdout is not None
        assert it.stdout.readline() == b"held\n"
        with pytest.raises(Misuse, match=rf"^process {it.pid} has it$"):
            DirectoryLock(file, describe_holder)
        it.kill()
    assert file.exists()
    DirectoryLock(file, describe_holder).release()


def test_a_holder_without_a_number_is_unknown(tmp_path: Path) -> None:
    """The disk was full, or somebody emptied the file."""
    file = tmp_path / "lock"
    with DirectoryLock(file, describe_holder):
        file.write_bytes(b"")
        with pytest.raises(Misuse, match=r"^process unknown has it$"):
            DirectoryLock(file, describe_holder)


def test_where_there_is_no_lock_nobody_has_it(tmp_path: Path) -> None:
    """No file is made by asking."""
    assert not is_locked(tmp_path / "lock")
    assert not (tmp_path / "lock").exists()
