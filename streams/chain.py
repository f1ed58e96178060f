"""The outputs of one partition as a chain: what is joined from the beginning on, and what lies loose past a break.

Each output covers ``(previous offset, offset]`` of its event's partition, so the outputs of both topics form one chain
from -1 on, whatever order they are found in and however often they repeat. An entry in parts joins when all of them
are there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.entries import WHOLE, EntryPart
from ledger.facts import Fact


@dataclass(slots=True)
class ChainLink:
    """The output of one position: an entry's fact where it advances a book, and which of its parts were found."""

    offset: int
    ledger_time: int
    fact: Fact | None
    is_entry: bool
    parts: int
    there: set[int]

    def is_whole(self) -> bool:
        """Tell whether all its parts were found."""
        return len(self.there) == self.parts


class OutputChain:
    """The outputs of one partition, joined end to end from ``covered`` on."""

    def __init__(self, covered: int, ledger_time: int) -> None:
        self.covered = covered
        self.ledger_time = ledger_time
        self._loose: dict[int, ChainLink] = {}

    def add_output(
        self, previous: int, offset: int, ledger_time: int, fact: Fact | None = None, part: EntryPart | None = None
    ) -> None:
        """Add one more output, or one part of one; a repeated one changes nothing.

        Args:
            previous: the position before it.
            offset: its position.
            ledger_time: in milliseconds.
            fact: what it adds to a book.
            part: which part of its entry it is; None for a rejection.
        """
        if offset <= self.covered:
            return
        number, parts, _ = part or WHOLE
        link = self._loose.get(previous)
        if link is None or (link.offset != offset and not link.is_whole()):
            link = self._loose[previous] = ChainLink(offset, ledger_time, None, part is not None, parts, set())
        if link.offset == offset and link.parts == parts:
            link.there.add(number)
            link.fact = link.fact or fact

    def follow_links(self) -> Iterator[Fact]:
        """Move to the end of what is joined and whole; the facts passed, in order of their events."""
        while (link := self._loose.get(self.covered)) is not None and link.is_whole():
            del self._loose[self.covered]
            self.covered, self.ledger_time = link.offset, max(self.ledger_time, link.ledger_time)
            if link.fact is not None:
                yield link.fact

    def list_beyond(self) -> dict[int, Fact | None]:
        """List offsets whose outputs are there, whole and not joined, with what they add to a book."""
        return {one.offset: one.fact for one in self._loose.values() if one.offset > self.covered and one.is_whole()}

    def list_begun(self) -> dict[int, set[int]]:
        """List offsets of entries of which parts lack, with the parts that are there."""
        return {one.offset: set(one.there) for one in self._loose.values() if not one.is_whole()}

    def find_gap_end(self, last: int) -> int:
        """Find the end of what no output covers from ``covered`` on: where a loose output joins on, or ``last``."""
        return min([last, *(previous for previous in self._loose if previous > self.covered)])

    def has_loose_entries(self) -> bool:
        """Tell whether an entry waits for what comes before it, or for a part of its own."""
        return any(link.is_entry and link.offset > self.covered for link in self._loose.values())
