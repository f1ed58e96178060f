"""The store's tables in memory: rows as they were written, and what ``FINAL`` makes of them.

Which columns are a row's key, and which row of a key holds, is read out of the migrations. A block is written whole or
not at all; a key that was written twice is two rows until the engine merges them, which it does when it likes.
"""

import re
from collections import defaultdict
from functools import cache
from io import BytesIO
from typing import Any

import msgspec
from fastavro import schemaless_reader

from schemas.definitions import parse_plain
from sinks.schema import list_statements

TableRow = dict[str, Any]
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+).*?ENGINE = (\w+)(?:\((\w+)\))?\s+ORDER BY (\([^)]*\)|\w+)", re.S)
_META = {"type": "map", "values": "bytes"}
_SYNC_BYTES = 16


@cache
def find_keys() -> dict[str, tuple[tuple[str, ...], str | None]]:
    """Find, of each table, the columns of its key and the one of which the greatest holds."""
    found = [_TABLE.search(one) for one in list_statements(None)]
    return {
        one[1]: (tuple(re.findall(r"\w+", one[4])), one[3])
        for one in found
        if one is not None and one[2] == "ReplacingMergeTree"
    }


@cache
def _parse_schema(text: bytes) -> Any:
    return parse_plain(msgspec.json.decode(text))


def read_container(block: bytes) -> list[TableRow]:
    """Read the data of an Avro object container file as they lie there: dates and instants as numbers."""
    stream = BytesIO(block)
    assert stream.read(4) == b"Obj\x01"
    meta: Any = schemaless_reader(stream, _META, None)
    sync = stream.read(_SYNC_BYTES)
    schema = _parse_schema(meta["avro.schema"])
    count: Any = schemaless_reader(stream, "long", None)
    size: Any = schemaless_reader(stream, "long", None)
    ends = stream.tell() + size
    found: list[Any] = [schemaless_reader(stream, schema, None) for _ in range(count)]
    assert stream.tell() == ends
    assert stream.read() == sync
    return found


class MemoryTables:
    """What a store holds; shared by all that are connected to it."""

    def __init__(self) -> None:
        self._rows: dict[str, list[TableRow]] = defaultdict(list)
        self._final: dict[str, list[TableRow]] = {}
        self.held: set[tuple[str, int, int, int]] = set()
        """By table, partition, offset and part: the outputs that were ever written."""

    def list_rows(self, table: str) -> list[TableRow]:
        """List the rows as they lie there."""
        return self._rows[table]

    def list_final(self, table: str) -> list[TableRow]:
        """List each key's one row."""
        found = self._final.get(table)
        if found is None:
            found = self._final[table] = self._merge_rows(table)
        return found

    def _merge_rows(self, table: str) -> list[TableRow]:
        key, newest = find_keys()[table]
        kept: dict[tuple[Any, ...], TableRow] = {}
        for row in self._rows[table]:
            place = tuple([str(value) if isinstance(value := row[name], list) else value for name in key])
            before = kept.get(place)
            if newest is None or before is None or before[newest] <= row[newest]:
                kept[place] = row
        return list(kept.values())

    def insert_rows(self, table: str, rows: list[TableRow]) -> None:
        """Insert a block."""
        self._rows[table] += rows
        if table in ("entries", "rejected"):
            self.held |= {(table, one["partition"], one["offset"], one.get("part", 0)) for one in rows}
        self._final.pop(table, None)

    def delete_rows(self, table: str, rows: list[TableRow]) -> None:
        """Delete these rows, every row of their keys."""
        gone = {id(one) for one in rows}
        self._rows[table] = [one for one in self._rows[table] if id(one) not in gone]
        self._final.pop(table, None)

    def list_names(self) -> list[str]:
        """List the tables that have rows."""
        return [name for name, rows in self._rows.items() if rows]

    def clear_table(self, table: str) -> None:
        """Drop what a table holds."""
        self._rows[table] = []
        self._final.pop(table, None)

    def merge_table(self, table: str) -> None:
        """Merge what lies there."""
        self._rows[table] = list(self.list_final(table))

    def insert_arrivals(self, table: str, entries: list[TableRow]) -> None:
        """Insert what a view makes of entries: a row of a leg each."""
        shared = ("partition", "offset", "ledger_time", "event_id", "threat_id")
        legs, of_disruptions = [], table == "postings"
        for entry in entries:
            source = {name: entry[name] for name in shared}
            moved = enumerate(entry["legs"], entry["first_leg"]) if of_disruptions else enumerate(entry["threat_legs"])
            legs += [{**source, "leg": number, **leg} for number, leg in moved]
        self.insert_rows(table, legs)
