"""The loader in a simulation: the real one, and the real ``sinks.store.Store``, on connections to tables in memory.

A store answers late, refuses, or takes a block and loses the answer; it merges when it likes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from clickhouse_connect.driver.exceptions import DatabaseError

from infra.settings import Settings
from sinks.grains import Grain
from sinks.loader import Loader
from sinks.positions import find_frontiers
from sinks.store import Store
from tests.simulation.answers import answer_query
from tests.simulation.clients import DEATH
from tests.simulation.kernel import Defect, Kernel, Killed, Process, find_running
from tests.simulation.tables import MemoryTables, TableRow, read_container
from tests.simulation.threads import StopEvent

REFUSAL, LOST_ANSWER = 0.01, 0.02
AWAY = "Code: 210. DB::NetException: Connection refused (NETWORK_ERROR)"
READ_SECONDS = 0.7
PLAIN: dict[type, Callable[[Any], Any]] = {tuple: list, Grain: str}
"""What values become in a table."""


class MemoryClient:
    """In the place of clickhouse-connect's client."""

    def __init__(self, tables: MemoryTables) -> None:
        self.tables = tables

    def query(self, sql: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> Any:
        """Ask."""
        self._take_time()
        rows = self.answer_question(sql, parameters, settings)
        names = tuple(rows[0]) if rows else ()
        return SimpleNamespace(column_names=names, result_rows=[tuple(one.values()) for one in rows])

    def insert(self, table: str, rows: Sequence[Sequence[Any]], column_names: Sequence[str]) -> None:
        """Insert a few rows."""
        self._take_time()
        self.keep_rows(table, rows, column_names)
        self._lose_answer()

    def raw_insert(self, table: str, insert_block: bytes, fmt: str, settings: Mapping[str, Any]) -> None:
        """Insert one Avro container."""
        assert fmt == "Avro"
        self._take_time()
        count = self.keep_block(table, insert_block, settings)
        kernel = find_running()
        kernel.note_line(f"{kernel.current.name} writes {count} into {table}")
        self._lose_answer()

    def answer_question(self, sql: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> list[TableRow]:  # noqa: ARG002 - the engine's
        """Answer a question."""
        return answer_query(self.tables, sql, parameters)

    def keep_rows(self, table: str, rows: Sequence[Sequence[Any]], names: Sequence[str]) -> None:
        """Keep a few rows."""
        plain = [[PLAIN.get(type(value), _keep_pinned)(value) for value in one] for one in rows]
        self.tables.insert_rows(table, [dict(zip(names, one, strict=True)) for one in plain])

    def keep_block(self, table: str, block: bytes, settings: Mapping[str, Any]) -> int:  # noqa: ARG002 - the engine's
        """Keep a block: what passes through ``arrivals``, in one block for each view."""
        found = read_container(block)
        if table == "arrivals":
            self.tables.insert_arrivals("postings", found)
            self.lose_half()
            self.tables.insert_arrivals("threat_postings", found)
        else:
            self.tables.insert_rows(table, found)
        return len(found)

    def lose_output(self, table: str, partition: int, offset: int) -> None:
        """Lose what a disk lost."""
        lost = [one for one in self.tables.list_rows(table) if (one["partition"], one["offset"]) == (partition, offset)]
        self.tables.delete_rows(table, lost)

    def lose_half(self) -> None:
        """Fail, perhaps, between two blocks of one insert."""
        self._lose_answer()

    def merge_table(self, table: str) -> None:
        """Merge what lies there."""
        self.tables.merge_table(table)

    def _take_time(self) -> None:
        kernel = find_running()
        if not kernel.current.alive:
            raise Killed
        kernel.pass_time(0.05)
        if kernel.strikes_now(DEATH):
            kernel.current.end_now("asking the store")
        if kernel.strikes_now(REFUSAL):
            raise DatabaseError(AWAY)
        if kernel.strikes_now(0.05):
            self.merge_table(kernel.rng.choice(("entries", "postings", "threat_postings", "rejected")))

    def _lose_answer(self) -> None:
        kernel = find_running()
        kernel.pass_time(0.05)
        if kernel.strikes_now(3 * DEATH):
            kernel.current.end_now("after a write")
        if kernel.strikes_now(LOST_ANSWER):
            raise DatabaseError(AWAY)


def _keep_pinned(value: Any) -> Any:
    return value


class MemoryConnections:
    """In the place of ``sinks.connections.Connections``."""

    def __init__(self, client: MemoryClient) -> None:
        self._client = client

    @contextmanager
    def lend_connection(self) -> Iterator[MemoryClient]:
        """Lend one: they are as many as are wanted."""
        yield self._client

    def close(self) -> None:
        """Close none."""


class Reading:
    """What somebody who reads the store found there: how far it reaches, and the legs of what lies below."""

    def __init__(self, store: Store, tables: MemoryTables) -> None:
        self.positions = {number: one.position for number, one in find_frontiers(store).items()}
        self.is_cut = bool(store.damaged)
        self.legs = [one for one in tables.list_final("postings") if self._is_within(one)]
        self.threat_legs = [one for one in tables.list_final("threat_postings") if self._is_within(one)]

    def _is_within(self, row: TableRow) -> bool:
        return row["offset"] < self.positions.get(row["partition"], 0)


class LoaderProcess:
    """One process: a loader, and beside it somebody who reads what it has stored."""

    def __init__(self, kernel: Kernel, settings: Settings, tables: MemoryTables, readings: list[Reading]) -> None:
        self.process: Process = kernel.begin_process("loader")
        self.store: Store | None = None
        self._kernel, self._settings, self._tables, self._readings = kernel, settings, tables, readings
        self.stop = StopEvent()
        self.process.at_death.append(self._let_go)
        self.process.spawn_fiber("main", self._load)
        self.process.spawn_fiber("reader", self._read)

    def _load(self) -> None:
        self.store = Store(self._settings)
        Loader(self._settings, self.store).run(self.stop)  # type: ignore[arg-type]  # a stand-in

    def _let_go(self) -> None:
        if self.store is not None and self.store._lock is not None:
            self.store._lock.release()  # as the kernel does with what a process held

    def _read(self) -> None:
        while True:
            self._kernel.pause_fiber(READ_SECONDS)
            if self.store is not None:
                try:
                    self._readings.append(self.take_reading(self.store))
                except Defect:
                    raise
                except Exception as error:
                    self._kernel.note_line(f"nothing could be read: {type(error).__name__}")

    def take_reading(self, store: Store) -> Reading:
        """Read what is shown."""
        return Reading(store, self._tables)
