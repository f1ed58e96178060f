"""Entries as bytes, written field by field: half of intake's time would else go into this one record.

A datum is the concatenation of its fields' encodings, in the order of Entry.avsc, so it can be joined from them without
building a record first: 7 µs against 20 through fastavro for an event with one leg and six headers (bench/codec.py).
``tests/schemas`` holds every byte to fastavro's own, so a change of Entry.avsc cannot be forgotten here.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from ledger.entries import WHOLE, EntryPart, JudgedBy, Leg, SourceRecord, ThreatLeg
from ledger.longs import encode_long
from schemas.definitions import ENTRY, read_definition
from schemas.event_fields import EventFields
from schemas.stored import PostedEvent

_EMPTY: Final = b"\x00"
_SMALL_LONGS: Final = 8192  # a long below this is looked up; greater ones are computed
_HEADER_NAME_SETS: Final = 16  # a set of names may have megabytes
_ACCOUNTS: Final = 16_384

Symbols = Mapping[str, bytes]


_LONGS: Final = tuple(encode_long(number) for number in range(_SMALL_LONGS))


def _look_up_long(number: int) -> bytes:
    return _LONGS[number] if 0 <= number < _SMALL_LONGS else encode_long(number)


def _encode_string(text: str) -> bytes:
    encoded = text.encode()
    return _look_up_long(len(encoded)) + encoded


@lru_cache(maxsize=_HEADER_NAME_SETS)
def _encode_header_names(names: tuple[str, ...]) -> bytes:
    return _encode_array([_encode_string(name) for name in names])


def _encode_header_value(found: bytes | None) -> bytes:
    return _EMPTY if found is None else b"\x02" + _look_up_long(len(found)) + found


@lru_cache(maxsize=_HEADER_NAME_SETS)
def encode_judged(judged: JudgedBy) -> bytes:
    """Write by what an output was judged."""
    fingerprint = judged.schema_fingerprint
    named = _EMPTY if fingerprint is None else b"\x02" + _encode_string(fingerprint)
    return (
        _encode_string(judged.rules_version)
        + _encode_string(judged.rules_digest)
        + named
        + _encode_string(judged.software)
    )


def _encode_array(items: Sequence[bytes]) -> bytes:
    return b"".join((_look_up_long(len(items)), *items, _EMPTY)) if items else _EMPTY


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
        self, source: SourceRecord, fact: EventFields, posted: PostedEvent, judged: JudgedBy, part: EntryPart = WHOLE
    ) -> bytes:
        """Write the datum of an admitted or duplicate event, or of one part of it."""
        return b"".join(
            (
                self.write_head(source, fact, posted.verdict, part),
                encode_judged(judged),
                self.write_counts(posted, part.first_leg),
                self.write_legs(posted),
            )
        )

    def write_head(self, source: SourceRecord, fact: EventFields, verdict: str, part: EntryPart = WHOLE) -> bytes:
        """Write the fields before those that say by what it was judged."""
        partition, offset, previous_offset, ledger_time, key, value, headers = source
        if key is None or value is None:
            raise TypeError("an entry keeps the key and value of its event; null ones are refused before")
        return b"".join(
            (
                self._verdicts[verdict],
                self._records[fact.record],
                _look_up_long(partition),
                _look_up_long(offset),
                _look_up_long(part.part),
                _look_up_long(part.parts),
                _look_up_long(previous_offset),
                encode_long(ledger_time),
                _encode_string(fact.event_id),
                _encode_string(fact.threat_id),
                _EMPTY if fact.disruption_id is None else b"\x02" + _encode_string(fact.disruption_id),
                _look_up_long(fact.version),
                _encode_string(fact.recorder),
                encode_long(fact.entered_at),
                _look_up_long(len(key)),
                key,
                _look_up_long(len(value)),
                value,
                _encode_header_names(tuple([name for name, _ in headers])),
                _encode_array([_encode_header_value(found) for _, found in headers]),
            )
        )

    def write_counts(self, posted: PostedEvent, first_leg: int = 0) -> bytes:
        """Write the number of the first leg, and how many legs there are of either kind."""
        return b"".join(
            (_look_up_long(first_leg), _look_up_long(len(posted.legs)), _look_up_long(len(posted.threat_legs)))
        )

    def write_legs(self, posted: PostedEvent) -> bytes:
        """Write the legs, which end the datum."""
        legs = _encode_array([self._write_leg(leg) for leg in posted.legs])
        return legs + _encode_array([self._write_threat_leg(leg) for leg in posted.threat_legs])

    def _write_leg(self, leg: Leg) -> bytes:
        disruption_id, account, sign, entered_at = leg
        organisation, *symbols, event_date, standing = account
        return b"".join(
            (
                self._encode_symbols(*symbols, standing),
                _look_up_long(sign),
                encode_long(event_date),
                encode_long(entered_at),
                _encode_string(organisation),
                _encode_string(disruption_id),
            )
        )

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
                _look_up_long(account.tier),
                b"\x01" if account.closed else b"\x00",
                _look_up_long(sign),
                encode_long(entered_at),
                _encode_string(account.owner),
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
