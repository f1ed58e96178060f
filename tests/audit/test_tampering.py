"""Tampering at random, from a seed, over the real engine: of every kind, in every table and topic, found and named."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from audit.closings import ClosingAudit
from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.stored import StoredRowCheck, Walked
from audit.sums import PartitionSums, SumCell, SumGrid
from bench.fold import make_mix
from infra.settings import load_settings
from infra.topics import ENTRIES, REJECTED
from queries.record_queries import StoredRowsQuery
from queries.stored import read_packed, read_rows
from queries.stored_closings import read_closings
from schemas.registry import pin_ids
from sinks.block import RecordSchemas
from sinks.closing_maker import ClosingMaker
from sinks.store import Store
from sinks.writing import BlockWriter, OutputRecord
from tests.audit.conftest import PARTITIONS, Ledger
from tests.facts import NOON
from tests.stores import open_migrated

EVENTS = 1_500  # of which a partition has about a quarter
SEEDS = (1,)
CHANGES = 10  # of rows, for each seed
FLIPS = 60  # of bytes in the topics, for each seed
KEYS = {
    "entries": ("partition", "offset", "part"),
    "postings": ("partition", "offset", "leg"),
    "threat_postings": ("partition", "offset", "leg"),
    "rejected": ("partition", "offset"),
    "closing_balances": (
        "closing",
        "organisation",
        "type",
        "standing",
        "event_date",
        "pillar",
        "kind",
        "crime_type",
        "category",
    ),
}
ROW_KINDS = {FindingKind.ROW_DIFFERS, FindingKind.ROW_MISSING, FindingKind.ROW_UNKNOWN}
Row = dict[str, Any]


class LoadedPartition:
    """A partition with its store, as a faithful loader wrote it, closed once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.one_by_one = 0  # ranges of which rows were asked for one by one
        self.ledger = Ledger()
        for threat, fact in make_mix(EVENTS, seed=1):
            if self.ledger.place_key(threat) == self.ledger.partition and fact.entered_at < NOON:
                self.ledger.admit(fact)
                if fact.source_sequence % 7 == 0:
                    self.ledger.admit(fact)  # sent again
                if fact.source_sequence % 11 == 0:
                    self.ledger.append_garbage()
        self._load()
        maker = ClosingMaker(store, step=1)
        maker.make_due()
        maker.close()
        _, self.walked = self.ledger.walk_partition()

    def _load(self) -> None:
        ids = pin_ids()
        schemas = RecordSchemas(ids)
        for topic, records in ((ENTRIES, self.ledger.entries), (REJECTED, self.ledger.rejected)):
            outputs = []
            for record in records:
                schema_id, source = schemas.read_position(topic, self.ledger.partition, record.value)
                value = record.value or b""
                outputs.append(OutputRecord(topic, self.ledger.partition, record.offset, source, schema_id, value))
            assert BlockWriter(self.store, ids, schemas).write_records(outputs, []) == []

    def read_packed(self, table: str, partition: int, first: int, last: int) -> bytes:
        """As ``queries.audited`` has it."""
        asked = StoredRowsQuery(table=table, partition=partition, first=first, last=last, packed=True)
        return read_packed(self.store, asked)

    def read_rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[Row]:
        """As ``queries.audited`` has it."""
        self.one_by_one += last is not None
        return read_rows(self.store, StoredRowsQuery(table=table, partition=partition, first=first, last=last))

    def read_closings(self) -> Iterator[Row]:
        """As ``queries.audited`` has it."""
        return (msgspec.json.decode(line) for page in read_closings(self.store) for line in page.splitlines())

    def check_rows(self, walked: list[Walked]) -> list[Finding]:
        """What the audit says of the stored rows."""
        report = ReplayReport(limit=1000, known_at="")
        reach = PartitionReach(partition=self.ledger.partition, published_end=self.ledger.next_offset)
        loaded = {ENTRIES: 10_000, REJECTED: 10_000}
        check = StoredRowCheck(self, reach, report, loaded, self.ledger.codec.decode_entry)
        list(check.check_positions(iter(walked)))
        check.check_rest(lambda: self.ledger.next_offset)
        return report.shown

    def check_closings(self) -> list[Finding]:
        """What the audit says of the closings."""
        audit = ClosingAudit(self)
        ends = dict.fromkeys(range(PARTITIONS), self.ledger.next_offset)
        return [one for one in audit.compare_closings(self._sum_cells(audit), ends) if isinstance(one, Finding)]

    def _sum_cells(self, audit: ClosingAudit) -> list[SumCell]:
        sums = PartitionSums(SumGrid((), (), tuple(tuple(one) for one in audit.chains)), self.ledger.partition)
        for one in self.ledger.audit_partition()[1]:
            if hasattr(one.expected, "legs"):
                source = one.expected.source
                sums.add_legs(source.offset, source.ledger_time, one.expected.legs, one.expected.threat_legs)
        return sums.list_cells()

    def keep_tables(self) -> None:
        """Keep a copy of every table."""
        for table in KEYS:
            self.store.query(f"CREATE TABLE kept_{table} AS {table} ENGINE = Memory")
            self.store.query(f"INSERT INTO kept_{table} SELECT * FROM {table}")  # noqa: S608  (a name of ours)

    def list_keys(self, table: str) -> list[Row]:
        """The keys of all rows that were kept."""
        return self.store.query(f"SELECT {', '.join(KEYS[table])} FROM kept_{table} ORDER BY ALL")  # noqa: S608  (names of ours)

    def list_types(self, table: str) -> dict[str, str]:
        """The columns that are not in the key, with their types."""
        asked = "SELECT name, type FROM system.columns WHERE table = {table:String} AND database = currentDatabase()"
        found = {row["name"]: row["type"] for row in self.store.query(asked, {"table": table})}
        return {name: kind for name, kind in found.items() if name not in KEYS[table]}

    def delete_row(self, table: str, key: Row) -> None:
        """Delete a row, behind everybody's back."""
        self.store.query(f"ALTER TABLE {table} DELETE WHERE {match_key(key)}", key, {"mutations_sync": 2})

    def insert(self, table: str, key: Row, changes: dict[str, str]) -> None:
        """Add the row that was kept, with columns changed."""
        changed = ", ".join(f"{written} AS {name}" for name, written in changes.items())
        columns = f"* REPLACE ({changed})" if changed else "*"
        kept = f"SELECT * FROM kept_{table} WHERE {match_key(key)}"  # noqa: S608  (as above)
        self.store.query(f"INSERT INTO {table} SELECT {columns} FROM ({kept})", key)  # noqa: S608  (as above)

    @contextmanager
    def tamper_row(self, table: str, key: Row, changes: dict[str, str] | None) -> Iterator[None]:
        """The store with a row changed, or without it; afterwards as it was."""
        self.delete_row(table, key)
        if changes is not None:
            self.insert(table, key, changes)
        yield
        self.store.query(f"TRUNCATE TABLE {table}")
        self.store.query(f"INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608  (as above)


def match_key(key: Row) -> str:
    """The condition of a row's key."""
    kinds = {int: "Int64", str: "String", UUID: "UUID", date: "Date32"}
    return " AND ".join(f"{name} = {{{name}:{kinds[type(value)]}}}" for name, value in key.items())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedPartition]:
    """One partition, stored and closed."""
    settings = load_settings(tmp_path_factory.mktemp("tampered")).model_copy(update={"clickhouse_dsn": None})
    with open_migrated(settings) as store:
        made = LoadedPartition(store)
        made.keep_tables()
        yield made


def change_value(name: str, kind: str) -> str:
    """Another value of a column, as SQL."""
    plain = kind.removeprefix("LowCardinality(").removeprefix("Nullable(").partition("(")[0].rstrip(")")
    changes = {
        "String": f"concat(ifNull({name}, ''), 'x')",
        "Bool": f"NOT {name}",
        "UUID": "generateUUIDv4()",
        "DateTime64": f"addMilliseconds({name}, 1)",
        "Date32": f"addDays({name}, 1)",
        "Array": f"arrayPushBack({name}, 'x')",
    }
    return changes.get(plain, f"ifNull({name}, 0) + 1")


def tamper_row(rng: random.Random, types: dict[str, str]) -> dict[str, str] | None:
    """One row changed, moved to another account, or (None) dropped."""
    what = rng.choice(["change", "change", "move", "drop"])
    if what == "move" and "standing" in types:
        return {"organisation": "'btp'", "pillar": "'PREPARE'"}
    column = rng.choice([name for name in types if name != "sign"])
    return None if what == "drop" else {column: change_value(column, types[column])}


def test_what_nobody_touched_agrees(whole: LoadedPartition) -> None:
    """Rows and closings; most entries are proven by their bytes alone."""
    assert whole.check_rows(whole.walked) == []
    assert whole.check_closings() == []
    proven = sum(hasattr(one, "value") for one in whole.walked)
    assert len(whole.walked) == whole.ledger.next_offset
    assert proven > 0.8 * whole.ledger.next_offset


def test_what_nobody_touched_agrees_by_its_runs_of_bytes(whole: LoadedPartition) -> None:
    """The audit packs what the engine packs, in all four tables; rows are read one by one only where runs differ."""
    before = whole.one_by_one
    assert whole.check_rows(whole.walked) == []
    assert whole.one_by_one == before


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("table", ["entries", "postings", "threat_postings", "rejected"])
def test_a_row_changed_moved_or_dropped_is_named(whole: LoadedPartition, table: str, seed: int) -> None:
    """By its table and position, and no other is."""
    rng, types = random.Random(seed), whole.list_types(table)
    for key in rng.sample(whole.list_keys(table), CHANGES):
        changes = tamper_row(rng, types)
        with whole.tamper_row(table, key, changes):
            found = whole.check_rows(whole.walked)
        place = f"{table} leg {key['leg']}" if "leg" in key else table
        assert [(one.place, one.offset) for one in found] == [(place, key["offset"])], changes
        assert {one.kind for one in found} <= ROW_KINDS
    assert whole.check_rows(whole.walked) == []


@pytest.mark.parametrize("table", ["entries", "postings", "threat_postings", "rejected"])
def test_a_row_that_was_added_is_named(whole: LoadedPartition, table: str) -> None:
    """At a position that has one, or past all that was published."""
    rng = random.Random(3)
    for offset in (None, whole.ledger.next_offset + 5):
        key = rng.choice(whole.list_keys(table))
        number = list(key)[-1] if offset is None else "offset"
        added = key | {number: key[number] + 70 if offset is None else offset}
        whole.insert(table, key, {number: str(added[number])})
        found = whole.check_rows(whole.walked)
        whole.delete_row(table, added)
        assert [(one.kind, one.offset) for one in found] == [(FindingKind.ROW_UNKNOWN, added["offset"])]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_closing_balance_changed_moved_or_dropped_is_named(whole: LoadedPartition, seed: int) -> None:
    """By the closing that it is of."""
    rng = random.Random(seed)
    for key in rng.sample(whole.list_keys("closing_balances"), 3):
        changes = rng.choice([None, {"n": "n + 1"}, {"pillar": "'PREPARE'", "kind": "'UNKNOWN'"}])
        with whole.tamper_row("closing_balances", key, changes):
            found = whole.check_closings()
        assert [one.kind for one in found] == [FindingKind.CLOSING_DIFFERS], changes
    assert whole.check_closings() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_byte_of_an_output_is_named(whole: LoadedPartition, seed: int) -> None:
    """Any byte of any entry or rejection: by the topic, or by the row that the store has of it."""
    rng = random.Random(seed)
    for _ in range(FLIPS):
        records = rng.choice([whole.ledger.entries, whole.ledger.entries, whole.ledger.rejected])
        number = rng.randrange(len(records))
        kept, value = records[number], bytearray(records[number].value or b"")
        place = rng.randrange(len(value))
        value[place] ^= 1 << rng.randrange(8)
        records[number] = kept._replace(value=bytes(value))
        report, walked = whole.ledger.walk_partition(limit=1000)
        found = report.shown or whole.check_rows(walked)
        records[number] = kept
        read = (
            whole.ledger.codec.decode_entry if records is whole.ledger.entries else whole.ledger.codec.decode_rejection
        )
        source = read(kept.value, kept.headers).source
        assert any(
            one.offset == source.offset or f"offset {kept.offset}" in one.place or one.kind is FindingKind.FORGED
            for one in found
        ), (place, kept.offset, report.shown, found)
