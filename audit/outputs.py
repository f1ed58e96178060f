"""What the stream wrote, in source order: first outputs go on, repeats are held against them, strays are reported."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from audit.findings import Finding, FindingKind, PartitionReach, ReplayReport
from audit.topic_reader import TopicRecord
from infra.topics import ENTRIES
from ledger.errors import Misuse, Rejected
from schemas.codec import Codec
from schemas.parts import continues_entry, join_entry
from schemas.stored import StoredEntry, StoredRejection

OTHER_BYTES = "It reads as it must, from other bytes than those in which anybody writes it."

Stored = StoredEntry | StoredRejection


class Output(NamedTuple):
    """One entry or rejection, with its own offset in its topic."""

    offset: int
    topic: str
    at: int
    held: Stored


class SeenOutputs:
    """Positions that have had an output, with a hash of its bytes: 16 bytes each, and each part of an entry.

    The hash is Python's own (SipHash), keyed anew in each process: nobody can make other bytes that have it.
    """

    def __init__(self) -> None:
        self._offsets = array("q")
        self._hashes = array("q")
        self._parts = 0  # how many of the greatest position

    @property
    def last(self) -> int:
        """The greatest position that was seen; -1 before the first."""
        return self._offsets[-1] if self._offsets else -1

    def is_next(self, offset: int, part: int) -> bool:
        """Tell whether this part of a position's output comes after all that were seen."""
        last = self.last
        return part == (self._parts if offset == last else 0) and offset >= last

    def add_output(self, offset: int, value: bytes) -> None:
        """Remember what follows."""
        self._parts = self._parts + 1 if offset == self.last else 1
        self._offsets.append(offset)
        self._hashes.append(hash(value))

    def is_same(self, offset: int, part: int, value: bytes) -> bool | None:
        """Tell whether that part of a position's output had these bytes; None where there was none."""
        place = bisect_left(self._offsets, offset) + part
        if place >= len(self._offsets) or self._offsets[place] != offset:
            return None
        return self._hashes[place] == hash(value)


class OutputReader:
    """The outputs of one partition of one topic, in source order, each position once.

    Args:
        codec: reads what is stored.
        end: the end of what was published, taken after that of this topic: no source lies past it.
    """

    def __init__(self, topic: str, codec: Codec, reach: PartitionReach, end: int, verdict: ReplayReport) -> None:
        self._topic = topic
        self._codec = codec
        self._decode = codec.decode_entry if topic == ENTRIES else codec.decode_rejection
        self._reach = reach
        self._end = end
        self._verdict = verdict
        self._seen = SeenOutputs()
        self._misuse: Misuse | None = None
        self._parts: list[StoredEntry] = []

    def read_outputs(self, records: Iterator[TopicRecord]) -> Iterator[Output]:
        """Read the first output of each position; an entry in parts once all of them are there."""
        return filter(None, map(self.read_output, records))

    def read_output(self, record: TopicRecord) -> Output | None:
        """Read the output that is whole, and a position's first, with this record; None where it is neither."""
        held = self._read_held(record)
        if held is None or not self._belongs_here(held) or not self._is_first(held, record):
            return None
        if not self._codec.is_plain(record.value or b"", record.headers):
            self._report_output(FindingKind.ENTRY_DIFFERS, held, OTHER_BYTES)
        whole = self._join_parts(held)
        return None if whole is None else Output(held.source.offset, self._topic, record.offset, whole)

    def may_begin(self, offset: int) -> bool:
        """Tell whether an output of this position would be the first, and of a position that is published."""
        return self._seen.last < offset < self._end

    def note_proven(self, offset: int, value: bytes) -> None:
        """Remember an output that was proven without being read here."""
        self._seen.add_output(offset, value)

    def _join_parts(self, held: Stored) -> Stored | None:
        """Return what is whole with this part; a part that its entry lacks leaves the position without an output."""
        if not isinstance(held, StoredEntry) or held.part.parts == 1:
            return held
        if held.part.part == 0:
            self._parts = []
        if not continues_entry(self._parts, held):
            self._report_output(
                FindingKind.ENTRY_DIFFERS, held, "A part of the entry does not go on where the one before ended."
            )
        self._parts.append(held)
        return join_entry(self._parts) if len(self._parts) == held.part.parts else None

    def _read_held(self, record: TopicRecord) -> Stored | None:
        try:
            return self._decode(record.value, record.headers)
        except Rejected as error:
            self._report_unreadable(record, f"It cannot be read ({error.code.value}).")
        except Misuse as error:
            self._misuse = error
            self._report_unreadable(record, "It names a schema that this ledger does not have.")
        return None

    def _report_unreadable(self, record: TopicRecord, sentence: str) -> None:
        place, partition = f"{self._topic} offset {record.offset}", self._reach.partition
        self._verdict.add_finding(
            Finding(kind=FindingKind.UNREADABLE, place=place, partition=partition, sentence=sentence)
        )

    def hold_schemas(self) -> None:
        """Refuse to judge a partition of which nothing could be read: it is not its records that are wrong.

        Raises:
            Misuse: as the codec says it.
        """
        if self._misuse is not None and not self._reach.entries and not self._reach.rejections:
            raise self._misuse

    def _belongs_here(self, held: Stored) -> bool:
        source = held.source
        if source.partition == self._reach.partition and 0 <= source.offset < self._end:
            return True
        self._report_output(FindingKind.FORGED, held, "It names a position of soc.published that is not there.")
        return False

    def _is_first(self, held: Stored, record: TopicRecord) -> bool:
        offset, value = held.source.offset, record.value or b""
        part = held.part.part if isinstance(held, StoredEntry) else 0
        if self._seen.is_next(offset, part):
            self._seen.add_output(offset, value)
            return True
        same = self._seen.is_same(offset, part, value)
        if same is None:
            self._report_output(
                FindingKind.OUT_OF_ORDER, held, "It comes after later positions' outputs; its position had none here."
            )
        elif same:
            self._reach.repeats += 1
        else:
            self._report_output(
                FindingKind.REPEAT_DIFFERS, held, f"A second output at offset {record.offset} differs from the first."
            )
        return False

    def _report_output(self, kind: FindingKind, held: Stored, sentence: str) -> None:
        self._verdict.add_finding(make_finding(kind, self._topic, held, sentence))


def make_finding(kind: FindingKind, place: str, held: Stored, sentence: str) -> Finding:
    """Make a finding at an output's position, with the ids that it holds."""
    return Finding(
        kind=kind,
        place=place,
        sentence=sentence,
        partition=held.source.partition,
        offset=held.source.offset,
        event_id=held.event_id,
        threat_id=held.threat_id,
        disruption_id=held.disruption_id,
    )
