"""Hidden cells that a reader can add up: which of them are a small cell together (rule 17).

Sums are places, and each hidden cell leads from one place to another with what it holds. What a reader can add up of
hidden cells is what crosses from some places to all others, where all of it crosses one way: a *cut*. A given sum is
one; sums that follow from several are others, as of a region whose forces' totals give its own. The least that
crosses beside a cell is the most that flows from its one end to its other, where against its direction anything may
flow (L. Ford and D. Fulkerson, "Maximal flow through a network", 1956).
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import NamedTuple

_ANYTHING = 10**18


class Passage(NamedTuple):
    """A hidden cell between two places, and what it holds."""

    begin: int
    end: int
    n: int


class Rooms:
    """How much more may flow from each place to each other: along a passage what it holds, against it anything."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._rooms: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for one in passages:
            self._rooms[one.begin][one.end] += one.n
            self._rooms[one.end][one.begin] += _ANYTHING

    def find_small_side(self, one: Passage, least: int) -> frozenset[int] | None:
        """Find the places on the near side of a cut through a passage, across which less than ``least`` is held.

        Returns:
            None where there is no such cut.
        """
        if one.begin == one.end:
            return None
        ways: list[list[tuple[int, int]]] = []
        reached = self._reach_places(one)
        while one.end in reached and len(ways) < least:
            ways.append(_list_steps(reached, one))
            self._send_along(ways[-1], 1)
            reached = self._reach_places(one)
        for way in ways:
            self._send_along(way, -1)
        return None if len(ways) == least else frozenset(reached)

    def _send_along(self, way: list[tuple[int, int]], n: int) -> None:
        for begin, end in way:
            self._rooms[begin][end] -= n
            self._rooms[end][begin] += n

    def _reach_places(self, one: Passage) -> dict[int, int]:
        """Reach every place to which there is room until the end is, each with the one before it."""
        came_from, waiting = {one.begin: one.begin}, deque([one.begin])
        while waiting and one.end not in came_from:
            place = waiting.popleft()
            further = [other for other, room in self._rooms[place].items() if room and other not in came_from]
            came_from |= dict.fromkeys(further, place)
            waiting.extend(further)
        return came_from


def _list_steps(came_from: dict[int, int], one: Passage) -> list[tuple[int, int]]:
    """List the steps by which its end was reached, from the last back."""
    steps = [(came_from[one.end], one.end)]
    while steps[-1][0] != one.begin:
        steps.append((came_from[steps[-1][0]], steps[-1][0]))
    return steps
