"""What is proved of one generation's outputs, and of which partitions the store must be asked for more.

A loader in process has just written what it tells of, and nobody else writes there. Where nothing was stored past a
partition's chain, outputs that follow it one by one are its new end, and no question to the store is needed for it.
Everything else puts a partition in doubt, and ``sinks.positions`` asks the store: outputs that leave a hole, repeat or
overlap, an entry in parts, a write that failed or was not told, two writes at once. It is out of doubt once the store
was asked while nobody wrote, and holds nothing past the chain.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from typing import NamedTuple

from sinks.frontier import BEGINNING, Frontier
from sinks.told_legs import ChainedOutput, ToldLegs

Doubt = frozenset[int] | None
"""Partitions that may hold more than is proved; None: any may."""


class OutputWrite:
    """One write of outputs. ``outputs``: all that it has stored, once they are told."""

    outputs: Iterable[ChainedOutput] | None = None

    def tell_stored(self, outputs: Iterable[ChainedOutput] | None) -> None:
        """Note all outputs that this write has stored; None: nobody knows what they say."""
        self.outputs = outputs


class WriteCount:
    """How many writes of outputs have begun, and how many of them are not over."""

    begun = 0
    under_way = 0


class ProvedCoverage(NamedTuple):
    """What is proved at one moment: the frontiers, what is in doubt, and how many writes had begun; -1 during one."""

    frontiers: dict[int, Frontier]
    doubt: Doubt
    begun: int


class Coverage:
    """Any thread may ask and tell.

    Args:
        is_told: whether all writes are told of here; the store is asked each time where others write too.
    """

    def __init__(self, *, is_told: bool, writes: WriteCount | None = None) -> None:
        self._is_told = is_told
        self._writes = WriteCount() if writes is None else writes
        self._lock = threading.Lock()
        self._frontiers: dict[int, Frontier] = {}
        self._doubt: Doubt = None
        self._told = ToldLegs()

    def renew_proof(self) -> "Coverage":
        """Return one of which nothing is proved yet, of the same tables; this one learns for nobody any more."""
        return Coverage(is_told=self._is_told, writes=self._writes)

    def read_proved(self) -> ProvedCoverage:
        """Read what is proved now."""
        with self._lock:
            begun = -1 if self._writes.under_way else self._writes.begun
            return ProvedCoverage(dict(self._frontiers), self._doubt, begun)

    def list_told(self, start: Mapping[int, int], end: Mapping[int, int]) -> list[ChainedOutput] | None:
        """List the outputs that were stored from one position to another; None where the store is to be asked."""
        with self._lock:
            return self._told.list_between(start, end) if self._is_told else None

    def learn_asked(
        self, before: ProvedCoverage, found: Mapping[int, Frontier], unproved: Collection[int]
    ) -> dict[int, Frontier]:
        """Learn what the store said since ``before`` was read, and return all that is proved now.

        ``unproved``: the partitions that hold more than their chain.
        """
        with self._lock:
            for partition, frontier in found.items():
                if frontier.position > self._frontiers.get(partition, BEGINNING).position:
                    self._frontiers[partition] = frontier
            if self._is_told and before.begun == self._writes.begun:
                self._doubt = frozenset(unproved)
            return dict(self._frontiers)

    @contextmanager
    def note_write(self, partitions: Collection[int]) -> Iterator[OutputWrite]:
        """Note a write of outputs of these partitions, made within the block."""
        with self._lock:
            is_alone = not self._writes.under_way
            self._writes.begun += 1
            self._writes.under_way += 1
            begun = self._writes.begun
        write = OutputWrite()
        is_whole = False
        try:
            yield write
            is_whole = True
        finally:
            with self._lock:
                self._writes.under_way -= 1
                is_trusted = is_whole and is_alone and begun == self._writes.begun
                self._take_written(partitions, write.outputs if is_trusted else None)

    def _take_written(self, partitions: Collection[int], outputs: Iterable[ChainedOutput] | None) -> None:
        """Extend the chains by what was stored; what does not follow a chain is in doubt. None: all of it is."""
        if self._doubt is None:
            return
        if outputs is None:
            self._doubt |= frozenset(partitions)
            return
        for one in sorted(outputs, key=attrgetter("partition", "offset")):
            frontier = self._frontiers.get(one.partition, BEGINNING)
            if one.partition in self._doubt:
                continue
            if one.parts == 1 and one.previous_offset + 1 == frontier.position <= one.offset:
                reached = Frontier(one.offset + 1, one.ledger_time, one.entered_at)
                self._frontiers[one.partition] = frontier.extend_to(reached)
                self._told.add_output(one)
            else:
                self._doubt |= {one.partition}
