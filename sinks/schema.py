"""The tables' numbered migrations, each applied once and recorded with its checksum (table ``migrations``).

``clickhouse-migrations`` does the numbering, the checksums and the record; it is handed our connection, so the engine
in process and a server are migrated by the same code. With a cluster named, every statement is ON CLUSTER and every
engine replicated.
"""

from pathlib import Path
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_migrations.connection import ClickhouseConnectConnection
from clickhouse_migrations.exceptions import MigrationException
from clickhouse_migrations.migration import MigrationStorage
from clickhouse_migrations.migrator import Migrator
from clickhouse_migrations.substitution import substitute
from clickhouse_migrations.util import quote_string

from ledger.errors import Misuse

SCRIPTS: Final = Path(__file__).parent / "migrations"
TABLE: Final = "migrations"
REBUILT: Final = "-- REBUILD"  # how a script begins that changes tables, and so is given to the next generation alone
SYNCED: Final = (
    "fsync_after_insert = 1, fsync_part_directory = 1, "
    "min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1"
)
_REPLICA = "'/clickhouse/tables/{database}/{table}', '{replica}'"


def apply_migrations(client: Client, cluster: str | None, *, anew: bool = False) -> list[int]:
    """Apply what was not applied yet; give back the versions that wait for tables that are made anew.

    Args:
        anew: these are such tables. A script that begins with ``REBUILT`` is applied to no others that are there.

    Raises:
        Misuse: an applied migration was edited, or the tables belong to a later version of this project.
    """
    scripts = MigrationStorage(SCRIPTS)
    migrator = Migrator(ClickhouseConnectConnection(client), migrations_table=TABLE)
    try:
        migrator.init_schema(cluster)
        applied = {one.version for one in migrator.query_applied_migrations()}
        waiting = [
            one
            for one in scripts.migrations()
            if one.script.startswith(REBUILT) and applied and one.version not in applied and not anew
        ]
        due = [one for one in scripts.migrations() if one not in waiting]
        migrator.apply_migration(due, multi_statement=True, variables=choose_variables(cluster))
    except MigrationException as error:
        raise Misuse(f"the tables of the store do not fit this version: {error}") from error
    return [one.version for one in waiting]


def choose_variables(cluster: str | None) -> dict[str, str]:
    """Return what the scripts' placeholders stand for."""
    if cluster is None:
        return {
            "ON_CLUSTER": "",
            "SYNCED": SYNCED,
            "REPLACING": "ReplacingMergeTree",
            "REPLACING_NEWEST": "ReplacingMergeTree(written_at)",
        }
    return {
        "ON_CLUSTER": f"ON CLUSTER {quote_string(cluster)}",
        "SYNCED": SYNCED,
        "REPLACING": f"ReplicatedReplacingMergeTree({_REPLICA})",
        "REPLACING_NEWEST": f"ReplicatedReplacingMergeTree({_REPLICA}, written_at)",
    }


def list_statements(cluster: str | None) -> list[str]:
    """List every statement as it would be sent, for review and for tests of what no machine here can run."""
    found: list[Any] = []
    for migration in MigrationStorage(SCRIPTS).migrations():
        text = substitute(migration.script, choose_variables(cluster), f"migration {migration.version}")
        found += Migrator.script_to_statements(text, True)
    return found
