"""Tables of a server while they are built in a database of their own, beside those that are shown: a row says so.

The order of effects (docs/decisions/0045):

1. Who builds holds that the database keeps no outputs of anybody, makes the tables, and writes a build's name down.
2. The tables are filled, and compared, by a consumer group of that name: what another committed says nothing of them.
3. Who loads them as the tables that are shown writes that the build is over; who builds sees it, and ends.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from ledger.errors import Misuse
from sinks.migration import migrate_anew
from sinks.store import OUTPUT_TABLES, Store

TABLE: Final = "builds"
NAME_DIGITS: Final = 12
SHOWN: Final = (
    "the database that CLICKHOUSE_DSN names keeps a ledger already, and nobody builds it: name an empty one, and leave "
    "the one that is shown to its loader"
)
_COLUMNS: Final = ("name", "is_over", "written_at")
_TABLES: Final = "SELECT name FROM system.tables WHERE database = currentDatabase()"
_OPEN: Final = "SELECT name FROM builds GROUP BY name HAVING max(is_over) = 0 ORDER BY name"
_ANY: Final = {table: f"SELECT 1 FROM {table} LIMIT 1" for table in OUTPUT_TABLES}  # noqa: S608  (names of ours alone)


def begin_build(store: Store) -> str:
    """Begin to build the tables of a server's database, or go on with it; the build's name.

    Raises:
        Misuse: it keeps outputs, and nobody builds it.
        Unavailable: the store did not do it.
    """
    name = find_build(store)
    if name is None:
        _hold_empty(store)
        migrate_anew(store)
        store.insert_aside(TABLE, _COLUMNS, [[uuid4().hex[:NAME_DIGITS], 0, datetime.now(UTC)]])
        name = find_build(store)
    assert name is not None  # noqa: S101  (for the type checker: it was written)
    return name


def find_build(store: Store) -> str | None:
    """Find the name by which these tables are built; None where they are not. Raises Unavailable."""
    rows = store.query(_OPEN) if TABLE in _list_tables(store) else []
    return rows[0]["name"] if rows else None


def end_builds(store: Store) -> list[str]:
    """Write that these tables are the ones that are shown; the builds that are over by it. Raises Unavailable."""
    names = [row["name"] for row in store.query(_OPEN)]
    if names:
        store.insert_aside(TABLE, _COLUMNS, [[name, 1, datetime.now(UTC)] for name in names])
    return names


def _hold_empty(store: Store) -> None:
    """Hold that the database keeps no outputs: tables that are made anew get scripts that others must not."""
    there = _list_tables(store)
    if any(store.query(sql) for table, sql in _ANY.items() if table in there):
        raise Misuse(SHOWN)


def _list_tables(store: Store) -> set[str]:
    return {row["name"] for row in store.query(_TABLES)}
