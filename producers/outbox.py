"""The outbox: a recorder's sequence and the events not yet acknowledged, in one SQLite file.

The order of effects, and why the sequence has no gap and nothing is lost:
1. A batch's numbers, the numbered events and the new counters are written in one transaction, synced to disk.
2. Only then is anything handed to Kafka.
3. What Kafka acknowledged is removed, later and in batches. A crash before that sends it again: the same event with the
   same id and number, which the ledger keeps as a duplicate.
4. A number once given to an event id stays its number: publishing the same draft again sends the same event again.
"""

import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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
    id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL, headers BLOB NOT NULL
);
"""

Write = Callable[[Draft, int | None], Message]


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
        with _disk():
            self._database = _connect(path)
            self._counters = dict(self._database.execute("SELECT recorder, last FROM counters"))
            self._last: int = self._database.execute("SELECT coalesce(max(id), 0) FROM pending").fetchone()[0]

    def store(self, drafts: Sequence[Draft], write: Write) -> list[Waiting | Misuse]:
        """Number what is not numbered and store every message; for each draft, as stored or why it was not.

        Args:
            drafts: in their order.
            write: makes the message of a draft with the sequence given to it; one that raises Misuse uses no number.

        Raises:
            Unavailable: the disk did not do its part; nothing was numbered.
        """
        unnumbered = [draft.fact.event_id for draft in drafts if not draft.numbered]
        batch = _Batch(dict(self._counters), self._issued(unnumbered))
        outcomes = [batch.message(draft, write) for draft in drafts]
        stored: list[Waiting | Misuse] = []
        for outcome in outcomes:
            if isinstance(outcome, Message):
                self._last += 1
                stored.append(Waiting(self._last, outcome))
            else:
                stored.append(outcome)
        self._write(batch, [each for each in stored if isinstance(each, Waiting)])
        self._counters = batch.counters
        return stored

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget events that Kafka acknowledged; not synced, as what a power cut brings back is a harmless resend."""
        with _disk():
            self._database.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._database:
                    self._database.executemany("DELETE FROM pending WHERE id = ?", [(number,) for number in numbers])
            finally:
                self._database.execute("PRAGMA synchronous = FULL")

    def after(self, number: int, rows: int = ROWS_PER_READ) -> list[Waiting]:
        """Stored events beyond ``number``, in the order in which they were stored."""
        query = "SELECT id, key, value, headers FROM pending WHERE id > ? ORDER BY id LIMIT ?"
        with _disk():
            found = self._database.execute(query, (number, rows)).fetchall()
        return [Waiting(n, Message(key, value, _unpack(headers))) for n, key, value, headers in found]

    def count_after(self, number: int) -> int:
        """How many stored events lie beyond ``number``."""
        counted: int = self._database.execute("SELECT count(*) FROM pending WHERE id > ?", (number,)).fetchone()[0]
        return counted

    def continue_after(self, recorder: str, sequence: int) -> None:
        """Number the recorder's next event ``sequence + 1``: for one that numbered its events elsewhere until now."""
        if sequence < self._counters.get(recorder, 0):
            raise Misuse("the recorder's sequence is already beyond that number; it never goes back")
        with _disk(), self._database:
            self._database.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (recorder, sequence))
        self._counters[recorder] = sequence

    def close(self) -> None:
        """Close the file; another publisher may take it."""
        self._database.close()
        self._lock.close()

    def _issued(self, event_ids: list[str]) -> dict[str, int]:
        """Numbers given before to these events."""
        if not event_ids:
            return {}
        query = "SELECT event_id, sequence FROM issued WHERE event_id IN (SELECT value FROM json_each(?))"
        with _disk():
            return dict(self._database.execute(query, (json.dumps(event_ids),)))

    def _write(self, batch: "_Batch", waiting: list[Waiting]) -> None:
        rows = [(n, m.key, m.value, msgspec.msgpack.encode(m.headers)) for n, m in waiting]
        with _disk(), self._database:
            self._database.executemany("INSERT INTO issued VALUES (?, ?)", batch.new)
            self._database.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", batch.counters.items())
            self._database.executemany("INSERT INTO pending (id, key, value, headers) VALUES (?, ?, ?, ?)", rows)


class _Batch:
    """Numbers given within one transaction."""

    def __init__(self, counters: dict[str, int], issued: dict[str, int]) -> None:
        self.counters = counters
        self.new: list[tuple[str, int]] = []
        self._issued = issued

    def message(self, draft: Draft, write: Write) -> Message | Misuse:
        """The message of a draft, or why it has none; only a message uses up a number."""
        try:
            if draft.numbered:
                return write(draft, None)
            event_id = draft.fact.event_id
            issued = self._issued.get(event_id)
            sequence = issued or self.counters.get(draft.recorder, 0) + 1
            message = write(draft, sequence)
        except Misuse as refused:
            return refused
        if issued is None:
            self.counters[draft.recorder] = self._issued[event_id] = sequence
            self.new.append((event_id, sequence))
        return message


@contextmanager
def _disk() -> Iterator[None]:
    """What SQLite raises is the world's fault; the transaction it was in is undone."""
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(f"the outbox cannot be used ({type(error).__name__}); nothing was numbered") from None


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(_SCHEMA)
    return database


def _unpack(headers: bytes) -> list[Header]:
    return msgspec.msgpack.decode(headers, type=list[Header])
