"""A file that is replaced whole: whoever reads sees all of it or what was there. Kept, after a power cut too."""

import os
from pathlib import Path
from typing import Final

from ledger.errors import Misuse

OWNER_FILE: Final = 0o600  # modes of what only its owner may read
OWNER_DIRECTORY: Final = 0o700


def hold_replaceable(file: Path) -> None:
    """Hold a path that somebody named to what a file may take the place of: a device or a pipe would be gone.

    Raises:
        Misuse: it is something else than a file, or would lie in no directory.
    """
    if file.exists() and not file.is_file():
        raise Misuse(f"{file} is no file: name a new one")
    if not file.absolute().parent.is_dir():
        raise Misuse(f"{file.parent} is no directory: name a file in one that is there")


def replace_file(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Make a file hold this: written aside, synced, renamed. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as out:
            out.write(content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    aside.replace(file)


def keep_file(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Make a file hold this, power cuts included: once it returns the old content does not come back. Raises OSError.

    A file's new name is the directory's to keep. Tiles do without: they are made again from what was published.
    """
    replace_file(file, content, mode)
    flush_path(file.parent)


def flush_path(path: Path) -> None:
    """Wait until the disk has a file or a directory. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(file: Path, text: str) -> None:
    """Make a file hold this text; one that does already is left alone (a full disk). Raises OSError."""
    if not (file.is_file() and file.read_bytes() == text.encode()):
        keep_file(file, text.encode())
