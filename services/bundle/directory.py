"""A bundle's directory while it is made: aside, for its owner alone, and renamed when it is whole.

1. Everything is written into ``.NAME.incomplete`` beside the place it is to have; what a killed run left there is
   removed first, and a second run at the same time is refused.
2. Every file is synced, then the manifest with the digest of each, then the directory.
3. It is renamed. Before that there is nothing at the place that was named.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from infra.file_replacement import OWNER_DIRECTORY, OWNER_FILE, flush_path
from infra.locks import try_lock
from ledger.errors import Misuse, Unavailable

FORMAT: Final = "disruption-ledger/bundle/v2"
UNSEALED_FORMAT: Final = "disruption-ledger/bundle/v1"  # of a log that seals no published figures
FOLLOWING_FORMAT: Final = "disruption-ledger/bundle/v3"  # of one that follows another, as v2 else
MANIFEST_NAME: Final = "manifest.json"
_PIECE_BYTES: Final = 1 << 20


class BundleDirectory:
    """The directory of one bundle; used as a ``with`` block, at whose end nothing is left that is not whole.

    Args:
        out: where the bundle is to be.

    Raises:
        Misuse: something is there already, or another process is making a bundle for it.
        OSError: it cannot be made there.
    """

    def __init__(self, out: Path) -> None:
        self._out = out.absolute()
        hold_empty(self._out)
        self.path = self._out.with_name(f".{self._out.name}.incomplete")
        self.path.mkdir(mode=OWNER_DIRECTORY, parents=True, exist_ok=True)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        if not try_lock(self._descriptor) or not self._is_mine():
            os.close(self._descriptor)
            raise Misuse(f"--out: another process is making a bundle at {out}")
        self._files: dict[str, BinaryIO] = {}
        self._clear_rest()

    def __enter__(self) -> Self:
        """Make a bundle in a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not finished. Raises Unavailable where the disk failed: nothing else would name the place."""
        for stream in self._files.values():
            with suppress(OSError):
                stream.close()
        if self._is_mine():
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._descriptor)
        if isinstance(error, OSError) and error.filename is None:
            raise Unavailable(f"{self._out} cannot be written: {error.strerror}; nothing was left there") from error

    def open_file(self, name: str) -> BinaryIO:
        """Open a file to append to; it stays open until all are closed."""
        found = self._files.get(name)
        if found is None:
            path = self.path / name
            self._make_folder(path.parent)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_FILE)
            found = self._files[name] = os.fdopen(descriptor, "wb")
        return found

    def close_files(self) -> None:
        """Close every file: to none of them more can be appended."""
        while self._files:
            self._files.popitem()[1].close()

    def write_file(self, name: str, content: bytes) -> None:
        """Write a whole file."""
        stream = self.open_file(name)
        stream.write(content)
        stream.close()
        del self._files[name]

    def finish_bundle(self, said: Mapping[str, Any]) -> str:
        """Write the manifest with what is said of the bundle, and put the bundle in its place; give its digest."""
        self.close_files()
        paths = sorted(path for path in self.path.rglob("*") if path.is_file())
        files = {path.relative_to(self.path).as_posix(): digest_file(path) for path in paths}
        content = json.dumps({**said, "files": files}, indent=1).encode() + b"\n"
        self.write_file(MANIFEST_NAME, content)
        for path in (self.path / MANIFEST_NAME, *(one for one in self.path.rglob("*") if one.is_dir()), self.path):
            flush_path(path)
        hold_empty(self._out)
        self.path.rename(self._out)
        flush_path(self._out.parent)
        return sha256(content).hexdigest()

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, each for its owner alone."""
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(mode=OWNER_DIRECTORY)

    def _is_mine(self) -> bool:
        """Tell whether the directory that is locked still lies aside."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def _clear_rest(self) -> None:
        for left in self.path.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()


def hold_empty(out: Path) -> None:
    """Hold that nothing would be overwritten. Raises Misuse."""
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise Misuse(f"--out: {out} is there already and is not an empty directory; name a new one")


def digest_file(path: Path) -> dict[str, str | int]:
    """Return a file's digest and size, as the manifest has them, once the disk has it."""
    found, size = sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            found.update(piece)
            size += len(piece)
        os.fsync(stream.fileno())
    return {"sha256": found.hexdigest(), "size": size}
