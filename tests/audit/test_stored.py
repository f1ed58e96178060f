"""Stored rows beside those of the fold: what a loader wrote agrees; a row changed, lost or added is named."""

from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from fastavro import writer

from audit.findings import FindingKind, PartitionReach, ReplayReport
from audit.packed import PACKED_COLUMNS
from audit.rows import StoredRow, find_row_key, make_rows
from audit.stored import StoredRowCheck
from infra.topics import ENTRIES, REJECTED
from queries.client import join_lines

NAMED = {"type": "array", "items": "string"}
VALUES = {"type": "array", "items": ["null", "bytes"]}
WHOLE = dict.fromkeys(
    [
        "partition",
        "offset",
        "part",
        "parts",
        "previous_offset",
        "ledger_time",
        "version",
        "entered_at",
        "first_leg",
        "leg_count",
        "threat_leg_count",
        "leg",
        "event_date",
        "sign",
        "tier",
    ],
    "long",
)
NULLABLE = {"disruption_id", "schema_fingerprint", "original_digest"}
BINARY = {"key": "bytes", "value": "bytes", "header_names": NAMED, "header_values": VALUES}


def find_type(table: str, name: str) -> Any:
    """The Avro type in which the engine hands a column out."""
    if name == "original_size":
        return ["null", "long"]
    if table == "rejected" and name in {"event_id", "threat_id", "key", "value"}:
        return ["null", BINARY.get(name, "string")]
    if table != "postings" and name in NULLABLE:
        return ["null", "string"]
    return {"soc": "boolean", "closed": "boolean"}.get(name) or WHOLE.get(name) or BINARY.get(name, "string")


SCHEMAS = {table: [(name, find_type(table, name)) for name in names] for table, names in PACKED_COLUMNS.items()}


def make_plain_row(row: StoredRow) -> StoredRow:
    """The row with its bytes as bytes."""
    plain: StoredRow = {name: b64decode(row[name]) for name in ("key", "value") if row.get(name) is not None}
    if "header_values" in row:
        plain["header_values"] = [one and b64decode(one) for one in row["header_values"]]
    return row | plain


class Tables:
    """A store of rows in memory."""

    def __init__(self, settled: list[Any]) -> None:
        self.tables: dict[str, list[StoredRow]] = {}
        for one in settled:
            for table, row in make_rows(one.expected):
                self.tables.setdefault(table, []).append(row)

    def read_packed(self, table: str, partition: int, first: int, last: int) -> bytes:
        """The same rows, as the store packs them."""
        schema = {"type": "record", "name": "row", "fields": [{"name": n, "type": t} for n, t in SCHEMAS[table]]}
        rows = [make_plain_row(row) for row in self.read_rows(table, partition, first, last)]
        file = BytesIO()
        writer(file, schema, rows)
        return file.getvalue()

    def read_rows(self, table: str, partition: int, first: int, last: int | None) -> Iterator[StoredRow]:
        """Rows of the range."""
        found = (row for row in self.tables.get(table, []) if row["partition"] == partition)
        return (
            row for row in found if first <= find_row_key(row)[0] <= (find_row_key(row)[0] if last is None else last)
        )


def check_rows(ledger: Any, tables: Tables, *, loaded: int = 100, end: int | None = None) -> ReplayReport:
    """The verdict on the tables."""
    _, settled = ledger.walk_partition()
    verdict = ReplayReport(limit=20, known_at="")
    reach = PartitionReach(partition=ledger.partition, published_end=ledger.next_offset)
    verdict.reaches.append(reach)
    loaded_ends = {ENTRIES: loaded, REJECTED: loaded}
    shelves = StoredRowCheck(tables, reach, verdict, loaded_ends, ledger.codec.decode_entry)
    assert len(list(shelves.check_positions(iter(settled)))) == len(settled)
    shelves.check_rest(lambda: ledger.next_offset if end is None else end)
    return verdict


@pytest.fixture
def tables(honest: Any) -> Tables:
    """What a faithful loader stores of a threat, a disruption, its resend and a rejection."""
    return Tables(honest.audit_partition()[1])


def test_faithful_rows_agree(honest: Any, tables: Tables) -> None:
    """Three entries, one leg of the disruption, one of the threat, one refusal."""
    verdict = check_rows(honest, tables)
    assert verdict.agrees
    assert {table: len(rows) for table, rows in tables.tables.items()} == {
        "entries": 3,
        "threat_postings": 1,
        "postings": 1,
        "rejected": 1,
    }
    assert verdict.sum_reaches("rows") == 6


def test_a_row_that_is_there_twice_is_the_same_row(honest: Any, tables: Tables) -> None:
    """The engine has not merged a redelivery yet."""
    tables.tables["postings"] *= 2
    assert check_rows(honest, tables).agrees


def test_a_changed_row_is_named_by_its_fields(honest: Any, tables: Tables) -> None:
    """Field names, no values."""
    tables.tables["postings"][0] |= {"pillar": "PREVENT", "sign": -1}
    verdict = check_rows(honest, tables)
    assert [(d.kind, d.place, d.offset, d.sentence, d.disruption_id) for d in verdict.shown] == [
        (FindingKind.ROW_DIFFERS, "postings leg 0", 1, "Not as the fold has it: pillar, sign.", "D-1")
    ]


def test_altered_bytes_of_an_entry_are_a_difference(honest: Any, tables: Tables) -> None:
    """The original bytes are compared too."""
    tables.tables["entries"][0] |= {"value": "AAAA"}
    assert [(d.kind, d.sentence) for d in check_rows(honest, tables).shown] == [
        (FindingKind.ROW_DIFFERS, "Not as the fold has it: value.")
    ]


def test_a_missing_row_is_a_difference_where_the_loader_had_committed_it(honest: Any, tables: Tables) -> None:
    """What the loader commits is written."""
    del tables.tables["postings"][0]
    assert [(d.kind, d.place, d.offset) for d in check_rows(honest, tables).shown] == [
        (FindingKind.ROW_MISSING, "postings leg 0", 1)
    ]


def test_a_missing_row_that_the_loader_had_not_committed_is_on_its_way(honest: Any, tables: Tables) -> None:
    """The loader has come as far as the first entry."""
    for rows in tables.tables.values():
        rows[:] = [row for row in rows if row["offset"] == 0]
    verdict = check_rows(honest, tables, loaded=1)
    assert [d.place for d in verdict.shown] == ["rejected"], "the only refusal is the first record of its topic"
    assert verdict.reaches[0].not_stored == 2


def test_a_row_that_the_fold_does_not_write_is_a_difference(honest: Any, tables: Tables) -> None:
    """A posting of a resend would count it twice."""
    tables.tables["postings"].append(tables.tables["postings"][0] | {"offset": 2})
    assert [(d.kind, d.place, d.offset) for d in check_rows(honest, tables).shown] == [
        (FindingKind.ROW_UNKNOWN, "postings leg 0", 2)
    ]


def test_a_row_past_the_end_of_what_is_published_is_a_difference(honest: Any, tables: Tables) -> None:
    """Nobody published offset 50."""
    tables.tables["entries"].append(tables.tables["entries"][0] | {"offset": 50})
    assert [(d.kind, d.offset) for d in check_rows(honest, tables).shown] == [(FindingKind.ROW_UNKNOWN, 50)]


def test_a_row_of_an_event_published_since_the_start_is_none(honest: Any, tables: Tables) -> None:
    """A ledger that goes on growing can be audited."""
    tables.tables["entries"].append(tables.tables["entries"][0] | {"offset": 4})
    assert check_rows(honest, tables, end=5).agrees


def test_lines_are_whole_whatever_the_blocks() -> None:
    """A block may end in the middle of a row."""
    assert list(join_lines([b'{"a"', b":1}\n{", b'"b":2}\n', b"{}"])) == [b'{"a":1}', b'{"b":2}', b"{}"]
