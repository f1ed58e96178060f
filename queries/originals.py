"""Published events as they were sent: the bytes that entries and rejections keep, and the fields in them."""

import base64
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final, cast

from infra.settings import Settings
from ledger.errors import Rejected
from ledger.instants import format_millis, make_date
from queries.errors import WrongField
from queries.plain import make_plain
from queries.record_answers import EntryAnswer
from queries.record_queries import EntryQuery
from queries.snapshot import Snapshot
from schemas.codec import Codec
from schemas.registry import resolve_ids
from sinks.feed_events import REFUSED
from sinks.store import Row, Store

ORIGINAL: Final = """partition, offset, ledger_time, threat_id, disruption_id, rules_version, rules_digest,
    schema_fingerprint, software, base64Encode(ifNull(key, '')) AS key_text, isNull(key) AS keyless,
    base64Encode(ifNull(value, '')) AS value_text, isNull(value) AS valueless, header_names,
    arrayMap(one -> if(isNull(one), NULL, base64Encode(assumeNotNull(one))), header_values) AS header_texts"""
"""The columns of a published event, in both tables, for ``OriginalReader``."""

_ENTRY: Final = f"""
SELECT {ORIGINAL}, verdict AS outcome, NULL AS code, NULL AS message, record, toString(event_id) AS event_id, version,
    NULL AS original_size, NULL AS original_digest
FROM entries FINAL WHERE partition = {{partition:Int32}} AND offset = {{offset:Int64}} AND part = 0
"""  # noqa: S608  (names of ours alone; values are parameters)
_REJECTION: Final = f"""
SELECT {ORIGINAL}, '{REFUSED}' AS outcome, code, message, NULL AS record, event_id, NULL AS version,
    original_size, original_digest
FROM rejected FINAL WHERE partition = {{partition:Int32}} AND offset = {{offset:Int64}}
"""  # noqa: S608  (as above: names of ours alone)
_LEGS: Final = """
SELECT leg, sign, disruption_id, organisation, type, pillar, kind, crime_type, category, event_date, standing,
    entered_at
FROM postings FINAL WHERE partition = {partition:Int32} AND offset = {offset:Int64} ORDER BY leg
"""
_DAYS: Final = frozenset({"event_date", "assessed_on"})
_INSTANTS: Final = frozenset({"entered_at"})


class OriginalReader:
    """Reads events by the schemas that wrote them: pinned, or of the registry that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _codec(self) -> Codec:
        return Codec(resolve_ids(self._settings))

    def answer_entry(self, snapshot: Snapshot, query: EntryQuery) -> EntryAnswer:
        """Answer what became of a position. Raises WrongField: nothing is stored of it."""
        asked = {"partition": query.partition, "offset": query.offset}
        row = self._find_row(snapshot, query, asked)
        legs = make_plain(snapshot.store.query(_LEGS, asked))
        fields, unreadable = self.read_fields(row)
        plain = make_plain({name: row[name] for name in row if name in EntryAnswer.__annotations__})
        bytes_ = {"headers": list_headers(row), "key": spell_bytes(row, "key"), "value": spell_bytes(row, "value")}
        found = {**plain, **bytes_, "fields": fields, "unreadable": unreadable, "postings": legs}
        return cast(EntryAnswer, found)

    def read_fields(self, row: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
        """Read the fields of an event as it was written, dates and instants spelled; or why they cannot be read."""
        try:
            name, record = self._codec.read_written(take_bytes(row, "value"), take_headers(row))
        except Rejected as error:
            return None, error.sentence
        return {
            "record": name.rpartition(".")[2],
            **{one: spell_value(one, found) for one, found in record.items()},
        }, None

    def _find_row(self, snapshot: Snapshot, query: EntryQuery, asked: Mapping[str, int]) -> Row:
        reached = snapshot.position.get(query.partition)
        if reached is None:
            there = ", ".join(map(str, snapshot.position)) or "none"
            raise WrongField("partition", f"nothing is stored of {query.partition}; there are: {there}")
        found = find_first(snapshot.store, asked) if query.offset < reached else None
        if found is None:
            sentence = f"nothing was published at {query.offset}, or it is not stored yet: it is up to {reached}"
            raise WrongField("offset", sentence)
        return found


def find_first(store: Store, asked: Mapping[str, int]) -> Row | None:
    """Find the entry or the rejection of a position."""
    return next((row for sql in (_ENTRY, _REJECTION) for row in store.query(sql, asked)), None)


def take_bytes(row: Mapping[str, Any], name: str) -> bytes | None:
    """Take key or value of a published event."""
    return None if row[f"{name}less"] else base64.b64decode(row[f"{name}_text"])


def take_headers(row: Mapping[str, Any]) -> list[tuple[str, bytes | None]]:
    """Take the headers of a published event."""
    values: Sequence[str | None] = row["header_texts"]
    decoded = (None if one is None else base64.b64decode(one) for one in values)
    return list(zip(row["header_names"], decoded, strict=True))


def list_headers(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the headers, each as text where it is UTF-8, and as it is."""
    return [{"name": name, "text": _read_text(found), "hex": _spell_hex(found)} for name, found in take_headers(row)]


def spell_bytes(row: Mapping[str, Any], name: str) -> str | None:
    """Spell key or value in hexadecimal."""
    return _spell_hex(take_bytes(row, name))


def _spell_hex(found: bytes | None) -> str | None:
    return None if found is None else found.hex()


def _read_text(found: bytes | None) -> str | None:
    try:
        return None if found is None else found.decode()
    except UnicodeDecodeError:
        return None


def spell_value(field: str, value: Any) -> Any:
    """Spell a day or an instant as ISO 8601 has it; one that no calendar holds, and all else, as it stands."""
    try:
        if field in _DAYS and isinstance(value, int):
            return make_date(value).isoformat()
        if field in _INSTANTS and isinstance(value, int):
            return format_millis(value)
    except (OverflowError, ValueError):
        pass
    return value
