"""The outputs of one partition as the store holds them, joined again from their rows, in the order of positions.

A row may be there twice with the same content. What an output's rows do not give whole is not an output: whoever reads
them is told the position, and reads no further.
"""

from base64 import b64decode
from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from typing import Any, Final

from ledger.entries import Account, EntryPart, JudgedBy, Leg, SourceRecord, ThreatAccount, ThreatLeg
from ledger.errors import Misuse
from queries.record_queries import StoredRowsQuery
from queries.stored import LAST_OFFSET, read_rows
from schemas.stored import StoredEntry, StoredOutput, StoredRejection
from sinks.store import Row, Store

PAST: Final = LAST_OFFSET + 1
MEND: Final = "let the service load it again (`disruptions unloadable`, `disruptions health` say more)"


def count_outputs(store: Store) -> int:
    """Count the rows of outputs, about as many as there are outputs. Raises Unavailable."""
    (row,) = store.query("SELECT (SELECT count() FROM entries) + (SELECT count() FROM rejected) AS n")
    return int(row["n"])


def read_entries(store: Store, partition: int, end: int, *, legs: bool = True) -> Iterator[StoredEntry]:
    """Read the entries of a partition before ``end``, one for each part; without legs where those are not wanted.

    Raises:
        Misuse: an entry lacks a part or a leg.
        Unavailable: the store did not answer.
    """
    postings, threat_legs = (_Legs(store, table, partition, end) for table in ("postings", "threat_postings"))
    found = _read_once(store, "entries", partition, end)
    for offset, rows in groupby(found, key=lambda row: int(row["offset"])):
        parts = list(rows)
        if [row["part"] for row in parts] != list(range(parts[0]["parts"])):
            raise Misuse(f"the store lacks a part of the entry at partition {partition} offset {offset}: {MEND}")
        moved = [*map(_make_leg, postings.take_legs(offset))] if legs else []
        stood = tuple(map(_make_threat_leg, threat_legs.take_legs(offset))) if legs else ()
        if legs and (len(moved), len(stood)) != _count_legs(parts):
            raise Misuse(f"the store lacks legs of the entry at partition {partition} offset {offset}: {MEND}")
        for row in parts:
            yield _make_entry(row, moved, stood)


def read_rejections(store: Store, partition: int, end: int = PAST, *, first: int = 0) -> Iterator[StoredRejection]:
    """Read the rejections of a partition from ``first`` to before ``end``. Raises Unavailable."""
    for row in _read_once(store, "rejected", partition, end, first=first):
        named = ("code", "message", "event_id", "threat_id", "disruption_id", "original_size", "original_digest")
        yield StoredRejection(source=_make_source(row), judged=_make_judged(row), **{name: row[name] for name in named})


def read_chain(store: Store, partition: int, end: int) -> Iterator[StoredOutput]:
    """Read both, joined on to one another from the first position on, entries without legs and by their first part.

    Raises:
        Misuse: one does not join on to the one before: the store does not hold what lies between.
        Unavailable: the store did not answer.
    """
    entries = (one for one in read_entries(store, partition, end, legs=False) if one.part.part == 0)
    outputs: list[Iterator[StoredOutput]] = [entries, read_rejections(store, partition, end)]
    previous = -1
    for one in merge(*outputs, key=lambda output: output.source.offset):
        if one.source.previous_offset != previous:
            place = f"partition {partition}, after offset {previous}"
            raise Misuse(f"the store does not hold all that was judged: it lacks an output of {place}; {MEND}")
        previous = one.source.offset
        yield one


def read_past(store: Store, partition: int, first: int) -> Iterator[StoredOutput]:
    """Read the outputs from a position on, whatever they join on to, entries without legs and by their first part.

    Raises:
        Unavailable: the store did not answer.
    """
    entries = (
        _make_entry(row, [], ()) for row in _read_once(store, "entries", partition, first=first) if not row["part"]
    )
    outputs: list[Iterator[StoredOutput]] = [entries, read_rejections(store, partition, first=first)]
    return merge(*outputs, key=lambda output: output.source.offset)


class _Legs:
    """The legs of one table and partition, taken position by position."""

    def __init__(self, store: Store, table: str, partition: int, end: int) -> None:
        self._groups = groupby(_read_once(store, table, partition, end), key=lambda row: int(row["offset"]))
        self._next: tuple[int, list[Row]] | None = None

    def take_legs(self, offset: int) -> list[Row]:
        """Take those of a position; what lies before it is no entry's, and passed over."""
        while self._next is None or self._next[0] < offset:
            at, rows = next(self._groups, (2**63, iter(())))
            self._next = at, list(rows)
        return self._next[1] if self._next[0] == offset else []


def _read_once(store: Store, table: str, partition: int, end: int = PAST, *, first: int = 0) -> Iterator[Row]:
    """Read the rows of a partition from ``first`` to before ``end``, each of them once."""
    last: Any = None
    if end <= first:
        return
    for row in read_rows(store, StoredRowsQuery(table=table, partition=partition, first=first, last=end - 1)):
        key = row["offset"], row["leg"] if "leg" in row else row.get("part")
        if key != last:
            last = key
            yield row


def _count_legs(parts: list[Row]) -> tuple[int, int]:
    return sum(row["leg_count"] for row in parts), sum(row["threat_leg_count"] for row in parts)


def _make_entry(row: Row, legs: list[Leg], threat_legs: tuple[ThreatLeg, ...]) -> StoredEntry:
    """Make one part of an entry: its legs go on where those of the part before end; the threat's are in the first."""
    first = int(row["first_leg"])
    named = ("verdict", "record", "event_id", "threat_id", "disruption_id", "version", "organisation", "entered_at")
    return StoredEntry(
        source=_make_source(row),
        legs=tuple(legs[first : first + row["leg_count"]]),
        threat_legs=() if row["part"] else threat_legs,
        judged=_make_judged(row),
        part=EntryPart(row["part"], row["parts"], first),
        **{name: row[name] for name in named},
    )


def _make_source(row: Row) -> SourceRecord:
    headers = tuple(zip(row["header_names"], map(_read_bytes, row["header_values"]), strict=True))
    at = (row["partition"], row["offset"], row["previous_offset"], row["ledger_time"])
    return SourceRecord(*at, _read_bytes(row["key"]), _read_bytes(row["value"]), headers)


def _make_judged(row: Row) -> JudgedBy:
    return JudgedBy(*(row[name] for name in JudgedBy._fields))


def _make_leg(row: Row) -> Leg:
    account = Account(*(row[name] for name in Account._fields))
    return Leg(row["disruption_id"], account, row["sign"], row["entered_at"])


def _make_threat_leg(row: Row) -> ThreatLeg:
    return ThreatLeg(ThreatAccount(*(row[name] for name in ThreatAccount._fields)), row["sign"], row["entered_at"])


def _read_bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
