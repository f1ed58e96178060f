"""One row of a file to a draft: as lenient as Avro can encode, so that intake judges in one place.

Refused here, with the field and the remedy and never the value: what is no row at all, a field that is missing, unknown
(a mistyped column would else be lost in silence) or of another type, a symbol that the schema has no number for, an
instant without a time zone. Everything else is sent: unknown organisations, odd versions, even the symbol UNRECOGNISED.
"""

import re
from datetime import date, datetime
from functools import cache
from typing import Any, Final, get_args

import msgspec

from ledger.errors import Misuse
from ledger.facts import DisruptionFact, Millis, ThreatFact
from ledger.instants import count_days, count_millis, find_end_of_day
from producers.drafts import Draft, prepare_fact
from producers.records import Note
from producers.repeats import refuse_repeated
from schemas.definitions import DISRUPTION, THREAT, read_definition


class DisruptionRow(
    msgspec.Struct, tag_field="record", tag=DisruptionFact.record, forbid_unknown_fields=True, kw_only=True
):
    """``ledger.events.DisruptionEvent`` before its symbols and instants are looked at."""

    event_id: str
    change: str
    disruption_id: str
    version: int
    threat_id: str
    recorded_by: str
    source_sequence: int | None = None
    type: str
    benefits: str | None = None
    pillar: str
    category: str
    activity_ref: str | None = None
    event_date: date
    entered_at: str
    tags: list[str] = []
    plan_ref: str | None = None
    actor: str
    reason: str | None = None
    source_system: str | None = None
    entry_route: str = "DIRECT"


class ThreatRow(msgspec.Struct, tag_field="record", tag=ThreatFact.record, forbid_unknown_fields=True, kw_only=True):
    """``ledger.events.ThreatEvent`` before its symbols and instants are looked at."""

    event_id: str
    threat_id: str
    version: int
    owner: str
    source_sequence: int | None = None
    kind: str
    crime_type: str
    tags: list[str] = []
    assessment_type: str
    moderation_status: str
    soc: bool
    tier: int
    phase: str
    assessed_on: date
    entered_at: str
    actor: str
    reason: str | None = None
    source_system: str | None = None


NOT_JSON: Final = "not a line of JSON in UTF-8: one whole record a line"
ARRAY: Final = "a JSON array: write one record a line, with no brackets around them and no commas between them"
MADE_CANONICAL: Final = (
    "references were made canonical: no white space at their ends, Unicode NFC, a UUID in lower case"
)

AnyRow = DisruptionRow | ThreatRow
_DECODER: Final = msgspec.json.Decoder(AnyRow)
_LISTS: Final = frozenset({"tags"})
_PATH: Final = re.compile(r" - at `\$\.?(\w*)")
_EXPECTED: Final = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_MISSING: Final = re.compile(r"missing required field `(\w+)`")
_UNKNOWN: Final = re.compile(r"unknown field `([a-z_]{1,40})`")
_RANGES: Final = {"version": 31, "tier": 31, "source_sequence": 63}


def read_json(line: bytes, note: Note) -> Draft:
    """Read the draft in one line of NDJSON. Raises Misuse."""
    if line.startswith(b"["):
        raise Misuse(ARRAY)
    try:
        row = _DECODER.decode(line)
    except msgspec.ValidationError as error:
        raise Misuse(_explain_fault(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Misuse(NOT_JSON) from None
    refuse_repeated(line)
    return make_row_draft(row, note)


def read_cells(cells: dict[str, str], note: Note) -> Draft:
    """Read the draft in one row of a table, by column name; empty cells are null, ``;`` parts tags. Raises Misuse."""
    record: dict[str, Any] = {
        name: _split_tags(cell) if name in _LISTS else cell for name, cell in cells.items() if cell
    }
    try:
        return make_row_draft(msgspec.convert(record, AnyRow, strict=False), note)
    except msgspec.ValidationError as error:
        raise Misuse(_explain_fault(str(error))) from None


def make_row_draft(row: AnyRow, note: Note) -> Draft:
    """Make the draft of a row whose types are right.

    Args:
        row: one record.
        note: told when a reference is not sent as it stands in the row.

    Raises:
        Misuse: a symbol, a number, an instant or a reference is not one, or a field is too long.
    """
    name, day = (DISRUPTION, "event_date") if isinstance(row, DisruptionRow) else (THREAT, "assessed_on")
    for field, symbols in _list_symbols(name).items():
        if getattr(row, field) not in symbols:
            raise Misuse(f"{field}: not one of {', '.join(symbols[:-1])}")
    fields = {field: getattr(row, field) for field in row.__struct_fields__}
    for field, bits in _RANGES.items():
        if not -(2**bits) <= (fields.get(field) or 0) < 2**bits:
            raise Misuse(f"{field}: too large a number")
    fields[day] = count_days(fields[day])
    fields["entered_at"] = read_instant(row.entered_at)
    fields["source_sequence"] = row.source_sequence or 0
    kind = DisruptionFact if isinstance(row, DisruptionRow) else ThreatFact
    fact = kind(**fields)
    prepared = prepare_fact(fact)
    if prepared is not fact:
        note(MADE_CANONICAL)
    return Draft(prepared, row.source_sequence is not None)


def read_instant(text: str) -> Millis:
    """Read an ISO instant with its zone; a date alone is the end of that day in the United Kingdom. Raises Misuse."""
    try:
        found = (
            find_end_of_day(date.fromisoformat(text))
            if len(text) == len("2022-07-01")
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError):
        raise Misuse("entered_at: not an ISO 8601 instant, such as 2022-07-01T09:30:00+01:00") from None
    if found.tzinfo is None:
        raise Misuse("entered_at: no time zone; add Z or an offset such as +01:00")
    return count_millis(found)


@cache
def _list_symbols(name: str) -> dict[str, tuple[str, ...]]:
    fields = {field["name"]: field["type"] for field in read_definition(name)["fields"]}
    return {field: tuple(kind["symbols"]) for field, kind in fields.items() if "symbols" in kind}


def _split_tags(cell: str) -> list[str]:
    return [tag.strip() for tag in cell.split(";") if tag.strip()]


def _explain_fault(said: str) -> str:
    """Explain msgspec's complaint with its field and the remedy; none of its words that may quote the row."""
    path = _PATH.search(said)
    field = path[1] if path else ""
    if found := _MISSING.search(said):
        return f"{found[1]}: missing; give it"
    if "unknown field" in said:
        known = _UNKNOWN.search(said)
        return f"{known[1] if known else 'a field'}: not a field of this record; mend its name or take it out"
    if field == "record" or not field:
        return f"record: say which it is, {' or '.join(kind.__struct_config__.tag for kind in get_args(AnyRow))}"
    if found := _EXPECTED.search(said):
        return f"{field}: {found[1]} expected, not {found[2]}"
    return f"{field}: not a date such as 2022-07-01" if "date" in said else f"{field}: not a value that it can have"
