"""The rows that the store must hold, by the fold, in the bytes in which the store hands them out: Avro, field by field.

``PACKED_COLUMNS`` has the fields of each table in order; all rows of a range are then one run of bytes, and ranges are
equal when their bytes are. A store's row and a topic's entry hold most fields in the same order, so that what was
proven of an entry's bytes need not be written again.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import MappingProxyType

from audit.rows import ENTRIES, POSTINGS, REJECTED, THREAT_POSTINGS
from ledger.entries import JudgedBy, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.longs import encode_bytes, encode_long, encode_text
from schemas.entries import encode_lead, encode_move
from schemas.parts import split_entry
from schemas.stored import StoredEntry, StoredRejection

_HEADERS = ("header_names", "header_values")
SYMBOLS = ("type", "pillar", "kind", "crime_type", "category", "standing")
PACKED_COLUMNS = MappingProxyType(
    {
        ENTRIES: (
            *("partition", "offset", "part", "parts", "previous_offset", "ledger_time", "event_id", "threat_id"),
            *("disruption_id", "version", "organisation", "entered_at", "key", "value", *_HEADERS, *JudgedBy._fields),
            *("first_leg", "leg_count", "threat_leg_count", "verdict", "record"),
        ),
        POSTINGS: (
            *("offset", "leg", "ledger_time", "event_id", "threat_id", *SYMBOLS),
            *("sign", "event_date", "entered_at", "organisation", "disruption_id"),
        ),
        THREAT_POSTINGS: (
            *("offset", "leg", "ledger_time", "event_id", "threat_id", *ThreatAccount._fields),
            *("sign", "entered_at"),
        ),
        REJECTED: (
            *("partition", "offset", "previous_offset", "ledger_time", "code", "message", "event_id", "threat_id"),
            *("disruption_id", "key", "value", *_HEADERS, *JudgedBy._fields, "original_size", "original_digest"),
        ),
    }
)
ACCOUNTS = 16_384
NULL, SOME = b"\x00", b"\x02"
BOOLEANS = (b"\x00", b"\x01")

PackedRow = tuple[str, bytes]


def pack_output(expected: StoredEntry | StoredRejection) -> list[PackedRow]:
    """Pack the rows of an output, each with its table."""
    if isinstance(expected, StoredRejection):
        return [(REJECTED, pack_rejection(expected))]
    source = expected.source
    lead = pack_lead(source.ledger_time, expected.event_id, expected.threat_id)
    entries = [(ENTRIES, pack_entry(part)) for part in split_entry(expected)]
    moves = [encode_move(leg) for leg in expected.legs]
    return entries + pack_postings(source.offset, lead, expected.legs, moves, expected.threat_legs)


def pack_postings(
    offset: int, lead: bytes, legs: Sequence[Leg], moves: Sequence[bytes], threat_legs: Sequence[ThreatLeg]
) -> list[PackedRow]:
    """Pack the rows of both tables of postings.

    ``lead`` is what all rows of one entry share; ``moves`` are what ``encode_move`` wrote of each leg: it ends a row.
    """
    position, rows = encode_long(offset), []
    for number, (leg, move) in enumerate(zip(legs, moves, strict=True)):
        symbols = _pack_symbols(*leg.account[1:6], leg.account[7])
        rows.append((POSTINGS, b"".join((position, encode_long(number), lead, symbols, move))))
    for number, (owned, sign, entered_at) in enumerate(threat_legs):
        effect = encode_long(sign) + encode_long(entered_at)
        rows.append((THREAT_POSTINGS, position + encode_long(number) + lead + _pack_threat(owned) + effect))
    return rows


def pack_lead(ledger_time: int, event_id: str, threat_id: str) -> bytes:
    """Pack what all rows of an entry's legs have after their position."""
    return encode_lead(ledger_time, event_id.lower(), threat_id)


@lru_cache(maxsize=ACCOUNTS)
def _pack_symbols(*named: str) -> bytes:
    """Pack the symbols of an account, which many legs share."""
    return b"".join([encode_text(one) for one in named])


@lru_cache(maxsize=ACCOUNTS)
def _pack_threat(account: ThreatAccount) -> bytes:
    named = (account.owner, account.kind, account.crime_type, account.assessment_type, account.moderation_status)
    state = BOOLEANS[account.soc] + encode_long(account.tier) + BOOLEANS[account.closed]
    return b"".join([encode_text(one) for one in named]) + state


def pack_entry(entry: StoredEntry) -> bytes:
    """Pack the row of one part of an entry."""
    part, source = entry.part, entry.source
    counts = (part.first_leg, len(entry.legs), len(entry.threat_legs))
    return b"".join(
        (
            *map(encode_long, (source.partition, source.offset, part.part, part.parts, source.previous_offset)),
            pack_lead(source.ledger_time, entry.event_id, entry.threat_id),
            pack_optional(entry.disruption_id),
            encode_long(entry.version),
            encode_text(entry.organisation),
            encode_long(entry.entered_at),
            encode_bytes(source.key or b""),
            encode_bytes(source.value or b""),
            _pack_headers(source),
            _pack_judged(entry.judged),
            *map(encode_long, counts),
            pack_verdict(entry.verdict, entry.record),
        )
    )


@lru_cache(maxsize=16)
def pack_verdict(verdict: str, record: str) -> bytes:
    """Pack what ends the row of an entry."""
    return encode_text(verdict) + encode_text(record)


def pack_rejection(rejection: StoredRejection) -> bytes:
    """Pack the row of a rejection."""
    source, size = rejection.source, rejection.original_size
    named = (rejection.event_id, rejection.threat_id, rejection.disruption_id)
    return b"".join(
        (
            *map(encode_long, (source.partition, source.offset, source.previous_offset, source.ledger_time)),
            encode_text(rejection.code),
            encode_text(rejection.message),
            *map(pack_optional, (*named, source.key, source.value)),
            _pack_headers(source),
            _pack_judged(rejection.judged),
            NULL if size is None else SOME + encode_long(size),
            pack_optional(rejection.original_digest),
        )
    )


def _pack_headers(source: SourceRecord) -> bytes:
    names, values = [name for name, _ in source.headers], [value for _, value in source.headers]
    return _pack_array(map(encode_text, names), len(names)) + _pack_array(map(pack_optional, values), len(values))


def _pack_array(items: Iterable[bytes], count: int) -> bytes:
    return b"".join((encode_long(count), *items, NULL)) if count else NULL


def _pack_judged(judged: JudgedBy) -> bytes:
    version, digest, fingerprint, software = judged
    return encode_text(version) + encode_text(digest) + pack_optional(fingerprint) + encode_text(software)


def pack_optional(value: str | bytes | None) -> bytes:
    """Pack what may be null."""
    if value is None:
        return NULL
    return SOME + encode_bytes(value.encode() if isinstance(value, str) else value)
