"""Generations of the tables: which is shown, built, kept; and what is left of a process that was killed in between."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import status
from infra.settings import Settings
from ledger.errors import Misuse, Unavailable
from queries.published import Published
from queries.snapshot import SnapshotSource
from sinks import schema
from sinks.generation import name_database
from sinks.generations import (
    begin_building,
    cancel_building,
    drop_unnamed,
    forget_previous,
    make_database,
    read_state,
    show_built,
)
from sinks.migration import end_waiting, migrate_anew, migrate_store
from sinks.positions import find_stored
from sinks.store import Store
from tests.sinks.records import Writer, make_entry
from tests.stores import open_migrated

DIGEST = "ab" * 32
KILLED = """
import os, signal, sys
from pathlib import Path
from infra.settings import load_settings
from sinks import generations
from sinks.migration import migrate_anew, migrate_store
from sinks.store import open_store
store = open_store(load_settings(Path(sys.argv[1])).model_copy(update={"clickhouse_dsn": None}))
migrate_store(store)
def build():
    generations.make_database(store, generations.read_state(store).building)
    migrate_anew(store.open_beside(2))
steps = {
    "begin": lambda: generations.begin_building(store, 500),
    "build": build,
    "show": lambda: generations.show_built(store, "", "kent"),
    "forget": lambda: generations.forget_previous(store),
}
for step in sys.argv[2:]:
    steps[step]()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def store(embedded: Settings) -> Iterator[Store]:
    """A store in process: a server's has one generation."""
    with open_migrated(embedded) as opened:
        yield opened


def build_next(store: Store) -> Store:
    """The next generation with its tables, empty."""
    number = begin_building(store, 0).building
    make_database(store, number)
    beside = store.open_beside(number)
    migrate_anew(beside)
    return beside


def list_databases(store: Store) -> set[str]:
    """Databases of generations after the first."""
    return {row["name"] for row in store.query("SELECT name FROM system.databases")} & {
        name_database(number) for number in range(2, 9)
    }


def test_what_is_written_beside_is_not_shown_and_wakes_nobody_until_it_is_switched_to(store: Store) -> None:
    """Three entries in the old one, one in the next: three, then one; whoever was pinned stays with three."""
    Writer(store).write_entries(*(make_entry(0, offset, learnt=1) for offset in range(3)))
    heard: list[int] = []
    writes = store.writes
    with store.hear_writes(lambda: heard.append(1)):
        beside = build_next(store)
        Writer(beside).write_entries(make_entry(0, 0, learnt=1))
        assert (heard, store.writes, find_stored(store), find_stored(beside)) == ([], writes, {0: 3}, {0: 1})
        pinned = store.pin_generation()
        store.switch_to(show_built(store, DIGEST, "kent").live)
        assert heard == [1]
    assert (find_stored(store), find_stored(pinned)) == ({0: 1}, {0: 3})
    assert (store.generation, pinned.generation) == (2, 1)


def test_a_moment_that_was_taken_stays_with_its_generation(store: Store, embedded: Settings) -> None:
    """What a page asks of it after the switch is asked of its own tables; the next moment is of others."""
    Writer(store).write_entries(make_entry(0, 0, learnt=1))
    source = SnapshotSource(store, Published(embedded))
    before = source.take_snapshot()
    beside = build_next(store)
    Writer(beside).write_entries(*(make_entry(0, offset, learnt=1) for offset in range(2)))
    store.switch_to(show_built(store, "", "kent").live)
    after = source.take_snapshot()
    found = [one.store.query("SELECT count() AS n FROM entries")[0]["n"] for one in (before, after)]
    assert (found, before.position, after.position) == ([1, 2], {0: 1}, {0: 2})


def test_steps_are_one_row_each_and_no_number_is_given_twice(store: Store) -> None:
    """Begun and cancelled: 2 is never given again. Switched to 3, nothing more is begun while 1 is kept."""
    assert begin_building(store, 500)[1:5] == (1, 2, 0, 500)
    assert begin_building(store, 900)[1:5] == (1, 2, 0, 900)  # the same one, at another rate
    cancel_building(store)
    build_next(store)
    assert show_built(store, DIGEST, "kent")[1:] == (3, 0, 1, 0, DIGEST, "kent")
    with pytest.raises(Misuse, match=r"generation 1 of the tables is still kept .* --drop-old"):
        begin_building(store, 0)
    forget_previous(store)
    assert begin_building(store, 0).building == 4


def test_dropping_takes_what_is_not_named_and_nothing_else(store: Store) -> None:
    """The first lies among the engine's own: its tables go, the row that names the generations stays."""
    build_next(store)
    assert drop_unnamed(store) == []
    store.switch_to(show_built(store, "", "kent").live)
    assert drop_unnamed(store) == []  # it is kept
    forget_previous(store)
    assert drop_unnamed(store) == [1]
    left = store.query("SELECT name FROM system.tables WHERE database = 'default'")
    assert [row["name"] for row in left] == ["generations"]
    assert find_stored(store) == {}
    assert drop_unnamed(store) == []


def test_tables_that_are_still_asked_are_dropped_when_it_is_asked_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is not given back in time stops the dropping; given back, nothing is left."""
    pinned = store.pin_generation()
    build_next(store)
    store.switch_to(show_built(store, "", "kent").live)
    forget_previous(store)
    monkeypatch.setattr("sinks.connections.WAIT_SECONDS", 0.1)
    with (
        pinned._held.readers.lend_connection(),
        pytest.raises(Unavailable, match=r"still being asked after .* try again"),
    ):
        drop_unnamed(store)
    assert drop_unnamed(store) == [1]


KILLS = {
    "begin": ((1, 2, 0), 1, set()),
    "begin build": ((1, 2, 0), 1, {"default_generation_2"}),
    "begin build show": ((2, 0, 1), 2, {"default_generation_2"}),
    "begin build show forget": ((2, 0, 0), 2, {"default_generation_2"}),
}


@pytest.mark.parametrize("steps", KILLS)
def test_a_process_killed_after_any_step_leaves_one_generation_shown_and_nothing_that_is_not_named(
    embedded: Settings, steps: str
) -> None:
    """Killed with SIGKILL; opened again, the newest row says which is shown; what it does not name is dropped."""
    command = [sys.executable, "-c", KILLED, str(embedded.state), *steps.split()]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    named, shown, databases = KILLS[steps]
    with open_migrated(embedded) as store:
        assert (read_state(store)[1:4], store.generation) == (named, shown)
        drop_unnamed(store)
        assert list_databases(store) == databases
        assert store.query("SELECT count() AS n FROM entries") == [{"n": 0}]
        kept = store.query("SELECT count() AS n FROM system.tables WHERE database = 'default' AND name = 'entries'")
        assert kept == [{"n": 0 if steps.endswith("forget") else 1}]


def test_a_migration_that_changes_tables_waits_for_the_next_generation(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scripts 901, marked, and 902: what is there is given the second alone, and 901 waits; the next has both."""
    scripts = shutil.copytree(schema.SCRIPTS, tmp_path / "scripts")
    for version, head in (("0901", schema.REBUILT), ("0902", "-- adds")):
        table = f"CREATE TABLE of_{version} (one Int32) ENGINE = MergeTree ORDER BY one"
        (scripts / f"{version}_made_up.sql").write_text(f"{head}\n{table}")
    monkeypatch.setattr(schema, "SCRIPTS", scripts)
    migrate_store(store)
    assert [one["what"] for one in status.list_troubles()] == [
        "the stored tables are of an earlier form: migration 901 waits"
    ]
    beside = build_next(store)
    assert [list_made(one) for one in (store, beside)] == [["of_0902"], ["of_0901", "of_0902"]]
    end_waiting()
    assert status.list_troubles() == []


def list_made(store: Store) -> list[str]:
    """Tables of the scripts that were made up."""
    return [row["name"] for row in store.query("SHOW TABLES LIKE 'of_%'")]


def test_a_servers_store_has_one_generation(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of a table that a server has not: none is unnamed, and none is begun."""
    store.query("DROP TABLE IF EXISTS default.generations")
    monkeypatch.setattr(Store, "embedded", False)
    assert drop_unnamed(store) == []
    with pytest.raises(Misuse, match="one generation"):
        begin_building(store, 0)
