"""The store: ClickHouse by clickhouse-connect, in process (chDB) or a server (``CLICKHOUSE_DSN``), with the same code.

A connection serves one call at a time (the engine in process locks it), so a few are kept and one is lent per call.
Writes have connections of their own: however many ask, a loader goes on. In process, one process at a time may hold the
directory.

A store shows one generation of its tables, and may be switched to another at once (docs/decisions/0029). Whoever asks
or writes several times about one thing does so by ``Store.pin_generation``, which stays with what it began with.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from infra.locks import DirectoryLock
from infra.settings import Settings
from sinks import schema
from sinks.connections import DIRECTORY, Connections
from sinks.coverage import Coverage, OutputWrite
from sinks.faults import explain_refusal
from sinks.generation import Generation, WriteBell

OUTPUT_TABLES: Final = frozenset({"entries", "rejected"})
AVRO_SETTINGS: Final = MappingProxyType(
    {"output_format_avro_codec": "null", "output_format_avro_sync_interval": 1024 * 1024}
)

Row = dict[str, Any]
Parameters = Mapping[str, Any]


class Store:
    """An open store. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bell = WriteBell()
        self._lock = _lock_directory(settings.state / DIRECTORY) if settings.clickhouse_dsn is None else None
        self._held = Generation(settings)
        self._opened = [self._held]

    @property
    def embedded(self) -> bool:
        """Return whether the engine runs in this process."""
        return self._settings.clickhouse_dsn is None

    @property
    def generation(self) -> int:
        """Return the number of the generation that is shown."""
        return self._held.number

    @property
    def coverage(self) -> Coverage:
        """Return what is proved of what it shows, which ``sinks.positions`` asks for."""
        return self._held.coverage

    @property
    def writes(self) -> int | None:
        """Count the writes through this store; None where others write too. Unchanged: nothing has moved."""
        return self._bell.count if self.embedded else None

    @contextmanager
    def hear_writes(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call ``tell`` after every write through this store, in the writer's thread; it may neither wait nor raise."""
        bell = self._bell
        bell.hearers = (*bell.hearers, tell)
        try:
            yield
        finally:
            bell.hearers = tuple(one for one in bell.hearers if one is not tell)

    @property
    def damaged(self) -> Mapping[int, int]:
        """Return from where on ``sinks.integrity`` has found rows missing, by partition."""
        return self._held.damaged

    @property
    def published_id(self) -> str:
        """Return the identity of the ``soc.published`` that it is of, as it was noted; empty until then."""
        return self._held.published_id

    def keep_published_id(self, topic_id: str) -> None:
        """Keep the identity of the ``soc.published`` that it is of."""
        self._held.published_id = topic_id

    def note_damage(self, found: Mapping[int, int]) -> None:
        """Note where rows are missing, in place of what was noted before."""
        self._held.damaged = dict(found)
        self._bell.announce_write()

    def forget_coverage(self) -> None:
        """Prove anew, when next asked, what is covered: something that was there is gone."""
        self._held.coverage = self._held.coverage.renew_proof()
        self._bell.announce_write()

    def pin_generation(self) -> Self:
        """Return the same store as it is now: a switch of this one does not move it."""
        return copy(self)

    def open_beside(self, number: int) -> Self:
        """Return a store of another generation of these tables, whose writes nobody here hears of.

        Its database must be there before it is asked.
        """
        beside = copy(self)
        beside._bell, beside._held = WriteBell(), self._find_generation(number)
        return beside

    def switch_to(self, number: int) -> None:
        """Show another generation from now on, at once for all who ask this store; it is opened where it was not."""
        self._held = self._find_generation(number)
        self._bell.announce_write()

    def close_generation(self, number: int) -> None:
        """Close a generation that is not shown; whoever still asks it is refused once its tables are gone."""
        for one in [one for one in self._opened if one.number == number and one is not self._held]:
            one.close()
            self._opened.remove(one)

    def _find_generation(self, number: int) -> Generation:
        found = [one for one in self._opened if one.number == number]
        if not found:
            found = [Generation(self._settings, number)]
            self._opened += found
        return found[0]

    def apply_migrations(self, *, anew: bool = False) -> list[int]:
        """Apply the migrations that the tables lack, as ``schema.apply_migrations`` does. Raises as ``query`` does."""
        with _judge_errors(self._held.writers) as client:
            return schema.apply_migrations(client, self._settings.clickhouse_cluster, anew=anew)

    def query(self, sql: str, parameters: Parameters | None = None, settings: Parameters | None = None) -> list[Row]:
        """Return rows as dictionaries by column name; instants have their zone, which is UTC.

        A reader's values go by ``parameters``, never into ``sql``.

        Raises:
            Unavailable: the store did not do it; the message is the engine's number and name, without values.
        """
        with _judge_errors(self._held.readers) as client:
            result = client.query(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))
        return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def read_ndjson(self, sql: str, parameters: Parameters | None = None) -> bytes:
        """Return rows as the engine writes them: one JSON object a line. Raises as ``query`` does."""
        with _judge_errors(self._held.readers) as client:
            found: bytes = client.raw_query(sql, parameters=dict(parameters or {}), fmt="JSONEachRow")
        return found

    def read_avro(self, sql: str, parameters: Parameters) -> bytes:
        """Return rows as one Avro object container file, uncoded. Raises as ``query`` does."""
        with _judge_errors(self._held.readers) as client:
            found: bytes = client.raw_query(sql, parameters=dict(parameters), fmt="Avro", settings=dict(AVRO_SETTINGS))
        return found

    def insert_rows(self, table: str, columns: list[str], rows: list[list[Any]]) -> None:
        """Insert a few rows; the store is asked anew how far outputs reach that come so. Raises as ``query`` does."""
        with (
            self._count_write(),
            self._note_outputs(table, columns, rows),
            _judge_errors(self._held.writers) as client,
        ):
            client.insert(table, rows, column_names=columns)

    def _note_outputs(
        self, table: str, columns: list[str], rows: list[list[Any]]
    ) -> AbstractContextManager[OutputWrite | None]:
        if table not in OUTPUT_TABLES:
            return nullcontext()
        return self._held.coverage.note_write({row[columns.index("partition")] for row in rows})

    def insert_aside(self, table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
        """Insert rows that no balance rests on: what was answered stays as it is. Raises as ``query`` does."""
        with _judge_errors(self._held.writers) as client:
            client.insert(table, rows, column_names=columns)

    def insert_columns(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Insert as ``insert_aside`` does, what is given column by column: half the work of rows, of which it is made
        there. Dates and instants may be numbers, as the table holds them.
        """
        with _judge_errors(self._held.writers) as client:
            client.insert(table, values, column_names=columns, column_oriented=True)

    @contextmanager
    def write_outputs(self, partitions: Collection[int]) -> Iterator[OutputWrite]:
        """Count one write of outputs of these partitions, made by ``insert_avro`` within the block.

        What was stored is proved, where the write tells of it, before anybody hears that something was written.
        """
        with self._count_write(), self._held.coverage.note_write(partitions) as write:
            yield write

    def insert_avro(self, table: str, block: bytes, settings: Parameters) -> None:
        """Insert one Avro object container file; the engine decodes it, and takes all of it or nothing.

        Within ``write_outputs``. Raises the client's own errors, for ``sinks.faults`` to judge.
        """
        with self._held.writers.lend_connection() as client:
            client.raw_insert(table, insert_block=block, fmt="Avro", settings=dict(settings))

    @contextmanager
    def _count_write(self) -> Iterator[None]:
        """Count a write once it is over, whether or not it is known to have been made."""
        try:
            yield
        finally:
            self._bell.announce_write()

    def close(self) -> None:
        """Close every connection; the directory may then be opened by another process."""
        for one in self._opened:
            one.close()
        if self._lock is not None:
            self._lock.release()


def open_store(settings: Settings) -> Store:
    """Open the store that the settings name, reached once to be sure of it.

    Raises:
        Misuse: the DSN is not one, or the directory belongs to another process.
        Unavailable: the server does not answer.
    """
    store = Store(settings)
    try:
        store.query("SELECT 1")
    except BaseException:
        store.close()
        raise
    return store


def _lock_directory(directory: Path) -> DirectoryLock:
    """Lock the engine's directory; the engine does not (tried: a second process opens it without a word)."""
    return DirectoryLock(
        directory / "held.lock",
        lambda _: (
            f"the store in {directory} is open in another process (the read API of a running `up`?): "
            "ask that, or stop it first"
        ),
    )


@contextmanager
def _judge_errors(connections: Connections) -> Iterator[Client]:
    try:
        with connections.lend_connection() as client:
            yield client
    except ClickHouseError as error:
        raise explain_refusal(error) from error
