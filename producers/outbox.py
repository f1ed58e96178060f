"""The outbox: a recorder's sequence and the events not yet acknowledged, in one SQLite file.

The order of effects, and why the sequence has no gap and nothing is lost:
1. A batch's numbers, the numbered events and the new counters are written in one transaction, synced to disk.
2. Only then is anything handed to Kafka.
3. What Kafka acknowledged is removed, later and in batches. A crash before that sends it again: the same event with the
   same id and number, which the ledger keeps as a duplicate.
4. A number once given to an event id stays its number: publishing the same draft again sends the same event again.
"""

import fcntl
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ledger.errors import Misuse, Unavailable
from producers.drafts import Draft, Header, Message

ROWS_PER_READ: Final = 1000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS counters (recorder TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issued (event_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL, value BLOB NOT NULL, headers BLOB NOT NULL
);
"""


class Waiting(NamedTuple):
    """One event of the outbox, by its number in it."""

    number: int
    message: Message


class Outbox:
    """One file, held by one publisher at a time; calls come one at a time (the publisher's lock).

    Args:
        path: the file; made with its directory if missing.

    Raises:
        Misuse: another publisher holds it.
        Unavailable: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise Misuse("another publisher holds this outbox: give each its own, or close the other") from None
        try:
            self._database = _connect(path)
            self._counters = dict(self._database.execute("SELECT recorder, last FROM counters"))
        except sqlite3.Error as error:
            self._lock.close()
            raise Unavailable(f"the outbox cannot be used ({type(error).__name__})") from None

    def store(self, drafts: Sequence[Draft], write: Callable[[Draft, int | None], Message]) -> list[Waiting | Misuse]:
        """Number what is not numbered and store every message; for each draft, as stored or why it was not.

        Args:
            drafts: in their order.
            write: makes the message of a draft with the sequence given to it; one that raises Misuse uses no number.

        Raises:
            Unavailable: the disk did not do its part; nothing was numbered.
        """
        counters = dict(self._counters)
        try:
            with self._database:
                stored = [self._store_one(draft, write, counters) for draft in drafts]
                self._database.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", counters.items())
        except sqlite3.Error as error:
            raise Unavailable(f"the outbox cannot be written ({type(error).__name__}); nothing was numbered") from None
        self._counters = counters
        return stored

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget events that Kafka acknowledged."""
        with self._database:
            self._database.executemany("DELETE FROM pending WHERE id = ?", [(number,) for number in numbers])

    def after(self, number: int, rows: int = ROWS_PER_READ) -> list[Waiting]:
        """Stored events beyond ``number``, in the order in which they were stored."""
        query = "SELECT id, key, value, headers FROM pending WHERE id > ? ORDER BY id LIMIT ?"
        found = self._database.execute(query, (number, rows))
        return [Waiting(n, Message(key, value, _unpack(headers))) for n, key, value, headers in found]

    def count_after(self, number: int) -> int:
        """How many stored events lie beyond ``number``."""
        counted: int = self._database.execute("SELECT count(*) FROM pending WHERE id > ?", (number,)).fetchone()[0]
        return counted

    def continue_after(self, recorder: str, sequence: int) -> None:
        """Number the recorder's next event ``sequence + 1``: for one that numbered its events elsewhere until now."""
        if sequence < self._counters.get(recorder, 0):
            raise Misuse("the recorder's sequence is already beyond that number; it never goes back")
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (recorder, sequence))
        self._counters[recorder] = sequence

    def close(self) -> None:
        """Close the file; another publisher may take it."""
        self._database.close()
        self._lock.close()

    def _store_one(
        self, draft: Draft, write: Callable[[Draft, int | None], Message], counters: dict[str, int]
    ) -> Waiting | Misuse:
        try:
            if draft.numbered:
                return self._insert(write(draft, None))
            issued = self._issued(draft.fact.event_id)
            sequence = issued or counters.get(draft.recorder, 0) + 1
            message = write(draft, sequence)
        except Misuse as refused:
            return refused
        if not issued:
            counters[draft.recorder] = sequence
            self._database.execute("INSERT INTO issued VALUES (?, ?)", (draft.fact.event_id, sequence))
        return self._insert(message)

    def _issued(self, event_id: str) -> int | None:
        try:
            found = self._database.execute("SELECT sequence FROM issued WHERE event_id = ?", (event_id,)).fetchone()
        except UnicodeEncodeError:
            raise Misuse("event_id: not text that can be encoded") from None
        return int(found[0]) if found else None

    def _insert(self, message: Message) -> Waiting:
        row = (message.key, message.value, msgspec.msgpack.encode(message.headers))
        stored = self._database.execute("INSERT INTO pending (key, value, headers) VALUES (?, ?, ?)", row)
        return Waiting(stored.lastrowid or 0, message)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(_SCHEMA)
    return database


def _unpack(headers: bytes) -> list[Header]:
    return msgspec.msgpack.decode(headers, type=list[Header])
