"""Entries as bytes, written field by field: half of intake's time would else go into this one record.

A datum is the concatenation of its fields' encodings, in the order of Entry.avsc, so it can be joined from them without
building a record first: 7 µs against 20 through fastavro for an event with one leg and six headers (bench/codec.py).
``tests/schemas`` holds every byte to fastavro's own, so a change of Entry.avsc cannot be forgotten here.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from ledger.entries import WHOLE, EntryPart, JudgedBy, Leg, SourceRecord, ThreatLeg
from ledger.facts import Millis
from ledger.longs import LONGS, SMALL_LONGS, encode_bytes, encode_long, encode_text
from schemas.definitions import ENTRY, read_definition
from schemas.event_fields import EventFields
from schemas.stored import PostedEvent

_EMPTY: Final = b"\x00"
_HEADER_NAME_SETS: Final = 16  # a set of names may have megabytes
_ACCOUNTS: Final = 16_384
_CODES: Final = 1_024  # of organisations: an account has one that is known

Symbols = Mapping[str, bytes]
_SOME: Final = tuple(b"\x02" + number for number in LONGS)  # not null, and of such a length


def encode_lead(ledger_time: Millis, event_id: str, threat_id: str) -> bytes:
    """Write when and what an entry is: three fields of it, one behind the other."""
    return encode_long(ledger_time) + encode_text(event_id) + encode_text(threat_id)


def encode_move(leg: Leg) -> bytes:
    """Write what of a leg is behind the symbols of its account."""
    disruption_id, account, sign, entered_at = leg
    return b"".join(
        (
            encode_long(sign),
            encode_long(account.event_date),
            encode_long(entered_at),
            _encode_code(account.organisation),
            encode_text(disruption_id),
        )
    )


_encode_code = lru_cache(maxsize=_CODES)(encode_text)


@lru_cache(maxsize=_HEADER_NAME_SETS)
def _encode_header_names(names: tuple[str, ...]) -> bytes:
    return _encode_array([encode_text(name) for name in names])


def _encode_header_values(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    pieces = [encode_long(len(headers))]
    for _, found in headers:
        if found is None:
            pieces.append(_EMPTY)
        elif len(found) < SMALL_LONGS:
            pieces += (_SOME[len(found)], found)
        else:
            pieces += (b"\x02", encode_bytes(found))
    return b"".join((*pieces, _EMPTY)) if headers else _EMPTY


@lru_cache(maxsize=_HEADER_NAME_SETS)
def encode_judged(judged: JudgedBy) -> bytes:
    """Write by what an output was judged."""
    fingerprint = judged.schema_fingerprint
    named = _EMPTY if fingerprint is None else b"\x02" + encode_text(fingerprint)
    return encode_text(judged.rules_version) + encode_text(judged.rules_digest) + named + encode_text(judged.software)


@lru_cache(maxsize=_ACCOUNTS)
def encode_counts(first_leg: int, legs: int, threat_legs: int) -> bytes:
    """Write the number of the first leg, and how many legs there are of either kind."""
    return encode_long(first_leg) + encode_long(legs) + encode_long(threat_legs)


@lru_cache(maxsize=_ACCOUNTS)
def _encode_part(part: int, parts: int) -> bytes:
    return encode_long(part) + encode_long(parts)


def _encode_array(items: Sequence[bytes]) -> bytes:
    return b"".join((encode_long(len(items)), *items, _EMPTY)) if items else _EMPTY


class EntryWriter:
    """Writes Entry datums; the symbols' numbers come from Entry.avsc."""

    def __init__(self) -> None:
        fields = {field["name"]: field["type"] for field in read_definition(ENTRY)["fields"]}
        legs, threat_legs = fields["legs"]["items"], fields["threat_legs"]["items"]
        named: dict[str, Symbols] = {}
        head = _number_symbols({"fields": [{"name": n, "type": fields[n]} for n in ("verdict", "record")]}, named)
        self._verdicts, self._records = head["verdict"], head["record"]
        self._leg = _number_symbols(legs, named)
        self._threat_leg = _number_symbols(threat_legs, named)
        self._encode_symbols = lru_cache(maxsize=_ACCOUNTS)(self._spell_symbols)

    def write_datum(
        self, source: SourceRecord, fact: EventFields, posted: PostedEvent, judged: JudgedBy, part: EntryPart
    ) -> bytes:
        """Write the datum of an admitted or duplicate event, or of one part of it."""
        lead = encode_lead(source.ledger_time, fact.event_id, fact.threat_id)
        return b"".join(
            (
                self.write_head(source, fact, posted.verdict, lead, part),
                encode_judged(judged),
                encode_counts(part.first_leg, len(posted.legs), len(posted.threat_legs)),
                self.write_legs(posted, [encode_move(leg) for leg in posted.legs]),
            )
        )

    def write_head(
        self, source: SourceRecord, fact: EventFields, verdict: str, lead: bytes, part: EntryPart = WHOLE
    ) -> bytes:
        """Write the fields before those that say by what it was judged; ``lead`` are the three of them that
        ``encode_lead`` wrote.
        """
        partition, offset, previous_offset, _, key, value, headers = source
        if key is None or value is None:
            raise TypeError("an entry keeps the key and value of its event; null ones are refused before")
        return b"".join(
            (
                self._verdicts[verdict],
                self._records[fact.record],
                encode_long(partition),
                encode_long(offset),
                _encode_part(part.part, part.parts),
                encode_long(previous_offset),
                lead,
                _EMPTY if fact.disruption_id is None else b"\x02" + encode_text(fact.disruption_id),
                encode_long(fact.version),
                encode_text(fact.recorder),
                encode_long(fact.entered_at),
                encode_bytes(key),
                encode_bytes(value),
                _encode_header_names(tuple([name for name, _ in headers])),
                _encode_header_values(headers),
            )
        )

    def write_legs(self, posted: PostedEvent, moves: Sequence[bytes]) -> bytes:
        """Write the legs, which end the datum; ``moves`` are what ``encode_move`` wrote of each."""
        encode, legs = self._encode_symbols, posted.legs
        written = [encode(*leg.account[1:6], leg.account[7]) + move for leg, move in zip(legs, moves, strict=True)]
        return _encode_array(written) + _encode_array([self._write_threat_leg(leg) for leg in posted.threat_legs])

    def _spell_symbols(self, *named: str) -> bytes:
        """Write the symbols of an account, which many legs share."""
        fields = ("type", "pillar", "kind", "crime_type", "category", "standing")
        return b"".join([self._leg[field][symbol] for field, symbol in zip(fields, named, strict=True)])

    def _write_threat_leg(self, leg: ThreatLeg) -> bytes:
        account, sign, entered_at = leg
        symbols = self._threat_leg
        return b"".join(
            (
                symbols["kind"][account.kind],
                symbols["crime_type"][account.crime_type],
                symbols["assessment_type"][account.assessment_type],
                symbols["moderation_status"][account.moderation_status],
                b"\x01" if account.soc else b"\x00",
                encode_long(account.tier),
                b"\x01" if account.closed else b"\x00",
                encode_long(sign),
                encode_long(entered_at),
                encode_text(account.owner),
            )
        )


def _number_symbols(record: Any, named: dict[str, Symbols]) -> dict[str, Symbols]:
    """Give by field of ``record``, the bytes of each symbol; ``named`` remembers enums that a later field only
    names.
    """
    found: dict[str, Symbols] = {}
    for field in record["fields"]:
        kind = field["type"]
        if isinstance(kind, dict) and kind.get("type") == "enum":
            named[kind["name"]] = {symbol: encode_long(index) for index, symbol in enumerate(kind["symbols"])}
            kind = kind["name"]
        if isinstance(kind, str) and kind in named:
            found[field["name"]] = named[kind]
    return found
