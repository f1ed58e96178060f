"""Any error of a command: its sentence, its exit code, and what is kept of it."""

import errno
import os
from pathlib import Path

import pytest

from ledger.errors import Misuse, Unavailable
from terminal.exit_codes import judge_error


def make_system_error(number: int, place: str | None = None) -> OSError:
    """What the operating system says, of a file where one is named."""
    return OSError(number, os.strerror(number), place)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (Misuse("--by: no such dimension"), 2, "--by: no such dimension"),
        (Unavailable("the broker did not answer"), 3, "the broker did not answer"),
        (make_system_error(errno.EPIPE), 1, ""),
        (make_system_error(errno.EPIPE, "standard output"), 1, ""),
        (make_system_error(errno.EACCES, "/srv/theirs"), 2, "/srv/theirs: Permission denied"),
        (make_system_error(errno.ENOSPC, "outbox.sqlite"), 3, "outbox.sqlite: No space left on device"),
        (make_system_error(errno.ENOSPC), 3, "a file: No space left on device; what was written there is not whole"),
        (make_system_error(errno.EMFILE), 3, "OSError (Too many open files)"),
    ],
)
def test_whose_fault_it_is_makes_the_exit_code(error: Exception, code: int, says: str) -> None:
    """The caller's path is misuse, a machine's failure is 3, and whoever stopped reading is told nothing."""
    sentence, found = judge_error(error, None)
    assert found == code
    assert sentence.startswith(says) or says in sentence


def fail_on(value: str) -> None:
    """An error that quotes a record, upon another that does."""
    try:
        dict[str, str]()[value]
    except KeyError as error:
        raise ValueError(f"{value} is wrong") from error


def test_of_what_was_not_foreseen_the_trace_is_kept_and_no_message(tmp_path: Path) -> None:
    """Kind and place of each error of the chain; what an error says may be a value of a record."""
    with pytest.raises(ValueError, match="hunter2") as caught:
        fail_on("hunter2")
    sentence, code = judge_error(caught.value, tmp_path)
    kept = (tmp_path / "logs" / "faults.log").read_text()
    assert code == 3
    assert "ValueError at tests/cli/test_exit_codes.py:" in sentence
    assert str(tmp_path / "logs" / "faults.log") in sentence
    assert kept.index("KeyError\n") < kept.index("upon which:\n") < kept.index("ValueError\n")
    assert "hunter2" not in sentence + kept.replace('fail_on("hunter2")', "")


@pytest.mark.parametrize("state", [None, Path("/nowhere/at/all"), Path("/proc")])
def test_where_nothing_can_be_kept_the_sentence_is_all(state: Path | None) -> None:
    """And no directory is made for it."""
    sentence, code = judge_error(TypeError("hunter2"), state)
    assert code == 3
    assert "TypeError; details could not be written" in sentence
