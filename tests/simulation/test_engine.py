"""The tables in memory are held to the engine: some runs ask each question of both, and write each block into both."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from sinks.connections import open_connection
from sinks.schema import apply_migrations
from tests.simulation.answers import KNOWN
from tests.simulation.kernel import Defect
from tests.simulation.loaders import MemoryClient
from tests.simulation.losing import LosingWorld
from tests.simulation.runs import run_seed
from tests.simulation.tables import MemoryTables, TableRow, read_container
from tests.simulation.world import World

SEEDS = (38, 57)
TOO_SELDOM = {"DELETE FROM closing_balances WHERE has("}  # an hour after its closing is gone
TABLES = {
    "entries": "partition, offset, part, previous_offset, verdict, leg_count, threat_leg_count, software",
    "rejected": "partition, offset, previous_offset, code, message, software",
    "postings": "partition, offset, leg, disruption_id, organisation, standing, sign",
    "threat_postings": "partition, offset, leg, owner, kind, tier, closed, sign",
    "closing_balances": "closing, organisation, pillar, standing, n",
}
pytestmark = [pytest.mark.live, pytest.mark.usefixtures("prepared")]


class MirroredClient(MemoryClient):
    """A client of tables in memory and of an engine at once."""

    def __init__(self, tables: MemoryTables, engine: Client) -> None:
        super().__init__(tables)
        self._engine = engine
        self.asked: set[str] = set()

    def answer_question(self, sql: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> list[TableRow]:
        """Ask both."""
        found = super().answer_question(sql, parameters, settings)
        self.hold_answer(sql, found, self._engine.query(sql, parameters=dict(parameters), settings=dict(settings)))
        return found

    def hold_answer(self, sql: str, found: list[TableRow], said: Any) -> None:
        """Hold one answer to the other."""
        self.asked |= {next((one for one in KNOWN if one in " ".join(sql.split())), "")}
        engine = [dict(zip(said.column_names, row, strict=True)) for row in said.result_rows]
        if not sql.lstrip().startswith(("INSERT", "DELETE")) and _sort_rows(found) != _sort_rows(engine):
            raise Defect(f"another answer than the engine's to {sql}:\n{found}\n{engine}")

    def keep_rows(self, table: str, rows: Sequence[Sequence[Any]], names: Sequence[str]) -> None:
        """Write into both."""
        super().keep_rows(table, rows, names)
        self._engine.insert(table, rows, column_names=names)

    def keep_block(self, table: str, block: bytes, settings: Mapping[str, Any]) -> int:
        """Write into both."""
        self._engine.raw_insert(table, insert_block=block, fmt="Avro", settings=dict(settings))
        try:
            return super().keep_block(table, block, settings)
        except BaseException:  # lost between two blocks, which the engine cannot be made to do
            self.tables.insert_arrivals("threat_postings", read_container(block))
            raise

    def lose_output(self, table: str, partition: int, offset: int) -> None:
        """Lose it in both."""
        super().lose_output(table, partition, offset)
        lost = f"DELETE FROM {table} WHERE partition = {partition} AND offset = {offset}"  # noqa: S608  (names of ours)
        for command in (f"SYSTEM START MERGES {table}", lost, f"SYSTEM STOP MERGES {table}"):  # else it waits for ever
            self._engine.command(command)

    def merge_table(self, table: str) -> None:
        """Merge in both."""
        super().merge_table(table)
        for command in ("SYSTEM START MERGES {}", "OPTIMIZE TABLE {} FINAL", "SYSTEM STOP MERGES {}"):
            self._engine.command(command.format(table))


def _sort_rows(rows: list[TableRow]) -> list[str]:
    plain = [{name: int(one) if isinstance(one, bool) else one for name, one in row.items()} for row in rows]
    return sorted(map(str, plain))


@contextmanager
def mirror_world(world: World) -> Iterator[MirroredClient]:
    """Let the store of a world be both; at the end the same lies in the tables of both."""
    engine = open_connection(world.settings)
    try:
        apply_migrations(engine, None)
        for table in TABLES:
            engine.command(f"SYSTEM STOP MERGES {table}")
        client = world.client = MirroredClient(world.tables, engine)
        yield client
        for table, columns in TABLES.items():
            names = columns.split(", ")
            found = [{name: one[name] for name in names} for one in world.tables.list_final(table)]
            said = engine.query(f"SELECT {columns} FROM {table} FINAL")  # noqa: S608  (names of ours)
            client.hold_answer(f"the rows of {table}", found, said)
    finally:
        engine.close()


def test_every_question_of_a_run_has_the_engine_s_answer() -> None:
    """And what lies in the tables at the end is the same."""
    asked: set[str] = set()

    @contextmanager
    def collect_asked(world: World) -> Iterator[None]:
        with mirror_world(world) as client:
            yield
        asked.update(client.asked)

    for seed in SEEDS:
        run_seed(seed, collect_asked, LosingWorld)
    assert set(KNOWN) - asked == TOO_SELDOM, "take other SEEDS: these are not asked by any of the runs"
