"""The contract of every store: what is written is there, as it was, once."""

import base64
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from infra.topics import ENTRIES
from ledger.errors import Misuse, Unavailable
from ledger.organisations import ORGANISATIONS
from ledger.vocabulary import Verdict
from queries import stored
from queries.record_queries import StoredRowsQuery
from queries.unloadable import list_unloadable
from schemas.registry import RegistryIds, pin_ids
from sinks import positions, writing
from sinks.block import RecordSchemas, SourcePosition, UnreadableRecord
from sinks.migration import migrate_store
from sinks.store import Store
from sinks.unloadable import LoadedAgain, load_again
from tests.sinks.bad_records import change_sign, change_symbol, cut_record, garble_record
from tests.sinks.records import (
    BINARY,
    HEADERS,
    Writer,
    count_millis_of,
    count_rows,
    make_entry,
    make_leg,
    make_rejection,
    make_threat_leg,
    read_schema_id,
)
from tests.stores import open_migrated

TABLES = {"entries", "postings", "threat_postings", "rejected", "unloadable", "organisations", "topics", "progress"}


def test_migrating_twice_applies_each_migration_once(store: Store) -> None:
    """Nine migrations, recorded with their checksums."""
    migrate_store(store)
    found = [row["version"] for row in store.query("SELECT version FROM migrations ORDER BY version")]
    assert found == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert {row["name"] for row in store.query("SHOW TABLES")} >= TABLES


def test_an_edited_migration_stops_the_start(store: Store) -> None:
    """What was applied is compared by checksum with what would be."""
    store.query("ALTER TABLE migrations UPDATE md5 = 'other' WHERE version = 1 SETTINGS mutations_sync = 1")
    with pytest.raises(Misuse, match="version is 1"):
        migrate_store(store)


def test_organisations_are_written_once_with_dated_regions(store: Store) -> None:
    """A row a membership; readers join on the event date."""
    migrate_store(store)
    rows = store.query("SELECT region, toString(until) AS until FROM organisations WHERE code = 'btp'")
    assert rows == [{"region": "London", "until": "2299-12-31"}]
    assert count_rows(store, "organisations") == sum(len(one.memberships) for one in ORGANISATIONS)


def test_an_entry_keeps_the_original_bytes(store: Store, writer: Writer) -> None:
    """Key, value and headers come back byte for byte, repeated names, nulls and all."""
    writer.write_entries(make_entry(3, 7, 5, [make_leg(1, 0)]))
    [row] = stored.read_rows(store, StoredRowsQuery(table="entries"))
    assert base64.b64decode(row["key"]) == b"T1"
    assert base64.b64decode(row["value"]) == BINARY
    values = [None if found is None else base64.b64decode(found) for found in row["header_values"]]
    assert tuple(zip(row["header_names"], values, strict=True)) == HEADERS
    assert (row["partition"], row["offset"], row["previous_offset"], row["ledger_time"]) == (
        3,
        7,
        6,
        count_millis_of(5),
    )


def test_a_refusal_keeps_the_original_bytes(store: Store, writer: Writer) -> None:
    """As an entry does."""
    writer.write_rejections(make_rejection(0, 0, 1))
    [row] = stored.read_rows(store, StoredRowsQuery(table="rejected"))
    assert (row["code"], base64.b64decode(row["value"]), row["event_id"]) == ("KEY_MISMATCH", BINARY, None)


def test_every_leg_is_a_row_numbered_within_its_entry(store: Store, writer: Writer) -> None:
    """Legs of disruptions and of the threat, each in its table, from 0."""
    writer.write_entries(
        make_entry(0, 0, 1, [make_leg(-1, 1), make_leg(1, 1, pillar="PREVENT")], [make_threat_leg(1, 1)]),
        make_entry(0, 1, 2, verdict=Verdict.DUPLICATE),
    )
    postings = [
        (row["offset"], row["leg"], row["sign"], row["pillar"])
        for row in stored.read_rows(store, StoredRowsQuery(table="postings"))
    ]
    assert postings == [(0, 0, -1, "PURSUE"), (0, 1, 1, "PREVENT")]
    assert [
        (row["leg"], row["owner"], row["soc"])
        for row in stored.read_rows(store, StoredRowsQuery(table="threat_postings"))
    ] == [(0, "metropolitan", True)]
    assert [row["verdict"] for row in stored.read_rows(store, StoredRowsQuery(table="entries"))] == [
        "ADMITTED",
        "DUPLICATE",
    ]


def test_what_is_written_twice_is_there_once(store: Store, writer: Writer) -> None:
    """Redelivered in another order and in other blocks: every table and every count is as before."""
    values = [make_entry(0, offset, 1, [make_leg(1, 0, f"D{offset}")], [make_threat_leg(1, 0)]) for offset in range(20)]
    writer.write_entries(*values)
    writer.write_rejections(make_rejection(1, 0, 1))
    random.Random(3).shuffle(values)
    writer.write_entries(*values[:7])
    writer.write_entries(*values[7:])
    writer.write_rejections(make_rejection(1, 0, 1))
    found = [count_rows(store, table) for table in ("entries", "postings", "threat_postings", "rejected")]
    assert found == [20, 20, 20, 1]
    assert store.query("SELECT sum(n) AS n FROM lead_counts") == [{"n": 20}]


def test_a_block_becomes_visible_whole(store: Store, writer: Writer) -> None:
    """One part a block and table: no reader sees half a posting, even when one event moves thousands of disruptions."""
    writer.write_entries(
        *[make_entry(0, offset, 1, [make_leg(1, 0, f"D{n}") for n in range(3_000)]) for offset in range(20)]
    )
    parts = store.query(
        "SELECT table, rows FROM system.parts WHERE active AND database = currentDatabase()"
        " AND table IN ('entries', 'postings')"
    )
    assert {row["table"]: row["rows"] for row in parts} == {"entries": 20, "postings": 60_000}


@pytest.mark.parametrize("poison", [cut_record, change_sign, change_symbol, garble_record])
def test_a_poisoned_block_loses_the_poison_alone(store: Store, writer: Writer, poison) -> None:
    """The record that cannot be stored is set aside with its bytes and a reason without values; the rest is stored."""
    values = [make_entry(0, offset, 1, [make_leg(1, 0, f"D{offset}")]) for offset in range(7)]
    values[2] = poison(values[2])
    [bad] = writer.write_unchecked(enumerate(values))
    assert bad.offset == 2
    assert sorted(row["offset"] for row in stored.read_rows(store, StoredRowsQuery(table="entries"))) == [
        0,
        1,
        3,
        4,
        5,
        6,
    ]
    assert store.query("SELECT sum(n) AS n FROM lead_counts") == [{"n": 6}]
    [row] = list_unloadable(store)
    assert (row["topic"], row["offset"], row["quarantined_at"].tzinfo) == (ENTRIES, 2, UTC)
    assert row["reason"].startswith("ClickHouse ")
    assert "D2" not in row["reason"]
    kept = store.query("SELECT hex(value) AS value FROM unloadable")
    assert bytes.fromhex(kept[0]["value"]) == values[2]


def test_what_is_not_an_entry_is_told_before_it_is_written() -> None:
    """No framing, another record's schema, an unknown schema, another partition's position, a position cut short."""
    good = make_entry(0, 5, 1)
    writers = RecordSchemas(pin_ids())
    assert writers.read_position(ENTRIES, 0, good) == (read_schema_id(good), SourcePosition(5, 0))
    unknown = b"\x00\x00\x00\x00\x09"
    wrong = [None, b"", b"\x01" + good[1:], make_rejection(0, 5, 1), unknown + b"no entry", good[:7]]
    for value in wrong:
        with pytest.raises(UnreadableRecord):
            writers.read_position(ENTRIES, 0, value)
    with pytest.raises(UnreadableRecord, match="another partition"):
        writers.read_position(ENTRIES, 1, good)


def test_the_ledgers_own_records_under_an_unknown_id_are_never_garbage() -> None:
    """Without a registry it must be set; one that lost their schema is waited for."""
    own = b"\x00\x00\x00\x00\x09" + make_entry(0, 5, 1)[5:]
    with pytest.raises(Misuse, match="set SCHEMA_REGISTRY_URL"):
        RecordSchemas(pin_ids()).read_position(ENTRIES, 0, own)
    with pytest.raises(Unavailable, match="the registry does not know"):
        RecordSchemas(RegistryIds(EmptyRegistry())).read_position(ENTRIES, 0, own)
    with pytest.raises(UnreadableRecord):
        RecordSchemas(RegistryIds(EmptyRegistry())).read_position(ENTRIES, 0, own + b"\x00")


class EmptyRegistry:
    """A registry that knows nothing."""

    def find_id(self, _: str) -> int:
        """Never asked."""
        raise AssertionError

    def find_writer(self, _: object) -> None:
        """No such schema."""


def test_rows_are_told_by_partition_and_range(store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends included, page after page; an unknown table is refused with the list."""
    writer.write_entries(*[make_entry(partition, offset, 1) for partition in (0, 1) for offset in range(5)])
    rows = [
        (row["partition"], row["offset"])
        for row in stored.read_rows(store, StoredRowsQuery(table="entries", partition=1, first=1, last=3))
    ]
    assert rows == [(1, 1), (1, 2), (1, 3)]
    assert len(list(stored.read_rows(store, StoredRowsQuery(table="entries")))) == 10
    monkeypatch.setattr(stored, "PAGE_ROWS", 3)
    legs = [make_leg(1, 0, f"D{n}") for n in range(5)]
    writer.write_entries(*[make_entry(2, offset, 1, legs) for offset in range(4)])
    paged = [
        (row["offset"], row["leg"]) for row in stored.read_rows(store, StoredRowsQuery(table="postings", partition=2))
    ]
    assert paged == [(offset, number) for offset in range(4) for number in range(5)]
    with pytest.raises(Misuse, match="entries, postings, threat_postings, rejected"):
        StoredRowsQuery(table="system.parts")


def test_readers_and_a_writer_do_not_disturb_one_another(store: Store, writer: Writer) -> None:
    """Eight threads ask while entries are written: no error, and no count that was never true."""
    done = threading.Event()

    def read_numbers() -> set[int]:
        seen: set[int] = set()
        while not done.wait(0.01):
            seen.add(store.query("SELECT sum(sign) AS n FROM postings FINAL")[0]["n"])
        return seen

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read_numbers) for _ in range(8)]
        try:
            for block in range(10):
                writer.write_entries(
                    *[make_entry(0, block * 10 + n, 1, [make_leg(1, 0, f"D{block}-{n}")]) for n in range(10)]
                )
        finally:
            done.set()
    seen = set().union(*[reader.result() for reader in readers])
    assert seen <= {block * 10 for block in range(11)}, "blocks of ten are seen whole"


def test_an_error_of_the_store_names_no_values(store: Store) -> None:
    """Its number and name alone."""
    with pytest.raises(Unavailable, match=r"ClickHouse \d+ [A-Z_]+$") as caught:
        store.query("SELECT toDate({secret:String})", {"secret": "a suspect's name"})
    assert "suspect" not in str(caught.value)


def test_a_store_opened_again_holds_what_it_held(store: Store, writer: Writer, settings) -> None:
    """Closed and opened: the rows are there, and nothing is migrated again."""
    writer.write_entries(make_entry(0, 0, 1, [make_leg(1, 0)]))
    store.close()
    with open_migrated(settings) as again:
        assert positions.find_stored(again) == {0: 1}


def test_a_record_that_nobody_can_read_is_set_aside_alone_when_memory_runs_out_over_it(
    store: Store, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A length that no record has makes the engine ask for that much: the record is at fault, not its neighbours."""
    first, last = make_entry(0, 0, 0, [make_leg(1, 1)]), make_entry(0, 2, 2, [make_leg(1, 1)])
    greedy = last[:30] + b"\xfe\xff\xff\xff\x0f" + last[35:]
    monkeypatch.setattr(writing, "is_about_block", lambda _: False)  # memory alone speaks, as on a server with a limit
    monkeypatch.setattr(writing, "is_about_memory", lambda error: isinstance(error, Exception))
    bad = writer.write_unchecked([(0, first), (1, greedy), (2, last)])
    assert [one.offset for one in bad] == [1]
    assert count_rows(store, "entries") == 2


def test_what_was_set_aside_is_loaded_again_once_it_can_be(store: Store) -> None:
    """A good record leaves `unloadable` for its tables; garbage stays where it is."""
    columns = ["topic", "partition", "offset", "reason", "key", "value", "quarantined_at"]
    good, now = make_entry(0, 7, 7, [make_leg(1, 1)], [make_threat_leg(1, 1)]), datetime.now(UTC)
    rows = [[ENTRIES, 0, 3, "ClickHouse 173", b"T1", good, now], [ENTRIES, 0, 4, "no position", b"", b"\xff\x00", now]]
    store.insert_rows("unloadable", columns, rows)
    assert [row["offset"] for row in list_unloadable(store, 1)] == [3]
    assert load_again(store, pin_ids()) == LoadedAgain(loaded=1, left=1)
    assert [row["offset"] for row in list_unloadable(store)] == [4]
    assert [count_rows(store, table) for table in ("entries", "postings", "threat_postings")] == [1, 1, 1]
