"""The log as static files, in the layout of C2SP's tlog-tiles: ``checkpoint`` and ``tile/``; served by any web server.

A file is written aside, synced and renamed: a reader sees all of it or what was there before. Of each level the partial
tiles that checkpoints were made of are kept until the full tile is there, and then removed, as the specification
allows; whoever looks for one takes the first hashes of the full tile.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from infra.file_replacement import replace_file
from ledger.errors import Unavailable
from proofs.errors import NotValid
from proofs.notes import LARGEST_NOTE_BYTES
from proofs.tiles import TILE_WIDTH, HashTile, TileName
from proofs.tree import HASH_BYTES

CHECKPOINT_NAME: Final = "checkpoint"
SYNC_THREADS: Final = 8  # the kernel joins syncs that are waited for together
TIMEOUT_SECONDS: Final = 10.0
PIECE_BYTES: Final = 65_536
MANY_TILES: Final = 4


class LogFiles(ABC):
    """A log's files, wherever they are: below ``prefix``."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    @abstractmethod
    def read_file(self, name: str) -> bytes | None:
        """Read a file; None where it is not there. Raises Unavailable."""

    def read_tile(self, name: TileName) -> bytes:
        """Read a tile, a partial one from the full one where that took its place. Raises NotValid, Unavailable."""
        found = self.read_file(str(name))
        if found is None and name.width < TILE_WIDTH:
            found = _cut_tile(self.read_file(str(name._replace(width=TILE_WIDTH))), name)
        return self._hold_found(found, name)

    def read_checkpoint(self) -> bytes:
        """Read the newest checkpoint. Raises NotValid, Unavailable."""
        return self._hold_found(self.read_file(CHECKPOINT_NAME), CHECKPOINT_NAME)

    def _hold_found(self, found: bytes | None, name: object) -> bytes:
        if found is None:
            raise NotValid(f"{name} is missing under {self._prefix}")
        return found


class SealDirectory(LogFiles):
    """A log's directory."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path
        self._writers = ThreadPoolExecutor(SYNC_THREADS, "tiles")

    def write_tiles(self, tiles: Iterable[HashTile]) -> None:
        """Write tiles; what is there already and says the same is left alone. Raises OSError."""
        fresh = [tile for tile in tiles if self.read_file(str(tile.name)) != tile.hashes]
        if len(fresh) < MANY_TILES:
            for tile in fresh:
                self._write_tile(tile)
        else:
            list(self._writers.map(self._write_tile, fresh))

    def write_checkpoint(self, note: str) -> None:
        """Write the newest checkpoint. Raises OSError."""
        replace_file(self.path / CHECKPOINT_NAME, note.encode())

    def prune_partial(self, tiles: Iterable[TileName]) -> None:
        """Remove the partial tiles whose full ones are these."""
        for name in tiles:
            place = (self.path / str(name)).with_name(f"{str(name).rpartition('/')[2]}.p")
            with suppress(OSError):
                for file in place.iterdir():
                    file.unlink()
                place.rmdir()

    def close(self) -> None:
        """Let the writers go."""
        self._writers.shutdown()

    def _write_tile(self, tile: HashTile) -> None:
        replace_file(self.path / str(tile.name), tile.hashes)

    def read_file(self, name: str) -> bytes | None:
        """Read a file; None where it is not there. Raises Unavailable."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Unavailable(f"{self.path / name} cannot be read: {error.strerror}") from None


class ServedLog(LogFiles):
    """A log's directory behind a web server.

    Args:
        prefix: the address that ``/checkpoint`` and ``/tile/...`` stand below.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix.rstrip("/"))
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, follow_redirects=False)

    def read_file(self, name: str) -> bytes | None:
        """Fetch a file; None where it is not there. Raises Unavailable."""
        try:
            with self._client.stream("GET", f"{self._prefix}/{name}") as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return None
                if answer.status_code != httpx.codes.OK:
                    raise Unavailable(f"{self._prefix} answered {answer.status_code}")
                return self._read_bounded(answer, name)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"{self._prefix} does not answer ({type(error).__name__})") from None

    def _read_bounded(self, answer: httpx.Response, name: str) -> bytes:
        """Read an answer, which a server of somebody else's may never end. Raises Unavailable."""
        found, until = bytearray(), time.monotonic() + TIMEOUT_SECONDS
        for piece in answer.iter_bytes(PIECE_BYTES):
            found += piece
            if len(found) > LARGEST_NOTE_BYTES or time.monotonic() > until:
                raise Unavailable(
                    f"{name} under {self._prefix} is larger, or comes more slowly, than any file of a log"
                )
        return bytes(found)


def open_files(place: str) -> LogFiles:
    """Open a log's files at an address or in a directory."""
    return ServedLog(place) if place.startswith(("http://", "https://")) else SealDirectory(Path(place))


def _cut_tile(full: bytes | None, name: TileName) -> bytes | None:
    return None if full is None else full[: name.width * HASH_BYTES]
