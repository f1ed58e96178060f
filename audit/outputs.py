"""What the stream wrote, in source order: first outputs go on, repeats are held against them, strays are reported."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from audit.findings import Difference, Kind, Reach, Verdict
from audit.tape import Record
from ledger.errors import Rejected
from schemas.parts import continues_entry, join_entry
from schemas.stored import StoredEntry, StoredRejection

Stored = StoredEntry | StoredRejection
DIGEST_BYTES = 16


class Output(NamedTuple):
    """One entry or rejection, with its own offset in its topic."""

    offset: int
    topic: str
    at: int
    held: Stored


class Seen:
    """Positions that have had an output, with a digest of its bytes: 24 bytes each, and each part of an entry."""

    def __init__(self) -> None:
        self._offsets = array("q")
        self._digests = bytearray()
        self._parts = 0  # how many of the greatest position

    def follows(self, offset: int, part: int) -> bool:
        """Whether this part of a position's output comes after all that were seen."""
        last = self._offsets[-1] if self._offsets else -1
        return part == (self._parts if offset == last else 0) and offset >= last

    def add(self, offset: int, value: bytes) -> None:
        """Remember what follows."""
        last = self._offsets[-1] if self._offsets else -1
        self._parts = self._parts + 1 if offset == last else 1
        self._offsets.append(offset)
        self._digests += digest(value)

    def same(self, offset: int, part: int, value: bytes) -> bool | None:
        """Whether that part of a position's output had these bytes; None where there was none."""
        place = bisect_left(self._offsets, offset) + part
        if place >= len(self._offsets) or self._offsets[place] != offset:
            return None
        return self._digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES] == digest(value)


class OutputReader:
    """The outputs of one partition of one topic, in source order, each position once.

    Args:
        decode: bytes and headers to what is stored.
        end: the end of what was published, taken after that of this topic: no source lies past it.
    """

    def __init__(self, topic: str, decode: Callable[..., Stored], reach: Reach, end: int, verdict: Verdict) -> None:
        self._topic = topic
        self._decode = decode
        self._reach = reach
        self._end = end
        self._verdict = verdict
        self._seen = Seen()
        self._parts: list[StoredEntry] = []

    def read(self, records: Iterator[Record]) -> Iterator[Output]:
        """The first output of each position; an entry in parts once all of them are there."""
        for record in records:
            held = self._held(record)
            if held is not None and self._belongs(held) and self._is_first(held, record):
                whole = self._join(held)
                if whole is not None:
                    yield Output(held.source.offset, self._topic, record.offset, whole)

    def _join(self, held: Stored) -> Stored | None:
        """What is whole with this part; a part that its entry lacks leaves the position without an output."""
        if not isinstance(held, StoredEntry) or held.part.parts == 1:
            return held
        if held.part.part == 0:
            self._parts = []
        if not continues_entry(self._parts, held):
            self._report(Kind.ENTRY_DIFFERS, held, "A part of the entry does not go on where the one before ended.")
        self._parts.append(held)
        return join_entry(self._parts) if len(self._parts) == held.part.parts else None

    def _held(self, record: Record) -> Stored | None:
        try:
            return self._decode(record.value, record.headers)
        except Rejected as error:
            place = f"{self._topic} offset {record.offset}"
            self._verdict.add(
                Difference(
                    kind=Kind.UNREADABLE,
                    place=place,
                    partition=self._reach.partition,
                    sentence=f"It cannot be read ({error.code.value}).",
                )
            )
            return None

    def _belongs(self, held: Stored) -> bool:
        source = held.source
        if source.partition == self._reach.partition and 0 <= source.offset < self._end:
            return True
        self._report(Kind.FORGED, held, "It names a position of soc.published that is not there.")
        return False

    def _is_first(self, held: Stored, record: Record) -> bool:
        offset, value = held.source.offset, record.value or b""
        part = held.part.part if isinstance(held, StoredEntry) else 0
        if self._seen.follows(offset, part):
            self._seen.add(offset, value)
            return True
        same = self._seen.same(offset, part, value)
        if same is None:
            self._report(
                Kind.OUT_OF_ORDER, held, "It comes after later positions' outputs; its position had none here."
            )
        elif same:
            self._reach.repeats += 1
        else:
            self._report(
                Kind.REPEAT_DIFFERS, held, f"A second output at offset {record.offset} differs from the first."
            )
        return False

    def _report(self, kind: Kind, held: Stored, sentence: str) -> None:
        self._verdict.add(difference(kind, self._topic, held, sentence))


def difference(kind: Kind, place: str, held: Stored, sentence: str) -> Difference:
    """A difference at an output's position, with the ids that it holds."""
    return Difference(
        kind=kind,
        place=place,
        sentence=sentence,
        partition=held.source.partition,
        offset=held.source.offset,
        event_id=held.event_id,
        threat_id=held.threat_id,
        disruption_id=held.disruption_id,
    )


def digest(value: bytes) -> bytes:
    """Enough of a hash to tell contents apart."""
    return blake2b(value, digest_size=DIGEST_BYTES).digest()
