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
from queries.record_answers import EntryAnswer, EntryLeg
from queries.record_queries import EntriesQuery, EntryQuery
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
PLACES: Final = "(partition, offset) IN arrayZip({partitions:Array(Int32)}, {offsets:Array(Int64)})"
"""Is one of these positions; its parameters are of ``bind_places``."""

_ENTRY: Final = f"""
SELECT {ORIGINAL}, verdict AS outcome, NULL AS code, NULL AS message, record, toString(event_id) AS event_id, version,
    NULL AS original_size, NULL AS original_digest
FROM entries FINAL WHERE {PLACES} AND part = 0
"""  # noqa: S608  (names of ours alone; values are parameters)
_REJECTION: Final = f"""
SELECT {ORIGINAL}, '{REFUSED}' AS outcome, code, message, NULL AS record, event_id, NULL AS version,
    original_size, original_digest
FROM rejected FINAL WHERE {PLACES}
"""  # noqa: S608  (as above: names of ours alone)
_LEGS: Final = f"""
SELECT partition, offset, leg, sign, disruption_id, organisation, type, pillar, kind, crime_type, category, event_date,
    standing, entered_at
FROM postings FINAL WHERE {PLACES} ORDER BY partition, offset, leg
"""  # noqa: S608  (as above)
_DAYS: Final = frozenset({"event_date", "assessed_on"})
_INSTANTS: Final = frozenset({"entered_at"})
_LEG: Final = tuple(EntryLeg.__annotations__)
EntryPlace = tuple[int, int]
"""Partition and offset."""


class OriginalReader:
    """Reads events by the schemas that wrote them: pinned, or of the registry that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _codec(self) -> Codec:
        return Codec(resolve_ids(self._settings))

    def answer_entry(self, snapshot: Snapshot, query: EntryQuery) -> EntryAnswer:
        """Answer what became of a position. Raises WrongField: nothing is stored of it."""
        place = query.partition, query.offset
        reached = snapshot.position.get(query.partition)
        if reached is None:
            there = ", ".join(map(str, snapshot.position)) or "none"
            raise WrongField("partition", f"nothing is stored of {query.partition}; there are: {there}")
        found = self._read_entries(snapshot.store, [place]) if query.offset < reached else {}
        if place not in found:
            sentence = f"nothing was published at {query.offset}, or it is not stored yet: it is up to {reached}"
            raise WrongField("offset", sentence)
        return found[place]

    def answer_entries(self, snapshot: Snapshot, query: EntriesQuery) -> list[EntryAnswer]:
        """Answer what became of several positions; one of which nothing is stored is left out."""
        found = self._read_entries(snapshot.store, query.places)
        return [found[place] for place in query.places if place in found]

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

    def _read_entries(self, store: Store, places: Sequence[EntryPlace]) -> dict[EntryPlace, EntryAnswer]:
        legs: dict[EntryPlace, list[Row]] = {}
        for row in store.query(_LEGS, bind_places(places)):
            legs.setdefault(take_place(row), []).append(make_plain({name: row[name] for name in _LEG}))
        return {
            place: self._describe_entry(row, legs.get(place, [])) for place, row in find_rows(store, places).items()
        }

    def _describe_entry(self, row: Row, legs: list[Row]) -> EntryAnswer:
        fields, unreadable = self.read_fields(row)
        plain = make_plain({name: row[name] for name in row if name in EntryAnswer.__annotations__})
        bytes_ = {"headers": list_headers(row), "key": spell_bytes(row, "key"), "value": spell_bytes(row, "value")}
        found = {**plain, **bytes_, "fields": fields, "unreadable": unreadable, "postings": legs}
        return cast(EntryAnswer, found)


def find_rows(store: Store, places: Sequence[EntryPlace]) -> dict[EntryPlace, Row]:
    """Find the entry or the rejection of each position that is stored."""
    found = {take_place(row): row for row in store.query(_ENTRY, bind_places(places))}
    others = [place for place in places if place not in found]
    return found | {take_place(row): row for row in (store.query(_REJECTION, bind_places(others)) if others else ())}


def bind_places(places: Sequence[EntryPlace]) -> dict[str, list[int]]:
    """Bind positions to the parameters of ``PLACES``."""
    return {"partitions": [one for one, _ in places], "offsets": [one for _, one in places]}


def take_place(row: Mapping[str, Any]) -> EntryPlace:
    """Take the position of a row."""
    return row["partition"], row["offset"]


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
