"""How records come to lie at the offsets that they had, with holes between them; pure.

A producer cannot skip offsets. What can be had are records that nobody reads, those of an aborted transaction, and the
marker behind every transaction, committed or aborted. So a hole of two or more is an aborted transaction of one record
fewer; a hole of one is the marker of the record before it, which is then the last of a committed transaction. A hole of
one at the very beginning has no record before it: it is the one record of a transaction that is aborted later, whose
marker lies in the next hole, or behind the end.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ledger.facts import Millis

RestoredHeaders = tuple[tuple[str, bytes | None], ...]
STRETCH_RECORDS: Final = 10_000
STRETCH_BYTES: Final = 32 * 1024 * 1024
RECORD_BYTES: Final = 100  # what a record weighs beside its bytes


class RestoredRecord(NamedTuple):
    """A record as it is to lie in a topic."""

    offset: int
    timestamp: Millis
    key: bytes | None
    value: bytes | None
    headers: RestoredHeaders


class Stretch(NamedTuple):
    """What is written in one go, from offset ``start`` on, in the order of its fields.

    Attributes:
        start: where it begins.
        settled: the transaction that was left open is aborted: its marker takes one offset.
        hole: so many offsets are passed by an aborted transaction, marker included; 0, or two and more.
        begun: one offset is passed by a record of a transaction that stays open.
        records: follow one another.
        marked: the last of them is a transaction of its own, whose marker takes the offset behind it.
    """

    start: int
    settled: bool = False
    hole: int = 0
    begun: bool = False
    records: tuple[RestoredRecord, ...] = ()
    marked: bool = False

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + self.settled + self.hole + self.begun + len(self.records) + self.marked


class UnfitHole(ValueError):
    """What is there ends one offset before a record, and nothing of the plan passes a single offset there."""


def plan_stretches(records: Iterable[RestoredRecord], start: int, end: int) -> Iterator[Stretch]:
    """Plan what is written from ``start`` on, so that every record has its offset and nothing follows before ``end``.

    Raises:
        UnfitHole: a part of a hole was written already, and cannot be completed.
    """
    plan = _StretchPlan(start)
    for record in records:
        if record.offset >= start:
            yield from plan.add_record(record)
    yield from plan.close(end)


class _StretchPlan:
    """What was not handed out yet."""

    def __init__(self, start: int) -> None:
        self._stretch = Stretch(start)
        self._records: list[RestoredRecord] = []
        self._size = 0
        self._owes = False

    def add_record(self, record: RestoredRecord) -> Iterator[Stretch]:
        """Add the next record; what is before it goes out once there is a hole between, or enough of it."""
        yield from self._pass_hole(record.offset - self._at)
        if len(self._records) >= STRETCH_RECORDS or self._size >= STRETCH_BYTES:
            yield self._hand_out(marked=False)
        self._records.append(record)
        self._size += RECORD_BYTES + len(record.key or b"") + len(record.value or b"")

    def close(self, end: int) -> Iterator[Stretch]:
        """Hand out what is left, up to the end."""
        yield from self._pass_hole(max(0, end - self._at))
        yield self._hand_out(marked=False)
        if self._owes:
            yield Stretch(self._at, settled=True)

    @property
    def _at(self) -> int:
        return self._stretch.end + len(self._records)

    def _pass_hole(self, hole: int) -> Iterator[Stretch]:
        if hole < 0:
            raise ValueError("records come in the order of their offsets")
        if hole == 0:
            return
        left = hole - self._owes
        marked = left == 1 and bool(self._records)
        if left == 1 and not marked and (self._at or self._owes):
            raise UnfitHole(f"a hole of one offset at {self._at}")
        settled, begun = self._owes, left == 1 and not marked
        if self._records:
            yield self._hand_out(marked=marked)
        self._owes = begun
        self._stretch = self._stretch._replace(settled=settled, hole=left if left > 1 else 0, begun=begun)

    def _hand_out(self, *, marked: bool) -> Stretch:
        """Hand out what there is; the next begins where it ends."""
        found = self._stretch._replace(records=tuple(self._records), marked=marked)
        self._stretch, self._records, self._size = Stretch(found.end), [], 0
        return found
