"""What the fold's postings add up to: kept once, and asked at any of the instants and closings that were named before.

Postings fall into *cells*: between two successive instants of knowing, between two of effect, and between the positions
of successive closings. A balance is the sum of the cells before it, so each posting is added up once however many
balances are asked for, and what is kept grows with accounts and months, not with postings.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from ledger.entries import Account, Leg, ThreatAccount, ThreatLeg
from ledger.facts import Day, Millis
from ledger.instants import count_days, make_date

NEVER = 2**63


class SumGrid(msgspec.Struct, frozen=True):
    """Where balances are asked for.

    Attributes:
        known: instants of knowing, ascending.
        at: instants of effect, ascending.
        chains: by chain of closings, the positions of each, one list by partition a closing.
    """

    known: tuple[Millis, ...]
    at: tuple[Millis, ...]
    chains: tuple[tuple[tuple[int, ...], ...], ...] = ()

    def list_ends(self, partition: int) -> list[list[int]]:
        """List by chain where its closings end in a partition."""
        return [[one[partition] if partition < len(one) else 0 for one in chain] for chain in self.chains]


class SumCell(msgspec.Struct, array_like=True):
    """Net counts of the postings between neighbours of the grid; accounts with the day that a month keeps."""

    segments: tuple[int, ...]
    known: int
    at: int
    figures: dict[Account, int] = {}
    threats: dict[ThreatAccount, int] = {}


class PartitionSums:
    """The cells of one partition, filled in the order of its positions."""

    def __init__(self, grid: SumGrid, partition: int) -> None:
        self._grid = grid
        self._ends = grid.list_ends(partition)
        self._rows: dict[tuple[tuple[int, ...], int], list[SumCell]] = {}
        self._row: list[SumCell] = []
        self._next_offset, self._next_time = -1, -1

    def add_legs(self, offset: int, ledger_time: Millis, legs: Sequence[Leg], threat_legs: Sequence[ThreatLeg]) -> None:
        """Add an entry's postings."""
        if offset >= self._next_offset or ledger_time > self._next_time:
            self._turn_row(offset, ledger_time)
        row, instants = self._row, self._grid.at
        for _, account, sign, entered_at in legs:
            figures = row[bisect_left(instants, entered_at)].figures
            kept = Account(*account[:6], find_kept_day(account[6]), account[7])
            figures[kept] = figures.get(kept, 0) + sign
        for owned, sign, entered_at in threat_legs:
            threats = row[bisect_left(instants, entered_at)].threats
            threats[owned] = threats.get(owned, 0) + sign

    def list_cells(self) -> list[SumCell]:
        """List the cells that hold anything."""
        return [cell for row in self._rows.values() for cell in row if cell.figures or cell.threats]

    def _turn_row(self, offset: int, ledger_time: Millis) -> None:
        """Turn to the cells of a position, and note from which on they are others."""
        places = [bisect_right(ends, offset) for ends in self._ends]
        later = (ends[place] for ends, place in zip(self._ends, places, strict=True) if place < len(ends))
        known = bisect_left(self._grid.known, ledger_time)
        self._next_offset = min(later, default=NEVER)
        self._next_time = self._grid.known[known] if known < len(self._grid.known) else NEVER
        segments = tuple(places)
        row = self._rows.get((segments, known))
        if row is None:
            row = [SumCell(segments, known, at, {}, {}) for at in range(len(self._grid.at) + 1)]
            self._rows[segments, known] = row
        self._row = row


def sum_figures(cells: Iterable[SumCell]) -> Counter[Account]:
    """Sum the counts of disruptions of cells."""
    sums: Counter[Account] = Counter()
    for cell in cells:
        sums.update(cell.figures)
    return sums


def sum_threats(cells: Iterable[SumCell]) -> Counter[ThreatAccount]:
    """Sum the counts of threats of cells."""
    sums: Counter[ThreatAccount] = Counter()
    for cell in cells:
        sums.update(cell.threats)
    return sums


def select_known(cells: Iterable[SumCell], grid: SumGrid, as_at: Millis, known_at: Millis) -> Iterator[SumCell]:
    """Select the cells of what was in effect, and known, at instants of the grid."""
    at, known = grid.at.index(as_at), grid.known.index(known_at)
    return (cell for cell in cells if cell.at <= at and cell.known <= known)


def select_closed(cells: Iterable[SumCell], chain: int, place: int) -> Iterator[SumCell]:
    """Select the cells of what a closing of a chain sums."""
    return (cell for cell in cells if cell.segments[chain] <= place)


@lru_cache(maxsize=100_000)
def find_kept_day(day: Day) -> Day:
    """Return the first day of a month as it is, and of its other days the second: what a closing by month keeps."""
    date = make_date(day)
    return day if date.day == 1 else count_days(date.replace(day=2))
