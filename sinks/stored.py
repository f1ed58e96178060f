"""Stored rows as they lie in the store, for whoever compares them with the topics: one JSON object a line.

Instants are integers (milliseconds), event dates integers (days since 1970-01-01), symbols strings, bytes base64. Rows
come in the order of position and leg, duplicates included where the engine has not merged them yet: the audit wants
what is stored, not what is shown.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from ledger.errors import Misuse
from sinks.store import Store

_POSITION: Final = "partition, offset, previous_offset, toUnixTimestamp64Milli(ledger_time) AS ledger_time"
_LEG: Final = "partition, offset, leg, toUnixTimestamp64Milli(ledger_time) AS ledger_time, event_id, threat_id"
_BYTES: Final = """if(isNull(key), NULL, base64Encode(assumeNotNull(key))) AS key,
    if(isNull(value), NULL, base64Encode(assumeNotNull(value))) AS value,
    header_names,
    arrayMap(one -> if(isNull(one), NULL, base64Encode(assumeNotNull(one))), header_values) AS header_values"""
_ENTERED: Final = "toUnixTimestamp64Milli(entered_at) AS entered_at"

_SELECTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType({
    "entries": (
        f"{_POSITION}, verdict, record, event_id, threat_id, disruption_id, version, organisation,"
        f" {_ENTERED}, {_BYTES}",
        "partition, offset",
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
    "rejected": (f"{_POSITION}, code, message, event_id, threat_id, disruption_id, {_BYTES}", "partition, offset"),
})  # fmt: skip
TABLES: Final = tuple(_SELECTS)
LAST_OFFSET: Final = 2**63 - 1
CHUNK_ROWS: Final = 20_000


def ndjson(
    store: Store, table: str, partition: int | None = None, first: int | None = None, last: int | None = None
) -> Iterator[bytes]:
    """The rows of ``table`` whose source position lies in the range (both offsets included), in chunks of whole lines.

    Raises:
        Misuse: no such table; the message lists those there are.
    """
    if table not in _SELECTS:
        raise Misuse(f"no stored table {table!r}; there are: {', '.join(TABLES)}")
    columns, order = _SELECTS[table]
    sql = (
        f"SELECT {columns} FROM {table} WHERE ({{partition:Int64}} < 0 OR partition = {{partition:Int64}})"  # noqa: S608  (names of ours alone; values are parameters)
        f" AND offset >= {{first:Int64}} AND offset <= {{last:Int64}} ORDER BY {order}"
    )
    parameters = {
        "partition": -1 if partition is None else partition,
        "first": 0 if first is None else first,
        "last": LAST_OFFSET if last is None else last,
    }
    return _chunks(store, sql, parameters)


def rows(
    store: Store, table: str, partition: int | None = None, first: int | None = None, last: int | None = None
) -> Iterator[dict[str, Any]]:
    """The same rows, decoded."""
    for chunk in ndjson(store, table, partition, first, last):
        for line in chunk.splitlines():
            yield msgspec.json.decode(line)


def _chunks(store: Store, sql: str, parameters: dict[str, Any]) -> Iterator[bytes]:
    """Asked for whole and handed on in pieces: an audit asks for ranges."""
    whole = store.ndjson(sql, parameters)
    for start in range(0, len(whole), CHUNK_ROWS * 100):
        yield whole[start : start + CHUNK_ROWS * 100]
