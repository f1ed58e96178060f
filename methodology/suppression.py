"""Rule 17: in anything for public release, cells of 1 to 4 are not shown, nor what would give them away.

A release is a set of cells bound by sums: a whole and its parts (a region and its organisations, the total of an
organisation and its pillars). Hiding a small cell alone hides nothing where the rest of its sum is shown, so more cells
are hidden until no reader can work one out, who knows all that is shown and that a hidden cell is at least 1 (0 is
shown). What a reader can add up of hidden cells, by one sum or by several, is besides never 1 to 4 together: that
would be a small cell too, of two pillars or two forces (``methodology.small_cuts``).

Where no cell is in more than two sums, this is exact. A table that fits what is shown differs from the true one by
circles: a cell gains 1, one of the same sum loses 1, and so on until all sums hold again; so a hidden cell is given
away just when no circle goes through it. (In two-way tables without bounds: the bridges of D. Gusfield, "A graph
theoretic approach to statistical data security", 1988.)

What is hidden besides is the smallest cell that serves, so that as much as can be is shown.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from methodology.small_cuts import HiddenEdge, ResidualNetwork

SMALLEST_SHOWN = 5
"""Cells of 1 to 4 are not shown (rule 17); 0 is."""
_OUTSIDE = -1  # where a cell leads that is in one sum only

ReleaseCell = tuple[str, str]
"""Where a count stands: whose it is, and of which column."""
_Steps = dict[int, list[tuple[ReleaseCell, int]]]  # from a sum, by which cell to which sum 1 may be moved


class CellSum(NamedTuple):
    """A whole and the parts that add up to it."""

    whole: ReleaseCell
    parts: tuple[ReleaseCell, ...]


class ReleaseTable:
    """The cells of one release and their sums.

    Args:
        counts: every cell, 0 included.
        sums: all that bind them, without those that follow from others; no cell is in more than two.
    """

    def __init__(self, counts: Mapping[ReleaseCell, int], sums: Sequence[CellSum]) -> None:
        self._counts = counts
        self._sums = sums
        self._sums_of: dict[ReleaseCell, list[tuple[int, int]]] = {cell: [] for cell in counts}
        for number, one in enumerate(sums):
            for cell, sign in [(one.whole, -1), *((part, 1) for part in one.parts)]:
                self._sums_of[cell].append((number, sign))
        self._turns = self._turn_sums()

    def suppress_cells(self) -> frozenset[ReleaseCell]:
        """Choose which cells are not shown."""
        hidden = {cell for cell, n in self._counts.items() if 0 < n < SMALLEST_SHOWN}
        while True:
            beside = (self._choose_companion(cell, hidden) for cell in self._find_fixed(hidden))
            more = {found for found in beside if found}
            if not more:  # then what adds up, one by one: a cell may serve several
                across = (self._choose_across(side, hidden) for side in self._find_small_cuts(hidden).values())
                more = set(islice((found for found in across if found), 1))
            if not more:
                return frozenset(hidden)
            hidden |= more

    def find_exposed(self, hidden: Iterable[ReleaseCell]) -> set[ReleaseCell]:
        """Find the hidden cells that a reader of the rest can work out, or can add up to 1 to 4."""
        known = set(hidden)
        return self._find_fixed(known) | set(self._find_small_cuts(known))

    def _find_fixed(self, hidden: set[ReleaseCell]) -> set[ReleaseCell]:
        """Find the hidden cells that can only be what they are."""
        steps = self._list_steps(hidden)
        return {cell for cell in hidden if not self._is_on_circle(cell, steps)}

    def _find_small_cuts(self, hidden: set[ReleaseCell]) -> dict[ReleaseCell, frozenset[int]]:
        """Find the hidden cells that are small together with what can be added to them: the sums on one side of all."""
        edges = {cell: HiddenEdge(*self._find_ends(cell), self._counts[cell]) for cell in sorted(hidden)}
        network = ResidualNetwork(edges.values())
        small = {cell: one for cell, one in edges.items() if one.n < SMALLEST_SHOWN}
        sides = {cell: network.find_small_cut(one, SMALLEST_SHOWN) for cell, one in small.items()}
        return {cell: side for cell, side in sides.items() if side is not None}

    def _choose_across(self, side: frozenset[int], hidden: set[ReleaseCell]) -> ReleaseCell | None:
        """Choose the smallest cell that leads from a side to the other, or back: with it hidden, nothing adds up.

        A part before a whole. None where nothing that leads across is shown.
        """
        wholes = {one.whole for one in self._sums}
        shown = [cell for cell, n in self._counts.items() if n and cell not in hidden]
        across = [cell for cell in shown if len({end in side for end in self._find_ends(cell)}) == 2]
        return min(across, key=lambda cell: (cell in wholes, self._counts[cell], cell), default=None)

    def _turn_sums(self) -> list[int]:
        """Turn the sums (1 or -1) so that each cell leads from one to the other: out of it here, into it there."""
        turns: dict[int, int] = {}
        for first in range(len(self._sums)):
            turns.setdefault(first, 1)
            waiting = deque([first])
            while waiting:
                number = waiting.popleft()
                for other, turn in self._list_turns(number, turns[number]):
                    if other not in turns:
                        turns[other] = turn
                        waiting.append(other)
        return [turns[number] for number in range(len(self._sums))]

    def _list_turns(self, number: int, turn: int) -> list[tuple[int, int]]:
        """List how the neighbours of a sum are turned, when it is turned so."""
        one = self._sums[number]
        pairs = [self._sums_of[cell] for cell in (one.whole, *one.parts) if len(self._sums_of[cell]) == 2]
        ordered = [pair if pair[0][0] == number else pair[::-1] for pair in pairs]
        return [(other, -turn * sign * other_sign) for (_, sign), (other, other_sign) in ordered]

    def _find_ends(self, cell: ReleaseCell) -> tuple[int, int]:
        """Find from which sum to which a cell leads."""
        ends = {sign * self._turns[number]: number for number, sign in self._sums_of[cell]}
        return ends.get(-1, _OUTSIDE), ends.get(1, _OUTSIDE)

    def _list_steps(self, hidden: Iterable[ReleaseCell]) -> _Steps:
        """List where 1 may be moved: along every hidden cell, and against those that keep at least 1."""
        steps: _Steps = defaultdict(list)
        for cell in hidden:
            begin, end = self._find_ends(cell)
            steps[begin].append((cell, end))
            if self._counts[cell] > 1:
                steps[end].append((cell, begin))
        return steps

    def _is_on_circle(self, cell: ReleaseCell, steps: _Steps) -> bool:
        """Tell whether a circle of other cells closes the way along, or against, this one."""
        begin, end = self._find_ends(cell)
        return _is_way(end, begin, cell, steps) or (self._counts[cell] > 1 and _is_way(begin, end, cell, steps))

    def _choose_companion(self, cell: ReleaseCell, hidden: set[ReleaseCell]) -> ReleaseCell | None:
        """Choose the smallest cell to hide beside this one: of its own sums, or else of the nearest beyond hidden ones.

        Of those, in the sum of which least is hidden yet, and a part before a whole. None where nothing more is shown.
        """
        seen: set[int] = set()
        near = {number for number, _ in self._sums_of[cell]}
        found: list[tuple[int, bool, int, ReleaseCell]] = []
        while near and not found:
            found = [one for number in near for one in self._list_candidates(number, hidden)]
            seen |= near
            near = {other for number in near for other in self._list_neighbours(number)} - seen
        return min(found)[-1] if found else None

    def _list_cells(self, number: int) -> list[ReleaseCell]:
        """List the cells of a sum; of the outside, those that are in one sum only."""
        if number == _OUTSIDE:
            return [cell for cell, mine in self._sums_of.items() if len(mine) == 1]
        return [self._sums[number].whole, *self._sums[number].parts]

    def _list_candidates(self, number: int, hidden: set[ReleaseCell]) -> list[tuple[int, bool, int, ReleaseCell]]:
        cells = self._list_cells(number)
        whole = None if number == _OUTSIDE else self._sums[number].whole
        shown = [cell for cell in cells if self._counts[cell] and cell not in hidden]
        return [(len(hidden.intersection(cells)), cell == whole, self._counts[cell], cell) for cell in shown]

    def _list_neighbours(self, number: int) -> set[int]:
        return {end for cell in self._list_cells(number) if self._counts[cell] for end in self._find_ends(cell)}


def _is_way(begin: int, end: int, without: ReleaseCell, steps: _Steps) -> bool:
    """Tell whether a way of steps leads from one sum to another, without one cell."""
    seen, waiting = {begin}, deque([begin])
    while waiting:
        number = waiting.popleft()
        if number == end:
            return True
        further = {place for cell, place in steps.get(number, ()) if cell != without} - seen
        seen |= further
        waiting.extend(further)
    return False
