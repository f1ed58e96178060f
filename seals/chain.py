"""The outputs of one partition in the order in which they are sealed: joined end to end, each position once.

An output covers ``(previous_offset, offset]`` of its partition of ``soc.published``, so the outputs of both topics form
one chain from -1 on, in whatever order they are heard and however often they repeat. Of several outputs that join on at
the same place the one that was appended first counts, and of a repeated part the first. An entry in parts joins when
all of them are there; its leaf names the schema of its first part.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.facts import Millis
from seals.leaves import hash_output
from seals.outputs import OutputPart


class SealedOutput(NamedTuple):
    """A position of ``soc.published``, or a published figure's of ``soc.figures``, and the hash of its leaf."""

    offset: int
    leaf_hash: bytes


@dataclass(slots=True)
class _Link:
    """An output, and which of its parts were found."""

    topic: str
    offset: int
    parts: int
    appended_at: Millis
    found: dict[int, OutputPart] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether all its parts were found."""
        return len(self.found) == self.parts

    @property
    def rank(self) -> tuple[Millis, str, int]:
        """What comes first counts."""
        return self.appended_at, self.topic, self.offset

    def hash_leaf(self) -> bytes:
        """Hash the leaf of the whole."""
        datums = [self.found[part].datum for part in range(self.parts)]
        return hash_output(self.topic, self.found[0].fingerprint, datums)


class SealingChain:
    """The chain of one partition.

    Args:
        covered: the last position whose output is joined; -1 where none is.
    """

    def __init__(self, covered: int = -1) -> None:
        self.covered = covered
        self._loose: dict[int, list[_Link]] = {}

    @property
    def position(self) -> int:
        """The offset before which all is joined."""
        return self.covered + 1

    def add_part(self, found: OutputPart) -> None:
        """Add an output or a part of one; what is joined already, and what repeats, changes nothing."""
        if found.offset <= self.covered:
            return
        links = self._loose.setdefault(found.previous_offset, [])
        wanted = found.topic, found.offset, found.parts
        link = next((one for one in links if (one.topic, one.offset, one.parts) == wanted), None)
        if link is None:
            link = _Link(*wanted, found.appended_at)
            links.append(link)
        link.found.setdefault(found.part, found)

    def follow_links(self) -> Iterator[SealedOutput]:
        """Move to the end of what is joined and whole; the outputs passed, in order."""
        while whole := [one for one in self._loose.get(self.covered, ()) if one.is_whole]:
            first = min(whole, key=lambda one: one.rank)
            del self._loose[self.covered]
            self.covered = first.offset
            yield SealedOutput(first.offset, first.hash_leaf())

    def find_loose(self) -> dict[str, int]:
        """Find by topic the least offset at which something lies that waits for what comes before it."""
        if self._loose:
            passed = [previous for previous, links in self._loose.items() if self._is_passed(links)]
            for previous in passed:
                del self._loose[previous]
        least: dict[str, int] = {}
        for links in self._loose.values():
            for link in links:
                at = min(part.at for part in link.found.values())
                least[link.topic] = min(at, least.get(link.topic, at))
        return least

    def _is_passed(self, links: list[_Link]) -> bool:
        return all(link.offset <= self.covered for link in links)
