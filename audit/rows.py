"""The rows that the store must hold for an output, by the fold: as ``queries.stored`` gives them."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from ledger.entries import SourceRecord
from schemas.parts import split_entry
from schemas.stored import StoredEntry, StoredRejection

ENTRIES, POSTINGS, THREAT_POSTINGS, REJECTED = TABLES = ("entries", "postings", "threat_postings", "rejected")

StoredRow = dict[str, Any]
RowKey = tuple[int, int]  # the source offset, and the leg or the entry's part (0 where there is neither)


def find_row_key(row: StoredRow) -> RowKey:
    """Find what a row is known by within its table and partition."""
    return int(row["offset"]), int(row["leg"] if "leg" in row else row.get("part") or 0)


def make_rows(expected: StoredEntry | StoredRejection) -> Iterator[tuple[str, StoredRow]]:
    """Make each row with its table."""
    if isinstance(expected, StoredRejection):
        yield REJECTED, make_rejected_row(expected)
        return
    for part in split_entry(expected):
        yield ENTRIES, make_entry_row(part)
    shared = {
        "partition": expected.source.partition,
        "offset": expected.source.offset,
        "ledger_time": expected.source.ledger_time,
        "event_id": spell_uuid(expected.event_id),
        "threat_id": expected.threat_id,
    }
    for leg, one in enumerate(expected.legs):
        moved = {"disruption_id": one.disruption_id, "sign": one.sign, "entered_at": one.entered_at}
        yield POSTINGS, shared | {"leg": leg} | moved | one.account._asdict()
    for leg, other in enumerate(expected.threat_legs):
        yield (
            THREAT_POSTINGS,
            shared | {"leg": leg, "sign": other.sign, "entered_at": other.entered_at} | other.account._asdict(),
        )


def make_entry_row(entry: StoredEntry) -> StoredRow:
    """Make the row of ``entries``."""
    row = make_source_row(entry.source)
    for name in ("verdict", "record", "threat_id", "disruption_id", "version", "organisation", "entered_at"):
        row[name] = getattr(entry, name)
    counts = {"leg_count": len(entry.legs), "threat_leg_count": len(entry.threat_legs)}
    return row | {"event_id": spell_uuid(entry.event_id)} | entry.part._asdict() | counts | entry.judged._asdict()


def make_rejected_row(rejection: StoredRejection) -> StoredRow:
    """Make the row of ``rejected``."""
    row = make_source_row(rejection.source) | rejection.judged._asdict()
    for name in ("code", "message", "event_id", "threat_id", "disruption_id", "original_size", "original_digest"):
        row[name] = getattr(rejection, name)
    return row


def make_source_row(source: SourceRecord) -> StoredRow:
    """Make what both tables hold of the published record; bytes in base64."""
    return {
        "partition": source.partition,
        "offset": source.offset,
        "previous_offset": source.previous_offset,
        "ledger_time": source.ledger_time,
        "key": spell_bytes(source.key),
        "value": spell_bytes(source.value),
        "header_names": [name for name, _ in source.headers],
        "header_values": [spell_bytes(value) for _, value in source.headers],
    }


def spell_bytes(value: bytes | None) -> str | None:
    """Spell bytes as JSON carries them."""
    return None if value is None else b64encode(value).decode()


def spell_uuid(text: str) -> str:
    """Spell a UUID as the store does."""
    return str(UUID(text))
