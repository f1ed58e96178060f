"""The store: ClickHouse by clickhouse-connect, in process (chDB) or a server (``CLICKHOUSE_DSN``), with the same code.

A connection serves one call at a time (the engine in process locks it), so the store keeps a few and lends one per
call: a loader's writes and a reader's questions never wait for one another's connection. In process, one process at a
time may hold the directory.
"""

import queue
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, ProgrammingError

from infra.settings import Settings
from ledger.errors import LedgerError, Misuse, Unavailable
from sinks import organisations, schema
from sinks.faults import said

CONNECTIONS_MOST: Final = 6
WAIT_SECONDS: Final = 30.0

Row = dict[str, Any]
Parameters = Mapping[str, Any]


class Store:
    """An open store. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle: queue.LifoQueue[Client | None] = queue.LifoQueue()
        for _ in range(CONNECTIONS_MOST):
            self._idle.put(None)  # opened when first lent

    @property
    def embedded(self) -> bool:
        """Whether the engine runs in this process."""
        return self._settings.clickhouse_dsn is None

    def migrate(self) -> None:
        """Bring the tables to this version, once each, and write the organisations down."""
        with self.client() as client:
            schema.apply(client, self._settings.clickhouse_cluster)
        organisations.write(self)

    def query(self, sql: str, parameters: Parameters | None = None, settings: Parameters | None = None) -> list[Row]:
        """Rows as dictionaries by column name. Values of the reader go by ``parameters`` alone, never into ``sql``."""
        with self.client() as client:
            result = client.query(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))
        return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def ndjson(self, sql: str, parameters: Parameters | None = None) -> bytes:
        """Rows as the engine writes them: one JSON object a line."""
        with self.client() as client:
            found: bytes = client.raw_query(sql, parameters=dict(parameters or {}), fmt="JSONEachRow")
        return found

    def insert_rows(self, table: str, columns: list[str], rows: list[list[Any]]) -> None:
        """Insert a few rows."""
        with self.client() as client:
            client.insert(table, rows, column_names=columns)

    def insert_avro(self, table: str, block: bytes, settings: Parameters) -> None:
        """Insert one Avro object container file; the engine decodes it, and takes all of it or nothing.

        Raises the client's own errors, for ``sinks.faults`` to judge.
        """
        with self._lent() as client:
            client.raw_insert(table, insert_block=block, fmt="Avro", settings=dict(settings))

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A connection for the length of one call.

        Raises:
            Unavailable: the store did not do it; the message is the engine's, without values.
        """
        try:
            with self._lent() as client:
                yield client
        except ClickHouseError as error:
            raise Unavailable(f"the store refused or did not answer: {said(error)}") from error

    @contextmanager
    def _lent(self) -> Iterator[Client]:
        try:
            client = self._idle.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise Unavailable(f"no connection to the store was free for {WAIT_SECONDS:.0f} s") from None
        try:
            if client is None:
                client = connect(self._settings)
            yield client
        finally:
            self._idle.put(client)

    def close(self) -> None:
        """Close every connection; the directory may then be opened by another process."""
        for _ in range(CONNECTIONS_MOST):
            client = self._idle.get(timeout=WAIT_SECONDS)
            if client is not None:
                client.close()
            self._idle.put(None)


def open_store(settings: Settings) -> Store:
    """The store that the settings name, reached once to be sure of it.

    Raises:
        Misuse: the DSN is not one, or the directory belongs to another process.
        Unavailable: the server does not answer.
    """
    store = Store(settings)
    store.query("SELECT 1")
    return store


def connect(settings: Settings) -> Client:
    """A new connection."""
    try:
        return (
            _embedded(settings)
            if settings.clickhouse_dsn is None
            else _server(settings.clickhouse_dsn.get_secret_value())
        )
    except ProgrammingError as error:
        raise Misuse(
            f"the store under {settings.state} cannot be opened: another process holds it ({said(error)})"
        ) from error
    except (ClickHouseError, OSError) as error:
        raise Unavailable(f"the store does not answer: {said(error)}") from error


def _embedded(settings: Settings) -> Client:
    path = settings.state / "clickhouse"
    path.mkdir(parents=True, exist_ok=True)
    return clickhouse_connect.get_client(interface="chdb", path=str(path))


def _server(dsn: str) -> Client:
    parts = urlsplit(dsn)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misuse("CLICKHOUSE_DSN is not of the form https://user:password@host:port/database")
    return clickhouse_connect.get_client(dsn=dsn, interface=parts.scheme, autogenerate_session_id=False)


__all__ = ["LedgerError", "Parameters", "Row", "Store", "connect", "open_store"]
