"""The legs of what was stored last, kept at hand: what came between two positions, without a question to the store.

The bytes of a record are kept as they were written, and decoded when somebody asks for what came (docs/decisions/0035).
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Final, NamedTuple

from fastavro import schemaless_reader
from fastavro.types import Schema

from ledger.entries import Leg
from ledger.facts import Millis
from schemas.stored import read_legs
from schemas.wire import FRAME_BYTES

KEPT_MOST: Final = 5_000  # outputs: of more, the store is asked
KEPT_BYTES_MOST: Final = 16 * 1024 * 1024


class ChainedOutput(NamedTuple):
    """One output that was stored: it covers ``(previous_offset, offset]``; a rejection has no entry time, and no legs.

    Attributes:
        threat_id: of an entry: whose book it is in; empty for a rejection.
        list_legs: lists its legs; only of one that is whole.
        size: how many bytes are kept for that.
    """

    partition: int
    offset: int
    previous_offset: int
    ledger_time: Millis
    entered_at: Millis | None = None
    parts: int = 1
    threat_id: str = ""
    list_legs: Callable[[], Sequence[Leg]] = tuple
    size: int = 0


class RecordLegs:
    """The legs of one record, decoded when they are asked for first."""

    def __init__(self, schema: Schema, value: bytes) -> None:
        self._schema = schema
        self._value = value
        self._legs: tuple[Leg, ...] | None = None

    def list_legs(self) -> tuple[Leg, ...]:
        """List them, by the schema that wrote them, as the engine does."""
        if self._legs is None:
            self._legs = read_legs(schemaless_reader(BytesIO(self._value[FRAME_BYTES:]), self._schema, None))
            self._value = b""
        return self._legs


class ToldLegs:
    """The outputs that were told last, in each partition without a break. Used by one thread at a time."""

    def __init__(self) -> None:
        self._runs: dict[int, deque[ChainedOutput]] = {}
        self._kept: deque[ChainedOutput] = deque()  # of all partitions, from the oldest on
        self._bytes = 0

    def add_output(self, output: ChainedOutput) -> None:
        """Add what was stored next; where something lies between, what came before it is forgotten."""
        run = self._runs.setdefault(output.partition, deque())
        if run and run[-1].offset != output.previous_offset:
            run.clear()
        run.append(output)
        self._kept.append(output)
        self._bytes += output.size
        while len(self._kept) > KEPT_MOST or self._bytes > KEPT_BYTES_MOST:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        oldest = self._kept.popleft()
        self._bytes -= oldest.size
        run = self._runs[oldest.partition]
        if run and run[0] is oldest:
            run.popleft()

    def list_between(self, start: Mapping[int, int], end: Mapping[int, int]) -> list[ChainedOutput] | None:
        """List the outputs from one position to another; None where not all of them are at hand."""
        found: list[ChainedOutput] = []
        for partition in {*start, *end}:
            first, last = start.get(partition, 0), end.get(partition, 0)
            some = self._list_run(partition, first, last) if first != last else []
            if some is None:
                return None
            found += some
        return found

    def _list_run(self, partition: int, first: int, last: int) -> list[ChainedOutput] | None:
        """List those of one partition, the newest first; None where they do not reach from one end to the other."""
        some: list[ChainedOutput] = []
        for one in reversed(self._runs.get(partition, ())):
            if one.offset < first:
                break
            if one.offset < last:
                some.append(one)
        is_whole = bool(some) and some[-1].previous_offset + 1 == first and some[0].offset + 1 == last
        return some if is_whole else None
