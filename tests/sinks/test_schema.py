"""Migrations as text (a cluster cannot be had here), connections, and what an error is blamed on."""

import subprocess
import sys
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from pydantic import SecretStr

from infra.settings import Settings, load_settings
from ledger.errors import Misuse, Unavailable
from sinks import schema
from sinks.faults import describe_fault, is_about_block
from sinks.migration import migrate_store
from sinks.store import open_store


def test_on_a_cluster_every_statement_is_and_every_table_is_replicated() -> None:
    """ON CLUSTER everywhere; every table that keeps rows has a replicated engine with the server's macros."""
    statements = schema.list_statements("national")
    assert statements
    for statement in statements:
        assert "ON CLUSTER 'national'" in statement
        keeps_rows = "CREATE TABLE" in statement and "ENGINE = Null" not in statement
        assert (
            "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{table}', '{replica}'" in statement
        ) == keeps_rows


@pytest.mark.effect_of("CLICKHOUSE_CLUSTER")
def test_the_cluster_that_is_named_is_asked_for(over_http: Settings) -> None:
    """A server that has no such one says so."""
    store = open_store(over_http.model_copy(update={"clickhouse_cluster": "national"}))
    with pytest.raises(Unavailable, match="CLUSTER_DOESNT_EXIST"):
        migrate_store(store)
    store.close()


def test_alone_no_statement_speaks_of_a_cluster() -> None:
    """The same statements, by the same engine family."""
    alone = schema.list_statements(None)
    assert len(alone) == len(schema.list_statements("national"))
    assert not any("CLUSTER" in statement or "Replicated" in statement or "${" in statement for statement in alone)


def test_no_materialised_view_carries_a_figure() -> None:
    """They copy rows: none groups, none sums."""
    views = [statement for statement in schema.list_statements(None) if "MATERIALIZED" in statement]
    assert len(views) == 2
    assert not any("GROUP BY" in view or "sum(" in view for view in views)


def test_a_directory_that_another_process_holds_is_misuse(tmp_path: Path) -> None:
    """One process at a time; the lock ends with its process, however that ends."""
    held = (
        "import sys; from pathlib import Path; from infra.settings import load_settings;"
        "from sinks.store import open_store; store = open_store(load_settings(Path(sys.argv[1])));"
        "print('held', flush=True); sys.stdin.read()"
    )
    settings = load_settings(tmp_path / "state")
    command = [sys.executable, "-c", held, str(settings.state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Misuse, match="another process"):
            open_store(settings)
        other.kill()
    store = open_store(settings)
    with pytest.raises(Misuse, match="another process"):
        open_store(settings)
    store.close()


@pytest.mark.parametrize("dsn", ["localhost:8123", "clickhouse://somewhere", "http://"])
def test_a_dsn_that_is_none_is_misuse(dsn: str, embedded: Settings) -> None:
    """The message shows the form, never the DSN."""
    with pytest.raises(Misuse, match="CLICKHOUSE_DSN is not of the form"):
        open_store(embedded.model_copy(update={"clickhouse_dsn": SecretStr(dsn)}))


def test_a_server_that_is_away_is_unavailable(embedded: Settings) -> None:
    """And the password is not in the message."""
    dsn = SecretStr("http://reader:hunter2@127.0.0.1:1/default")
    with pytest.raises(Unavailable) as caught:
        open_store(embedded.model_copy(update={"clickhouse_dsn": dsn}))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "blamed"),
    [
        (
            "Code: 1001. DB::Exception: std::exception. Code: 1001, type: avro::Exception, e.what() = Invalid varint",
            True,
        ),
        ("Code: 469. DB::Exception: Constraint `one_way` is violated (VIOLATED_CONSTRAINT)", True),
        ("Code: 241. DB::Exception: Memory limit exceeded (MEMORY_LIMIT_EXCEEDED)", False),
        ("Code: 252. DB::Exception: Too many parts (TOO_MANY_PARTS)", False),
        ("Code: 1001. DB::Exception: std::exception: no space left on device (STD_EXCEPTION)", False),
        ("Code: 99999. DB::Exception: of a later version (NEVER_SEEN)", False),
    ],
)
def test_only_what_speaks_of_the_bytes_blames_the_block(message: str, blamed: bool) -> None:
    """Everything else is the world's: a sick server must not empty a topic into quarantine."""
    assert is_about_block(DatabaseError(message)) is blamed


def test_an_error_is_said_by_number_and_name() -> None:
    """The engine's own sentence quotes values."""
    error = DatabaseError(
        "Code: 376. DB::Exception: Cannot parse uuid secret: (in row 3) (CANNOT_PARSE_UUID) (version 26)"
    )
    assert describe_fault(error) == "ClickHouse 376 CANNOT_PARSE_UUID"
    assert describe_fault(OperationalError("connection to secret refused")) == "OperationalError"
    assert describe_fault(OSError("secret")) == "OSError"
