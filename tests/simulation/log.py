"""The topics in memory: partitions, offsets with holes, open transactions, committed offsets, and what is on the wire.

What a producer sent lies on a wire of its process, topic and partition. The wires of one producer are independent, so
outputs of two topics land in any order, each in its own; a producer that dies leaves some of what it sent on the wire,
which lands later or never.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from infra.topics import CHECKPOINTS, ENTRIES, FIGURES, PUBLISHED, REJECTED
from schemas.codec import Codec
from schemas.registry import pin_ids
from schemas.stored import StoredEntry, StoredOutput
from tests.simulation.kernel import Kernel, Process

TOPICS = (PUBLISHED, ENTRIES, REJECTED)
CODEC = Codec(pin_ids())
Place = tuple[str, int]
Headers = tuple[tuple[str, bytes | None], ...]


class LoggedRecord(NamedTuple):
    """One record, as aiokafka gives it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_type: int = 1


class LandedOutput(NamedTuple):
    """One record of an output topic, and what it says."""

    offset: int
    value: bytes
    stored: StoredOutput


class PartitionLog:
    """One partition of one topic. ``end`` is past its last offset, holes included."""

    def __init__(self, log: "MemoryLog") -> None:
        self._log = log
        self.end = 0
        self._records: list[LoggedRecord] = []
        self._open: list[list[int]] = []

    def append(self, timestamp: int, key: bytes | None, value: bytes | None, headers: Headers = ()) -> int:
        """Append one record; its offset."""
        self._records.append(LoggedRecord(self.end, timestamp, key, value, headers))
        self._append_all()
        return self.end - 1

    def leave_hole(self) -> None:
        """Append a marker of a transaction: an offset without a record."""
        self._append_all()

    def _append_all(self) -> None:
        self.end += 1
        self._log.changes += 1

    def open_transaction(self, offsets: list[int]) -> None:
        """Let these records, and what comes after them, be seen by nobody until it is over."""
        self._open.append(offsets)

    def end_transaction(self, offsets: list[int], *, commit: bool) -> None:
        """End a transaction: its records are seen now, or never."""
        self._open.remove(offsets)
        if not commit:
            self._records = [one for one in self._records if one.offset not in offsets]
        self.leave_hole()

    @property
    def stable_end(self) -> int:
        """Where reading ends, for who reads what is committed."""
        return min(offsets[0] for offsets in self._open) if self._open else self.end

    def find_record(self, offset: int) -> LoggedRecord:
        """Find one record, whether or not anybody sees it yet."""
        return self._records[bisect_left(self._records, (offset,))]

    def read_records(self, first: int, most: int = 1_000_000) -> list[LoggedRecord]:
        """Read committed records from an offset on."""
        start = bisect_left(self._records, (first,))
        stable = self.stable_end
        return [one for one in self._records[start : start + most] if one.offset < stable]


class Wire:
    """What one producer sent to one partition of a topic, in its order. ``held_until``: on the way so long."""

    def __init__(self, owner: Process, topic: str, partition: int) -> None:
        self.owner = owner
        self.topic = topic
        self.partition = partition
        self.waiting: deque[tuple[bytes | None, bytes, Headers, Callable[[], None]]] = deque()
        self.held_until = 0.0

    def is_moving(self) -> bool:
        """Tell whether anything of it can land now."""
        return bool(self.waiting) and max(self.held_until, self.owner.stopped_until) <= self.owner.kernel.now


class MemoryLog:
    """The whole of it.

    Attributes:
        away_until: the broker answers nobody before that.
        clock_ahead: by how many milliseconds its clock is ahead.
    """

    def __init__(self, kernel: Kernel, partitions: int) -> None:
        self.kernel = kernel
        self.partitions = partitions
        self.changes = 0
        self.topics = {name: [PartitionLog(self) for _ in range(partitions)] for name in TOPICS}
        self.topics |= {name: [PartitionLog(self)] for name in (CHECKPOINTS, FIGURES)}
        self.transactions: dict[str, tuple[int, list[tuple[Place, list[int]]]]] = {}
        """By transactional id, its epoch and what is open."""
        self.hold_published: list[Callable[[Place, int], None]] = []
        self.outputs: dict[Place, list[LandedOutput]] = {place: [] for place in self.list_places()}
        self.committed: dict[tuple[str, str, int], int] = {}
        self.hold_commit: list[Callable[[str, str, int, int], None]] = []
        self._covering: dict[tuple[int, int], set[int]] = {}
        self.wires: list[Wire] = []
        self.away_until = 0.0
        self.slow_until = 0.0
        self.clock_ahead = 0

    @property
    def away(self) -> bool:
        """Whether the broker is away."""
        return self.away_until > self.kernel.now

    def find_partition(self, topic: str, partition: int) -> PartitionLog:
        """Find one partition of a topic."""
        return self.topics[topic][partition]

    def list_places(self) -> Iterator[tuple[str, int]]:
        """List every partition of the two output topics."""
        return ((topic, number) for topic in (ENTRIES, REJECTED) for number in range(self.partitions))

    def commit_offset(self, group: str, topic: str, partition: int, offset: int) -> None:
        """Commit; who watches looks first."""
        for hold in self.hold_commit:
            hold(group, topic, partition, offset)
        self.committed[group, topic, partition] = offset

    def _put_output(self, wire: Wire, offset: int, value: bytes) -> None:
        stored = CODEC.decode_entry(value) if wire.topic == ENTRIES else CODEC.decode_rejection(value)
        self.outputs[wire.topic, wire.partition].append(LandedOutput(offset, value, stored))
        part = stored.part if isinstance(stored, StoredEntry) else None
        lacking = self._covering.setdefault(
            (wire.partition, stored.source.offset), set(range(part.parts if part else 1))
        )
        lacking.discard(part.part if part else 0)

    def is_covered(self, partition: int, offset: int) -> bool:
        """Tell whether a published position has its output, all parts of it."""
        return self._covering.get((partition, offset)) == set()

    def open_wire(self, owner: Process, topic: str, partition: int) -> Wire:
        """Open the wire of a producer to a partition."""
        wire = Wire(owner, topic, partition)
        self.wires.append(wire)
        owner.at_death.append(lambda: self._cut_wire(wire))
        return wire

    def _cut_wire(self, wire: Wire) -> None:
        """Lose what had not left the process that died; the rest is still to land, some of it late."""
        wire.held_until = self.kernel.now + self.kernel.rng.choice((0.0, 0.0, 2.0, 4.0))
        for _ in range(self.kernel.rng.randint(0, len(wire.waiting))):
            wire.waiting.pop()

    def _can_land(self) -> bool:
        if not self.away:
            for wire in self.wires:
                if wire.waiting and wire.is_moving():
                    return True
        return False

    def run_network(self) -> None:
        """Let what is on the wires land, a few records of one wire at a time, for ever."""
        kernel = self.kernel
        while True:
            kernel.wait_until(self._can_land)
            wire = kernel.rng.choice([one for one in self.wires if one.is_moving()])
            landing = self.find_partition(wire.topic, wire.partition)
            count = kernel.rng.randint(1, len(wire.waiting))
            for _ in range(count):
                key, value, headers, tell = wire.waiting.popleft()
                offset = landing.append(int(kernel.now * 1000) + self.clock_ahead, key, value, headers)
                self._put_output(wire, offset, value)
                tell()
            kernel.note_line(f"{wire.topic}/{wire.partition}: {count} from {wire.owner.name}, to {landing.end}")
            if kernel.strikes_now(0.03):
                landing.leave_hole()  # of a transaction: somebody acknowledged a loss elsewhere, say
            self.wires = [one for one in self.wires if one.owner.alive or one.waiting]
            kernel.pass_time(0.03 if self.slow_until < kernel.now else 0.5)
