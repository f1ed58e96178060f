"""The outbox: a recorder's sequence and the events not yet acknowledged, in one SQLite file.

The order of effects, and why the sequence has no gap and nothing is lost:
1. A batch's numbers, the numbered events and the new counters are written in one transaction, synced to disk.
2. Only then is anything handed to Kafka.
3. What Kafka acknowledged is removed, later and in batches. A crash before that sends it again: the same event with the
   same id and number, which the ledger keeps as a duplicate.
4. A number once given to an event id stays its number: publishing the same draft again sends the same event again.
5. What Kafka refuses for good is set aside with its reason, and its number is given back, in one transaction: the
   recorder's next event takes the number, so that a hole in a sequence never speaks of an event that will not come.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from infra.locks import DirectoryLock
from ledger.errors import Misuse, Unavailable
from producers.drafts import Draft, Header, Message
from producers.numbering import NumberedBatch, Write

ROWS_PER_READ: Final = 1000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS counters (recorder TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issued (event_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS given_back (
    recorder TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (recorder, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, recorder TEXT NOT NULL,
    key BLOB NOT NULL, value BLOB NOT NULL, headers BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, recorder TEXT NOT NULL, reason TEXT NOT NULL,
    key BLOB NOT NULL, value BLOB NOT NULL, headers BLOB NOT NULL
);
"""

_SENT_AGAIN: Final = "DELETE FROM refused WHERE event_id IN (SELECT value FROM json_each(?))"
_LAST: Final = "SELECT max(coalesce(max(id), 0), (SELECT coalesce(max(id), 0) FROM refused)) FROM pending"
_SET_ASIDE: Final = (
    "INSERT INTO refused SELECT id, event_id, recorder, :reason, key, value, headers FROM pending WHERE id = :id",
    "INSERT OR IGNORE INTO given_back SELECT p.recorder, i.sequence FROM pending p JOIN issued i USING (event_id)"
    " WHERE p.id = :id",
    "DELETE FROM issued WHERE event_id = (SELECT event_id FROM pending WHERE id = :id)",
    "DELETE FROM pending WHERE id = :id",
)

_Pending = tuple[int, str, str, bytes, bytes, bytes]


class OutboxEvent(NamedTuple):
    """One event of the outbox, by its number in it."""

    number: int
    message: Message


class RefusedEvent(NamedTuple):
    """An event that the broker refused for good, by its number in the outbox, and why."""

    number: int
    event_id: str
    recorder: str
    reason: str


class Outbox:
    """One file, held by one publisher at a time; calls come one at a time (the publisher's lock).

    Args:
        path: the file; made with its directory if missing.

    Raises:
        Misuse: another publisher holds it.
        Unavailable: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._lock = _lock_outbox(path)
        try:
            with _catch_disk_errors():
                self._database = _connect_database(path)
                self._counters = dict(self._database.execute("SELECT recorder, last FROM counters"))
                self._last: int = self._database.execute(_LAST).fetchone()[0]
        except Unavailable:
            self._lock.release()
            raise

    def store_drafts(self, drafts: Sequence[Draft], write: Write) -> list[OutboxEvent | Misuse]:
        """Number what is not numbered and store every message; return each draft as stored, or why it was not.

        Args:
            drafts: in their order.
            write: makes the message of a draft with the sequence given to it; one that raises Misuse uses no number.

        Raises:
            Unavailable: the disk did not do its part; nothing was numbered.
        """
        unnumbered = [draft.fact.event_id for draft in drafts if not draft.numbered]
        batch = NumberedBatch(dict(self._counters), self._find_issued(unnumbered), self._list_given_back())
        stored: list[OutboxEvent | Misuse] = []
        rows: list[_Pending] = []
        for draft in drafts:
            made = batch.make_message(draft, write)
            if isinstance(made, Misuse):
                stored.append(made)
                continue
            number, headers = self._last + len(rows) + 1, msgspec.msgpack.encode(made.headers)
            stored.append(OutboxEvent(number, made))
            rows.append((number, draft.fact.event_id, draft.recorder, made.key, made.value, headers))
        self._write_batch(batch, rows)
        self._last += len(rows)
        self._counters = batch.counters
        return stored

    def remove_events(self, numbers: Iterable[int]) -> None:
        """Forget events that Kafka acknowledged; not synced, as what a power cut brings back is a harmless resend."""
        with _catch_disk_errors():
            self._database.execute("PRAGMA synchronous = NORMAL")
            try:
                with self._database:
                    self._database.executemany("DELETE FROM pending WHERE id = ?", [(number,) for number in numbers])
            finally:
                self._database.execute("PRAGMA synchronous = FULL")

    def set_aside(self, refusals: Iterable[tuple[int, str]]) -> None:
        """Keep apart what Kafka refused for good, by number and reason; a number given to it is the next event's."""
        with _catch_disk_errors(), self._database:
            for number, reason in refusals:
                for statement in _SET_ASIDE:
                    self._database.execute(statement, {"id": number, "reason": reason})

    def list_refused(self) -> list[RefusedEvent]:
        """List what is set aside, the oldest first."""
        with _catch_disk_errors():
            return [
                RefusedEvent(*row)
                for row in self._database.execute("SELECT id, event_id, recorder, reason FROM refused ORDER BY id")
            ]

    def list_after(self, number: int) -> list[OutboxEvent]:
        """List stored events beyond ``number``, in the order in which they were stored."""
        query = "SELECT id, key, value, headers FROM pending WHERE id > ? ORDER BY id LIMIT ?"
        with _catch_disk_errors():
            found = self._database.execute(query, (number, ROWS_PER_READ)).fetchall()
        return [OutboxEvent(n, Message(key, value, _unpack_headers(headers))) for n, key, value, headers in found]

    def count_after(self, number: int) -> int:
        """Count the stored events beyond ``number``."""
        with _catch_disk_errors():
            found = self._database.execute("SELECT count(*) FROM pending WHERE id > ?", (number,)).fetchone()
        return int(found[0])

    def continue_after(self, recorder: str, sequence: int) -> None:
        """Number the recorder's next event ``sequence + 1``: for one that numbered its events elsewhere until now."""
        if sequence < self._counters.get(recorder, 0):
            raise Misuse("the recorder's sequence is already beyond that number; it never goes back")
        with _catch_disk_errors(), self._database:
            self._database.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (recorder, sequence))
        self._counters[recorder] = sequence

    def close(self) -> None:
        """Close the file; another publisher may take it."""
        self._database.close()
        self._lock.release()

    def _find_issued(self, event_ids: list[str]) -> dict[str, int]:
        """Find the numbers given before to these events."""
        if not event_ids:
            return {}
        query = "SELECT event_id, sequence FROM issued WHERE event_id IN (SELECT value FROM json_each(?))"
        with _catch_disk_errors():
            return dict(self._database.execute(query, (json.dumps(event_ids),)))

    def _list_given_back(self) -> dict[str, list[int]]:
        """List the numbers of events that were refused for good, by recorder, the greatest first."""
        numbers: dict[str, list[int]] = {}
        with _catch_disk_errors():
            for recorder, number in self._database.execute("SELECT * FROM given_back ORDER BY sequence DESC"):
                numbers.setdefault(recorder, []).append(number)
        return numbers

    def _write_batch(self, batch: NumberedBatch, rows: list[_Pending]) -> None:
        with _catch_disk_errors(), self._database:
            self._database.executemany("INSERT INTO issued VALUES (?, ?)", batch.new)
            self._database.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", batch.counters.items())
            self._database.executemany("DELETE FROM given_back WHERE recorder = ? AND sequence = ?", batch.used)
            self._database.executemany("INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._database.execute(_SENT_AGAIN, (json.dumps([event_id for _, event_id, *_ in rows]),))


def _lock_outbox(path: Path) -> DirectoryLock:
    try:
        return DirectoryLock(
            path.with_suffix(".lock"),
            lambda _: "another publisher holds this outbox: give each its own, or close the other",
        )
    except OSError as error:
        raise Misuse(
            f"the outbox {path} cannot be made ({error.strerror or 'not a place for files'}): "
            "choose a state directory that can be written"
        ) from None


@contextmanager
def _catch_disk_errors() -> Iterator[None]:
    """Raise what SQLite raises as the world's fault; the transaction it was in is undone."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        reason = "the disk is full" if name == "SQLITE_FULL" else name
        raise Unavailable(
            f"the outbox cannot be used ({reason}): nothing of this was numbered, and what it holds is kept"
        ) from None


def _connect_database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(_SCHEMA)
    return database


def _unpack_headers(headers: bytes) -> list[Header]:
    return msgspec.msgpack.decode(headers, type=list[Header])
