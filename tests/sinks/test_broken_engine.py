"""An engine that cannot go on: the real one, over a file whose bytes were changed under it, or short of memory."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from infra.settings import Settings
from infra.topics import ENTRIES
from ledger.errors import Unavailable
from schemas.registry import pin_ids
from sinks import loader
from sinks.block import RecordSchemas
from sinks.faults import BrokenEngine, OutOfMemory
from sinks.loader import Loader
from sinks.store import Store
from sinks.writing import BlockWriter, OutputRecord
from tests.sinks.records import Writer, make_entry, make_leg
from tests.stores import open_migrated


@pytest.fixture
def store(embedded: Settings) -> Iterator[Store]:
    """In process, and no server's."""
    with open_migrated(embedded) as opened:
        yield opened


def break_part(store: Store, state: Path) -> None:
    """Change a few bytes in the middle of what the entries' part holds."""
    (row,) = store.query("SELECT path FROM system.parts WHERE table = 'entries' AND active LIMIT 1")
    files = sorted(Path(row["path"]).glob("*.bin"), key=lambda one: one.stat().st_size)
    assert files[-1].is_relative_to(state)
    content = bytearray(files[-1].read_bytes())
    middle = len(content) // 2
    content[middle : middle + 16] = bytes(16 * [255])
    files[-1].write_bytes(content)


def test_what_the_engine_finds_broken_is_told_from_what_is_away(embedded: Settings, store: Store) -> None:
    """By its own code; whoever waits for the world waits for this, too, as it may be right again."""
    Writer(store).write_entries(*(make_entry(0, offset, offset, [make_leg(1, 1)]) for offset in range(50)))
    break_part(store, embedded.state)
    with pytest.raises(BrokenEngine, match="ClickHouse"):
        store.query("SELECT sum(cityHash64(*)) AS n FROM entries")
    with pytest.raises(Unavailable) as away:
        store.query("SELECT * FROM nowhere")
    assert not isinstance(away.value, BrokenEngine)


def test_a_question_that_is_too_large_says_so_and_the_next_one_is_answered(store: Store) -> None:
    """The engine's own limit; told from broken data, with what whoever asked can do."""
    sql, small = "SELECT length(groupArray(number)) AS n FROM numbers(5000000)", {"max_memory_usage": 1_000_000}
    with pytest.raises(OutOfMemory, match=r"ran out of memory \(.*: ClickHouse 241 .*\): ask for less at once"):
        store.query(sql, settings=small)
    assert store.query(sql) == [{"n": 5_000_000}]


@pytest.mark.parametrize(("stores", "ends"), [(False, True), (True, False)])
def test_a_loader_ends_where_memory_stays_short_and_waits_where_something_was_stored(
    embedded: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, stores: bool, ends: bool
) -> None:
    """Ten sessions of a second, with memory for none of their writes, or for some: at 3 of 3 s it is given up."""
    monkeypatch.setattr(loader, "RETRY_FIRST_SECONDS", 0.0)
    one, clock, begun, stop = Loader(embedded, store), SimpleNamespace(now=0.0), [], threading.Event()
    monkeypatch.setattr("sinks.loader.time.monotonic", lambda: clock.now)

    def fail_session(_: threading.Event) -> None:
        begun.append(clock.now)
        clock.now += 1.0
        one.health.state = "loading"
        one.health.stored += stores
        if len(begun) == 10:
            stop.set()
        raise OutOfMemory("short")

    monkeypatch.setattr(one, "_run_session", fail_session)
    if ends:
        with pytest.raises(OutOfMemory):
            one.run(stop)
    else:
        one.run(stop)
    assert len(begun) == (4 if ends else 10)


def test_a_loader_ends_once_its_engine_has_been_broken_for_too_long(
    embedded: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that its process is started again; not at the first finding, and not where others come between."""
    monkeypatch.setattr(loader, "RETRY_MOST_SECONDS", 0.01)
    monkeypatch.setattr(loader, "SPENT_SECONDS", 0.2)
    one, begun, stop = Loader(embedded, store), [0], threading.Event()

    def fail_session(_: threading.Event) -> None:
        begun[0] += 1
        raise BrokenEngine("broken") if begun[0] != 3 else Unavailable("away")

    monkeypatch.setattr(one, "_run_session", fail_session)
    with pytest.raises(BrokenEngine):
        one.run(stop)
    assert begun[0] > 5
    assert one.health.state == "stopped"
    assert one.health.trouble == "broken"


@pytest.mark.parametrize(("found_whole", "sessions"), [(True, 4), (False, 9)])
def test_an_engine_that_was_whole_in_this_process_is_given_up_sooner(
    embedded: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, found_whole: bool, sessions: int
) -> None:
    """After a full disk the next process finds the same data whole. What was broken from the start may stay so.

    A session takes a second: broken from the first one's end on, it is given up after 3 of 3 seconds, or 8 of 8.
    """
    monkeypatch.setattr(loader, "RETRY_FIRST_SECONDS", 0.0)
    monkeypatch.setattr(loader, "SPENT_SECONDS", 8.0)
    one, clock, begun = Loader(embedded, store), SimpleNamespace(now=0.0), []
    monkeypatch.setattr("sinks.loader.time.monotonic", lambda: clock.now)

    def fail_session(_: threading.Event) -> None:
        begun.append(clock.now)
        clock.now += 1.0
        if found_whole:
            one.health.state = "loading"
        raise BrokenEngine("broken")

    monkeypatch.setattr(one, "_run_session", fail_session)
    with pytest.raises(BrokenEngine):
        one.run(threading.Event())
    assert len(begun) == sessions


def test_a_block_that_a_broken_engine_does_not_take_is_told_as_broken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing as reading: the same code of the engine, and the sentence of who wrote."""
    schemas = RecordSchemas(pin_ids())
    writing = BlockWriter(store, pin_ids(), schemas)
    value, error = make_entry(0, 0, 1, [make_leg(1, 1)]), DatabaseError("Code: 246. DB::Exception: x. (CORRUPTED_DATA)")

    def refuse_block(*_: object) -> None:
        raise error

    monkeypatch.setattr(store, "insert_avro", refuse_block)  # a disk that was full cannot be had at will
    schema_id, position = schemas.read_position(ENTRIES, 0, value)
    with pytest.raises(BrokenEngine, match="did not take a block: ClickHouse 246 CORRUPTED_DATA"):
        writing.write_records([OutputRecord(ENTRIES, 0, 0, position, schema_id, value)], [])
