"""The books of one partition: the live ones in memory, all of them packed in a snapshot beside it.

A snapshot is one SQLite file: packed books and, in the same transaction, how far they reach. It is a cache: whatever is
wrong with it (torn, of another topic, of another format, ahead of the topics) it is thrown away and folded again from
``soc.entries``. docs/decisions/0007 says why it is this store and this cadence.

A cache never stops the ledger: a snapshot that cannot be written (a full disk, a directory that may not be written to)
is left as it was, its books stay live, and health says so. One that cannot even be opened is kept in memory instead.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import msgspec
import structlog

from infra.status import end_trouble, report_trouble
from ledger.entries import JudgedBy
from ledger.errors import Unavailable
from methodology.book import FORMAT as BOOK_FORMAT
from methodology.book import Book

FORMAT = 2
IN_MEMORY = ":memory:"
log = structlog.get_logger(__name__)
LIVE_PER_PACKED = 5  # bytes of a live book for each packed byte: 4.4 measured (docs/decisions/0007)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reached (only INTEGER PRIMARY KEY CHECK (only = 0), said TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS books (threat_id TEXT PRIMARY KEY, packed BLOB NOT NULL, checksum INTEGER NOT NULL);
"""


class SnapshotReach(NamedTuple):
    """How far a snapshot's books reach."""

    covered: int  # offset of the last record of soc.published that is folded in
    ledger_time: int
    entries: int  # position in soc.entries from which to read on
    rejected: int  # position in soc.rejected from which to read on


REACHED_NOTHING = SnapshotReach(-1, 0, 0, 0)


class SnapshotSpoiled(Exception):
    """The snapshot cannot be used; its remedy is ``Books.discard_snapshot`` and a new recovery."""


class Books:
    """One partition's books, owned by one fold.

    Args:
        path: the snapshot's file.
        topics: identity of each topic the snapshot speaks of; one made of others is not used.
        live_bytes: bound of the live books' estimated size, kept at every ``save``.
    """

    def __init__(self, path: Path, topics: dict[str, str], live_bytes: int) -> None:
        self.live: dict[str, Book] = {}
        self.touched: set[str] = set()
        self.judged: JudgedBy | None = None
        """By what the newest output that is folded in was judged; None where there is none."""
        self._path = path
        self._identity = [FORMAT, BOOK_FORMAT, dict(sorted(topics.items()))]
        self._live_bytes = live_bytes
        self._sizes: dict[str, int] = {}
        self._trouble = f"books {path.stem}"
        self._in_memory = False
        self._guard = threading.Lock()  # a snapshot is written in a thread, and may be under way when books are left
        self._left = False
        self._store = self._open_snapshot()
        self.reached = self._read_reached()

    def fetch_book(self, threat_id: str) -> Book:
        """Fetch a book that is not live: unpacked from the snapshot, or new. Raises SnapshotSpoiled."""
        with _find_spoiled():
            row = self._store.execute("SELECT packed, checksum FROM books WHERE threat_id = ?", (threat_id,)).fetchone()
            if row is None:
                book = Book(threat_id)
            else:
                packed, checksum = row
                if crc32(packed) != checksum:
                    raise SnapshotSpoiled("a packed book differs from its checksum")
                book = Book.unpack(threat_id, packed)
                self._sizes[threat_id] = len(packed)
        self.live[threat_id] = book
        return book

    def touch_book(self, threat_id: str) -> Book:
        """Return a book, and mark it as touched."""
        self.touched.add(threat_id)
        return self.live.get(threat_id) or self.fetch_book(threat_id)

    def save_books(self, reached: SnapshotReach) -> bool:
        """Write every touched book and how far they reach, in one transaction; let go of books past the bound.

        False where the snapshot cannot be written, or the books were left meanwhile: it stays as it was, and the books
        stay live. Raises SnapshotSpoiled.
        """
        with self._guard:
            return not self._left and self._save_snapshot(reached)

    def _save_snapshot(self, reached: SnapshotReach) -> bool:
        said = json.dumps([*self._identity, list(reached), self.judged])
        with _find_spoiled():
            try:
                self._write_snapshot(said)
            except sqlite3.OperationalError as error:  # the disk's fault, not the snapshot's
                self._report_unwritable(str(error))
                return False
        if not self._in_memory:
            end_trouble(self._trouble)
        self.reached = reached
        self._let_go()
        self.touched.clear()
        return True

    def _write_snapshot(self, said: str) -> None:
        with self._store:
            self._store.executemany("INSERT OR REPLACE INTO books VALUES (?, ?, ?)", self._pack_touched())
            self._store.execute("INSERT OR REPLACE INTO reached VALUES (0, ?)", (said,))

    def close(self) -> None:
        """Forget the books; what was saved stays. A snapshot under way ends first, and none begins after."""
        with self._guard:
            self._left = True
            self.live.clear()
            self.touched.clear()
            with suppress(sqlite3.Error):
                self._store.close()

    def discard_snapshot(self) -> None:
        """Throw the snapshot away. Raises Unavailable where it cannot be removed."""
        self.close()
        if not _remove_snapshot(self._path):
            raise Unavailable(f"the snapshot {self._path} cannot be used and cannot be removed: remove it")

    def _pack_touched(self) -> Iterator[tuple[str, bytes, int]]:
        for threat_id in self.touched:
            packed = self.live[threat_id].pack()
            self._sizes[threat_id] = len(packed)
            yield threat_id, packed, crc32(packed)

    def _let_go(self) -> None:
        """Keep what was touched since the last save, if that fits; else keep nothing."""
        for kept in (self.touched, frozenset[str]()):
            if sum(self._sizes.values()) * LIVE_PER_PACKED <= self._live_bytes:
                return
            for threat_id in [one for one in self.live if one not in kept]:
                del self.live[threat_id]
                self._sizes.pop(threat_id, None)

    def _open_snapshot(self, *, fresh: bool = False) -> sqlite3.Connection:
        """Open the snapshot; one in memory where there can be none on the disk, or none that is fresh."""
        try:
            if fresh and self._path.exists():
                raise sqlite3.OperationalError("an old one cannot be removed")
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return _connect_anew(self._path)
        except (sqlite3.Error, OSError) as error:
            self._in_memory = True
            self._report_unwritable(str(error) if isinstance(error, sqlite3.Error) else error.strerror or "no reason")
            return _connect_snapshot(IN_MEMORY)

    def _report_unwritable(self, why: str) -> None:
        log.warning("snapshot not written", partition=self._path.stem, why=why)
        report_trouble(
            self._trouble,
            f"the snapshot of partition {self._path.stem} cannot be written ({why})",
            remedy=f"make room in {self._path.parent}, and let the ledger write there; intake goes on meanwhile",
        )

    def _read_reached(self) -> SnapshotReach:
        """Read what the snapshot says of itself; empty an unusable one."""
        try:
            row = self._store.execute("SELECT said FROM reached").fetchone()
            if row is None:
                return REACHED_NOTHING
            *identity, reached, judged = json.loads(row[0])
            if identity == self._identity:
                self.judged = None if judged is None else JudgedBy(*judged)
                return SnapshotReach(*reached)
        except (sqlite3.Error, ValueError, TypeError):
            pass
        self._store.close()
        _remove_snapshot(self._path)
        self._store = self._open_snapshot(fresh=True)
        return REACHED_NOTHING


@contextmanager
def _find_spoiled() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, msgspec.DecodeError, IndexError) as error:
        raise SnapshotSpoiled(type(error).__name__) from error


def _connect_anew(path: Path) -> sqlite3.Connection:
    """Open what lies there, thrown away first where it is no snapshot."""
    try:
        return _connect_snapshot(path)
    except sqlite3.Error:
        _remove_snapshot(path)
        return _connect_snapshot(path)


def _connect_snapshot(path: Path | str) -> sqlite3.Connection:
    """Open it in WAL mode, ``synchronous=NORMAL``: a power cut costs the last transactions, never their consistency."""
    store = sqlite3.connect(path, check_same_thread=False, timeout=1.0)  # one fold at a time, in whichever thread
    try:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("PRAGMA synchronous=NORMAL")
        store.executescript(_SCHEMA)
    except sqlite3.Error:
        store.close()
        raise
    return store


def _remove_snapshot(path: Path) -> bool:
    """Remove the snapshot's files; False where it is still there."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):  # a directory that may not be written to, say
            path.with_name(path.name + suffix).unlink()
    return not path.exists()
