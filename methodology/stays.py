"""Stays: from when to when a disruption is on one side of an activity, kept so that few are looked at.

Those that stay are kept by rank; those that ended by their end, in blocks of which the earliest beginning and the
lowest rank are known, so that what lies beside a question is passed over a block at a time.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import NamedTuple

from ledger.facts import Millis
from methodology.standards import FOREVER

BLOCK_STAYS = 128
Rank = tuple[Millis, str]
"""First entered, by version 1, and the disruption's id."""
NOBODY: Rank = (FOREVER, "")
"""A rank after all others."""


class Stay(NamedTuple):
    """A disruption on one side of an activity, from ``since`` to before ``until``."""

    rank: Rank
    since: Millis
    until: Millis


class StayBlock:
    """Some stays by their end; never empty."""

    __slots__ = ("rank", "since", "stays")

    def __init__(self, stays: list[Stay]) -> None:
        self.stays = stays
        self.sum_up()

    def sum_up(self) -> None:
        """Find the earliest beginning and the lowest rank again."""
        self.since = min(stay.since for stay in self.stays)
        self.rank = min(stay.rank for stay in self.stays)


class EndedStays:
    """Stays that ended, by their end."""

    __slots__ = ("_blocks",)

    def __init__(self) -> None:
        self._blocks: list[StayBlock] = []

    def add_stay(self, stay: Stay) -> None:
        """Keep one more."""
        if not self._blocks:
            self._blocks.append(StayBlock([stay]))
            return
        place = min(self._find_block(stay), len(self._blocks) - 1)
        block = self._blocks[place]
        insort(block.stays, stay, key=_key_by_end)
        block.since, block.rank = min(block.since, stay.since), min(block.rank, stay.rank)
        if len(block.stays) > 2 * BLOCK_STAYS:
            self._blocks.insert(place + 1, StayBlock(block.stays[BLOCK_STAYS:]))
            del block.stays[BLOCK_STAYS:]
            block.sum_up()

    def remove_stay(self, stay: Stay) -> None:
        """Keep one less; it is there."""
        place = self._find_block(stay)
        block = self._blocks[place]
        block.stays.pop(bisect_left(block.stays, _key_by_end(stay), key=_key_by_end))
        if block.stays:
            block.sum_up()
        else:
            del self._blocks[place]

    def list_between(self, since: Millis, until: Millis, rank: Rank = NOBODY) -> Iterator[Stay]:
        """List those of a rank before the one given that ended after ``since`` and began before ``until``."""
        for block in self._blocks[self._find_later(since) :]:
            if block.since < until and block.rank < rank:
                for stay in block.stays:
                    if stay.until > since and stay.since < until and stay.rank < rank:
                        yield stay

    def find_span(self, since: Millis) -> tuple[Millis, Millis]:
        """Find, from ``since`` on, the earliest beginning and the last end of those that ended after it; FOREVER if
        none.
        """
        place = self._find_later(since)
        if place == len(self._blocks):
            return FOREVER, FOREVER
        later = (stay.since for stay in self._blocks[place].stays if stay.until > since)
        first = min(*later, *(block.since for block in self._blocks[place + 1 :]), FOREVER)
        return max(since, first), self._blocks[-1].stays[-1].until

    def _find_block(self, stay: Stay) -> int:
        return bisect_left(self._blocks, _key_by_end(stay), key=_key_by_last)

    def _find_later(self, since: Millis) -> int:
        return bisect_right(self._blocks, since, key=_get_last_end)


class ActivitySide:
    """The disruptions of an activity that have one pillar, under one standard."""

    __slots__ = ("ended", "leading", "staying")

    def __init__(self) -> None:
        self.staying: list[Stay] = []
        """By rank."""
        self.ended = EndedStays()
        self.leading = EndedStays()
        """Those ended that may have led: not found behind another, ended too, for as long as they lasted."""

    def begin_stay(self, rank: Rank, since: Millis) -> None:
        """Let a disruption begin to stay."""
        insort(self.staying, Stay(rank, since, FOREVER))

    def end_stay(self, rank: Rank, until: Millis) -> None:
        """Let a disruption that stays do so no more."""
        stay = self.staying.pop(bisect_left(self.staying, (rank,)))
        if stay.since < until:
            ended = stay._replace(until=until)
            self.ended.add_stay(ended)
            self.leading.add_stay(ended)

    def hide_stay(self, stay: Stay) -> None:
        """Leave out an ended stay that is behind another that ended: it never led, and will not, whatever is heard."""
        self.leading.remove_stay(stay)

    def list_heads(self, since: Millis, but: Rank) -> list[Stay]:
        """List those staying that come first of their side at some time from ``since`` on: each began to stay before
        all of a lower rank did.
        """
        heads: list[Stay] = []
        earliest = FOREVER
        for stay in self.staying:
            if earliest <= max(since, stay.rank[0]):  # whoever is further down began no earlier
                break
            if stay.since < earliest and stay.rank != but:
                heads.append(stay)
                earliest = stay.since
        return heads

    def find_span(self, since: Millis, but: Rank) -> tuple[Millis, Millis]:
        """Find, from ``since`` on, the instants from which and before which there may be a leader of this side."""
        heads = self.list_heads(since, but)
        if heads and heads[-1].since <= since:
            return since, FOREVER
        first, last = self.leading.find_span(since)
        return (min(first, heads[-1].since), FOREVER) if heads else (first, last)

    def list_between(self, since: Millis, until: Millis) -> Iterator[Stay]:
        """List the stays that may have a part between two instants."""
        yield from self.ended.list_between(since, until)
        for stay in self.staying:
            if stay.rank[0] >= until:
                break
            yield stay


def _key_by_end(stay: Stay) -> tuple[Millis, Millis, Rank]:
    return stay.until, stay.since, stay.rank


def _key_by_last(block: StayBlock) -> tuple[Millis, Millis, Rank]:
    return _key_by_end(block.stays[-1])


def _get_last_end(block: StayBlock) -> Millis:
    return block.stays[-1].until
