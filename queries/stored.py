"""Stored rows as they lie in the store, for whoever compares them with the topics: one JSON object a line.

Instants are integers (milliseconds), event dates integers (days since 1970-01-01), symbols strings, bytes base64. Rows
come in the order of position and leg, duplicates included where the engine has not merged them yet: the audit wants
what is stored, not what is shown.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from queries.record_queries import CLOSINGS, StoredRowsQuery
from queries.stored_closings import read_closings
from sinks.store import Store

_POSITION: Final = "partition, offset, previous_offset, toUnixTimestamp64Milli(ledger_time) AS ledger_time"
_LEG: Final = "partition, offset, leg, toUnixTimestamp64Milli(ledger_time) AS ledger_time, event_id, threat_id"
_BYTES: Final = """if(isNull(key), NULL, base64Encode(assumeNotNull(key))) AS key,
    if(isNull(value), NULL, base64Encode(assumeNotNull(value))) AS value,
    header_names,
    arrayMap(one -> if(isNull(one), NULL, base64Encode(assumeNotNull(one))), header_values) AS header_values"""
_JUDGED: Final = "rules_version, rules_digest, schema_fingerprint, software"
_ENTERED: Final = "toUnixTimestamp64Milli(entered_at) AS entered_at"

_SELECTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "entries": (
        f"{_POSITION}, part, parts, verdict, record, event_id, threat_id, disruption_id, version, organisation,"
        f" {_ENTERED}, {_BYTES}, first_leg, leg_count, threat_leg_count, {_JUDGED}",
        "partition, offset, part",
    ),
    "postings": (
        f"{_LEG}, disruption_id, organisation, type, pillar, kind, crime_type, category,"
        f" toInt32(event_date) AS event_date, standing, sign, {_ENTERED}",
        "partition, offset, leg",
    ),
    "threat_postings": (
        f"{_LEG}, owner, kind, crime_type, assessment_type, moderation_status, soc, tier, closed, sign, {_ENTERED}",
        "partition, offset, leg",
    ),
    "rejected": (
        f"{_POSITION}, code, message, event_id, threat_id, disruption_id, {_BYTES}, {_JUDGED},"
        " original_size, original_digest",
        "partition, offset",
    ),
})  # fmt: skip
_SOURCE: Final = "key, value, header_names, header_values, rules_version, rules_digest, schema_fingerprint, software"
_LEGS: Final = "offset, toInt64(leg) AS leg, ledger_time, toString(event_id) AS event_id, threat_id"

_PACKED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "entries": (
        "partition, offset, part, parts, previous_offset, ledger_time, toString(event_id) AS event_id, threat_id,"
        f" disruption_id, version, organisation, entered_at, {_SOURCE}, first_leg, leg_count, threat_leg_count,"
        " verdict, record",
        "offset, part",
    ),
    "postings": (
        f"{_LEGS}, type, pillar, kind, crime_type, category, standing, sign, event_date, entered_at, organisation,"
        " disruption_id",
        "offset, leg",
    ),
    "threat_postings": (
        f"{_LEGS}, owner, kind, crime_type, assessment_type, moderation_status, soc, tier, closed, sign, entered_at",
        "offset, leg",
    ),
    "rejected": (
        "partition, offset, previous_offset, ledger_time, code, message, event_id, threat_id, disruption_id,"
        f" {_SOURCE}, original_size, original_digest",
        "offset",
    ),
})  # fmt: skip
LAST_OFFSET: Final = 2**63 - 1
PAGE_ROWS: Final = 50_000


def read_lines(store: Store, query: StoredRowsQuery) -> Iterator[bytes]:
    """Read the rows in pieces of whole lines."""
    if query.table == CLOSINGS:
        return read_closings(store)
    parameters = {
        "threat_id": query.threat_id or "",
        "partition": -1 if query.partition is None else query.partition,
        "first": 0 if query.first is None else query.first,
        "last": LAST_OFFSET if query.last is None else query.last,
    }
    return _read_pages(store, _write_page_sql(query.table, of_threat=query.threat_id is not None), parameters)


def read_packed(store: Store, query: StoredRowsQuery) -> bytes:
    """Read the rows of a packed query: one Avro file, whose fields are the columns in the order of this module."""
    columns, order = _PACKED[query.table]
    sql = (
        f"SELECT {columns} FROM {query.table} WHERE partition = {{partition:Int32}}"  # noqa: S608  (as below)
        f" AND offset >= {{first:Int64}} AND offset <= {{last:Int64}} ORDER BY {order}"
    )
    return store.read_avro(sql, {"partition": query.partition, "first": query.first, "last": query.last})


def read_once_packed(store: Store, table: str, partition: int, first: int, last: int) -> bytes:
    """Read the rows of a range, both offsets included, as ``read_packed`` does: what is there twice, as it is, once."""
    columns, order = _PACKED[table]
    sql = (
        f"SELECT DISTINCT {columns} FROM {table} WHERE partition = {{partition:Int32}}"  # noqa: S608  (as below)
        f" AND offset >= {{first:Int64}} AND offset <= {{last:Int64}} ORDER BY {order}"
    )
    return store.read_avro(sql, {"partition": partition, "first": first, "last": last})


def find_first_offset(store: Store, table: str, partition: int, first: int) -> int | None:
    """Find the first offset of a partition, from one on, of which a table has a row; None where there is none."""
    sql = (
        f"SELECT count() AS n, min(offset) AS first FROM {table}"  # noqa: S608  (as below)
        " WHERE partition = {partition:Int32} AND offset >= {first:Int64}"
    )
    (found,) = store.query(sql, {"partition": partition, "first": first})
    return found["first"] if found["n"] else None


def read_rows(store: Store, query: StoredRowsQuery) -> Iterator[dict[str, Any]]:
    """Read the same rows, decoded."""
    for page in read_lines(store, query):
        for line in page.splitlines():
            yield msgspec.json.decode(line)


def _write_page_sql(table: str, *, of_threat: bool) -> str:
    """Write SQL for the next page after a position; a position is never cut in two."""
    columns, order = _SELECTS[table]
    return (
        f"SELECT * FROM (SELECT {columns} FROM {table}"  # noqa: S608  (names of ours alone; values are parameters)
        " WHERE ({partition:Int64} < 0 OR partition = {partition:Int64})"
        f"{' AND threat_id = {threat_id:String}' if of_threat else ''}"
        " AND offset >= {first:Int64} AND offset <= {last:Int64}"
        " AND (partition, offset) > ({after_partition:Int64}, {after_offset:Int64})"
        f" ORDER BY partition, offset LIMIT {PAGE_ROWS} WITH TIES) ORDER BY {order}"
    )


def _read_pages(store: Store, sql: str, parameters: dict[str, Any]) -> Iterator[bytes]:
    after = (-1, -1)
    while True:
        page = store.read_ndjson(sql, parameters | {"after_partition": after[0], "after_offset": after[1]})
        if page:
            yield page
        if page.count(b"\n") < PAGE_ROWS:
            return
        last = msgspec.json.decode(page[page.rindex(b"\n", 0, -1) + 1 :])
        after = last["partition"], last["offset"]
