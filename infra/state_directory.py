"""The state directory: which names it may have, and that it can be written to.

A name is never taken as syntax: what Kafka, Java or the engine would read as more than a name is either not shown to
them (relative names, escapes) or refused here, in one sentence.
"""

import os
from pathlib import Path

from ledger.errors import Misuse, Unavailable

LONGEST_BYTES = 3_000  # of 4,096 that the system allows: partitions, tables and parts have names below it
ENGINE_SYNTAX = "?"  # the engine reads what follows as options, whatever is done to escape it


def provide_directory(state: Path) -> Path:
    """Return the directory, absolute and made if it is missing.

    Raises:
        Misuse: its name cannot be used, or it is no directory, or may not be written to.
        Unavailable: the disk is full, or does not do its part.
    """
    check_name(state.absolute())
    try:
        found = check_name(state.resolve())
        (found / "run").mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise Misuse(f"{state} is not a directory, or lies below a file: choose another --state") from None
    except PermissionError:
        raise Misuse(f"{state} may not be written to by this user: choose another --state, or its owner") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise Unavailable(f"{state} cannot be used: {getattr(error, 'strerror', None) or error}") from None
    return found


def check_name(state: Path) -> Path:
    """Return the path, if it can be handed to everything that is to write below it. Raises Misuse."""
    written = os.fsencode(state)
    spoken = written.decode(errors="backslashreplace")
    if _is_garbled(written):
        raise Misuse(f"the state directory's name is not UTF-8: {spoken}: rename it, or choose another --state")
    if not str(state).isprintable():
        raise Misuse(f"the state directory's name has characters that cannot be printed: {str(state)!r}: rename it")
    if ENGINE_SYNTAX in str(state):
        raise Misuse(f"{spoken}: a state directory's path may not have a question mark: rename it, or choose another")
    if len(written) > LONGEST_BYTES:
        raise Misuse(f"the state directory's path is longer than {LONGEST_BYTES:,} bytes: choose a shorter --state")
    return state


def _is_garbled(written: bytes) -> bool:
    try:
        written.decode()
    except UnicodeDecodeError:
        return True
    return False
