"""Which generation of the tables is shown, which is being built beside it, and which is kept: one row, the newest.

The order of effects, whatever happens between two of them (docs/decisions/0029):

1. A number is given: it is being built. Then its database is made, and filled.
2. It is shown, and the one before is kept: one row, so that no reader and no restart finds the half of it.
3. The one before is told to go: it is named no more. Then its tables are dropped.

What is not named is left over from 1 or 3, and is dropped where it is found.
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Self

from ledger.errors import Misuse
from sinks import schema
from sinks.connections import FIRST_DATABASE
from sinks.generation import FIRST_NUMBER, name_database
from sinks.store import Store

TABLE: Final = f"{FIRST_DATABASE}.generations"
_CREATE: Final = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    sequence UInt64 COMMENT 'Grows by one with every step; the greatest holds',
    live UInt32 COMMENT 'Generation that every reader is shown',
    building UInt32 COMMENT 'Generation that is being built beside it; 0: none',
    previous UInt32 COMMENT 'Generation that was shown before, and is kept; 0: none',
    rate UInt32 COMMENT 'Records a second at which it is built at most; 0: as fast as it goes',
    approved String COMMENT 'SHA-256 of the differences that were approved at the switch; empty: there were none',
    approved_by String COMMENT 'Who switched',
    written_at DateTime64(3, 'UTC') COMMENT 'When'
) ENGINE = ReplacingMergeTree ORDER BY sequence
SETTINGS {schema.SYNCED}
COMMENT 'Which generation of the tables is shown. One row a step'
"""
_COLUMNS: Final = ("sequence", "live", "building", "previous", "rate", "approved", "approved_by")
_READ: Final = f"SELECT {', '.join(_COLUMNS)} FROM {TABLE} ORDER BY sequence DESC LIMIT 1"  # noqa: S608  (names of ours)
_HIGHEST: Final = f"SELECT max(greatest(live, building, previous)) AS n FROM {TABLE}"  # noqa: S608  (as above)
_FIRST_TABLES: Final = """
SELECT name FROM system.tables WHERE database = {database:String} AND name != 'generations'
ORDER BY engine NOT IN ('MaterializedView', 'View'), name
"""
_DATABASES: Final = "SELECT name FROM system.databases"


class GenerationState(NamedTuple):
    """What the newest row says; the columns' comments say what each means."""

    sequence: int = 0
    live: int = FIRST_NUMBER
    building: int = 0
    previous: int = 0
    rate: int = 0
    approved: str = ""
    approved_by: str = ""

    def take_step(self, **values: Any) -> Self:
        """Return the state of the next step."""
        return self._replace(sequence=self.sequence + 1, **values)


def enter_live(store: Store) -> None:
    """Show the generation that the newest row names. A server's store has one generation. Raises Unavailable."""
    if store.embedded:
        store.query(_CREATE)
        store.switch_to(read_state(store).live)


def read_state(store: Store) -> GenerationState:
    """Read the newest row. Raises Unavailable."""
    rows = store.query(_READ) if store.embedded else []
    return GenerationState(**rows[0]) if rows else GenerationState()


def begin_building(store: Store, rate: int) -> GenerationState:
    """Give the next generation its number, or the one that is being built its rate.

    Raises:
        Misuse: one is kept from before, and there is room for two; or a server's store, which has one.
        Unavailable: the store did not do it.
    """
    if not store.embedded:
        raise Misuse(
            "a ClickHouse server has one generation of the tables in a database: nothing was begun; build them anew "
            "in another, by `python -m services.builder` (docs/operating.md, `A rebuild on a server`)"
        )
    state = read_state(store)
    if state.previous:
        raise Misuse(
            f"generation {state.previous} of the tables is still kept from the last rebuild: "
            "let it go first, `disruptions audit rebuild --drop-old`"
        )
    number = state.building or store.query(_HIGHEST)[0]["n"] + 1
    return _write_state(store, state.take_step(building=max(number, FIRST_NUMBER + 1), rate=rate))


def cancel_building(store: Store) -> GenerationState:
    """Name the generation that is being built no more. Raises Unavailable."""
    return _write_state(store, read_state(store).take_step(building=0, rate=0))


def show_built(store: Store, approved: str, approved_by: str) -> GenerationState:
    """Name the generation that was built as the one that is shown, in one row. Raises Unavailable: ask what it says."""
    state = read_state(store)
    shown = {"live": state.building, "previous": state.live, "building": 0, "rate": 0}
    return _write_state(store, state.take_step(**shown, approved=approved, approved_by=approved_by))


def forget_previous(store: Store) -> GenerationState:
    """Name the generation before no more. Raises Unavailable."""
    return _write_state(store, read_state(store).take_step(previous=0))


def make_database(store: Store, number: int) -> None:
    """Make the database of a generation, where it is not there. Raises Unavailable."""
    store.query(f"CREATE DATABASE IF NOT EXISTS {name_database(number)} ENGINE = Atomic")


def drop_unnamed(store: Store) -> list[int]:
    """Drop every generation that the state does not name; their numbers. Raises Unavailable."""
    if not store.embedded:  # a server's store has one generation
        return []
    state = read_state(store)
    named = {state.live, state.building, state.previous}
    highest = store.query(_HIGHEST)[0]["n"]
    there = {row["name"] for row in store.query(_DATABASES)}
    unnamed = [number for number in range(FIRST_NUMBER, highest + 1) if number not in named]
    return [number for number in unnamed if _drop_generation(store, number, there)]


def _drop_generation(store: Store, number: int, there: set[str]) -> bool:
    store.close_generation(number)
    if number != FIRST_NUMBER:
        found = name_database(number) in there
        if found:
            store.query(f"DROP DATABASE IF EXISTS {name_database(number)} SYNC")
        return found
    tables = [row["name"] for row in store.query(_FIRST_TABLES, {"database": FIRST_DATABASE})]
    for name in tables:
        store.query(f"DROP TABLE IF EXISTS {FIRST_DATABASE}.`{name}` SYNC")
    return bool(tables)


def _write_state(store: Store, state: GenerationState) -> GenerationState:
    store.insert_aside(TABLE, [*_COLUMNS, "written_at"], [[*state, datetime.now(UTC)]])
    return read_state(store)
