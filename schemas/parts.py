"""Entries in parts: one that moves very many disruptions is written as several records of the same position.

Part 0 carries the original and the legs of the threat; the legs of disruptions go round in order. Every part but the
last has ``LEGS_PER_PART``, so how an entry is parted depends on nothing but its legs.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.entries import EntryPart, SourceRecord
from schemas.stored import StoredEntry

LEGS_PER_PART: Final = 10_000
"""Bounded fields make a leg at most about 900 bytes, so a part is at most about 9 MB beside the original."""


def list_parts(legs: int) -> list[EntryPart]:
    """Name the parts of an entry with that many legs of disruptions; one where they fit."""
    parts = max(1, -(-legs // LEGS_PER_PART))
    return [EntryPart(part, parts, part * LEGS_PER_PART) for part in range(parts)]


def strip_source(source: SourceRecord) -> SourceRecord:
    """Return the source as every part but the first has it: its position without its bytes."""
    return source._replace(key=b"", value=b"", headers=())


def split_entry(entry: StoredEntry) -> Iterator[StoredEntry]:
    """Split a whole entry into its records."""
    for part in list_parts(len(entry.legs)):
        legs = entry.legs[part.first_leg : part.first_leg + LEGS_PER_PART]
        if part.part == 0:
            yield entry._replace(legs=legs, part=part)
        else:
            yield entry._replace(source=strip_source(entry.source), legs=legs, threat_legs=(), part=part)


def join_entry(parts: Sequence[StoredEntry]) -> StoredEntry:
    """Join all parts of an entry, in order, to the whole."""
    first = parts[0]
    if len(parts) == 1:
        return first
    legs = tuple(leg for part in parts for leg in part.legs)
    return first._replace(legs=legs, part=EntryPart())


def continues_entry(parts: Sequence[StoredEntry], found: StoredEntry) -> bool:
    """Tell whether a record is the part that comes next after these of its position."""
    if found.part.part != len(parts) or found.part.part >= found.part.parts:
        return False
    if not parts:
        return found.part.first_leg == 0
    last = parts[-1]
    alike = found._replace(source=last.source, legs=last.legs, threat_legs=last.threat_legs, part=last.part)
    return (
        alike == last
        and found.part.parts == last.part.parts
        and found.part.first_leg == last.part.first_leg + len(last.legs)
        and found.source == strip_source(last.source)
    )
