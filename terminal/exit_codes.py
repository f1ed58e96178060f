"""What becomes of any error of a command: one sentence and an exit code, never a trace.

An error that nobody foresaw is told by its kind and place; its trace goes into a log under the state directory, without
the messages of the errors in it (they may quote a record, or a secret).
"""

import errno
import os
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typer

from ledger.errors import Misuse, Unavailable
from proofs.errors import NotValid
from queries.errors import WrongField

NOT_FINE, MISUSE, UNAVAILABLE = 1, 2, 3  # exit codes; 0 is fine, 1: rejected, differing, incomplete or not valid
FILE: Final = Path("logs") / "faults.log"  # under the state directory
ARGUMENTS: Final = frozenset({"disruption_id"})  # fields that are no options; their sentences say what they are
SOURCES: Final = Path(__file__).parent.parent
_OF_A_PATH: Final = frozenset({
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP,
    errno.ENAMETOOLONG,
})  # fmt: skip
_OF_A_DISK: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})  # what a write says, with no name


def judge_error(error: BaseException, state: Path | None) -> tuple[str, int]:
    """Return the sentence for the user, empty where nobody is left to read it, and the exit code.

    Args:
        error: any error that a command ended by.
        state: the state directory, for the details of what was not foreseen; None where it is not known.
    """
    if isinstance(error, Misuse):
        return describe_misuse(error), MISUSE
    if isinstance(error, Unavailable):
        return str(error), UNAVAILABLE
    if isinstance(error, NotValid):
        return f"not valid: {error}", NOT_FINE
    if isinstance(error, BrokenPipeError):  # whoever read standard output has had enough
        return "", NOT_FINE
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OF_A_DISK):
        return _judge_path(error)
    return _tell_unforeseen(error, state), UNAVAILABLE


def describe_misuse(error: Misuse) -> str:
    """Describe the caller's fault as the command line knows its place: ``--from`` for the field ``from``."""
    if not isinstance(error, WrongField):
        return str(error)
    return error.sentence if error.field in ARGUMENTS else f"--{error.field.replace('_', '-')}: {error.sentence}"


def exit_incomplete(answer: Mapping[str, Any], known_at: str | None) -> None:
    """Exit 1 where a figure was asked for as known at an instant, for ever, and may still grow.

    Without such an instant it is a live figure: it stands on its position, and is no failure because there may be more.
    """
    if known_at is not None and not answer["complete"]:
        raise typer.Exit(NOT_FINE)


def print_error(sentence: str) -> None:
    """Print one line on standard error; nothing where that cannot be written either."""
    if not sentence:
        return
    try:
        typer.echo("disruptions: " + " ".join(sentence.split()), err=True)
    except OSError:
        return


def _judge_path(error: OSError) -> tuple[str, int]:
    named, why = error.filename, error.strerror
    place = os.fsdecode(named) if isinstance(named, str | bytes) else "a file"
    if error.errno in _OF_A_PATH:
        return f"{place}: {why}; name a path that this user may use (--state names the state directory)", MISUSE
    return f"{place}: {why}; what was written there is not whole", UNAVAILABLE


def _tell_unforeseen(error: BaseException, state: Path | None) -> str:
    place = _find_place(error)
    what = f"{type(error).__name__}{_describe_system_error(error)}{f' at {place}' if place else ''}"
    file = _write_details(error, state)
    details = f"details are in {file}" if file else "details could not be written"
    return f"a fault of the software's own ended this: {what}; {details}: tell whoever looks after the ledger"


def _write_details(error: BaseException, state: Path | None) -> Path | None:
    """Return where the trace was written, without anything an error says; None where that was not possible."""
    if state is None or not state.is_dir():
        return None
    file = state / FILE
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC).isoformat()}\n{''.join(_format_details(error))}\n")
    except OSError:
        return None
    return file


def _format_details(error: BaseException) -> Iterator[str]:
    below = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if below is not None:
        yield from _format_details(below)
        yield "upon which:\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}{_describe_system_error(error)}\n"


def _describe_system_error(error: BaseException) -> str:
    return f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""


def _find_place(error: BaseException) -> str:
    """Return the last line of ours that was running."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(SOURCES) and ".venv" not in frame.filename]
    return f"{Path(ours[-1].filename).relative_to(SOURCES)}:{ours[-1].lineno}" if ours else ""
