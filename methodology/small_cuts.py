"""Hidden cells that a reader can add up: which of them are a small cell together (rule 17).

Sums are the nodes of a network, and each hidden cell is an edge from one sum to another whose capacity is what it
holds. What a reader can add up of hidden cells is what crosses from some nodes to all others, where all of it crosses
one way: a *cut*. A given sum is one; sums that follow from several are others, as of a region whose forces' totals give
its own. The least cut through an edge is the most that flows from its one end to its other, where against an edge's
direction anything may flow (L. Ford and D. Fulkerson, "Maximal flow through a network", 1956). It is looked for by
paths that add 1 each (breadth first, as by Edmonds and Karp), since only whether it is small is asked.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import NamedTuple

_UNBOUNDED = 10**18


class HiddenEdge(NamedTuple):
    """A hidden cell between two sums, and what it holds."""

    begin: int
    end: int
    n: int


class ResidualNetwork:
    """How much more may flow from each node to each other: along an edge what it holds, against it anything."""

    def __init__(self, edges: Iterable[HiddenEdge]) -> None:
        self._residual: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for one in edges:
            self._residual[one.begin][one.end] += one.n
            self._residual[one.end][one.begin] += _UNBOUNDED

    def find_small_cut(self, one: HiddenEdge, least: int) -> frozenset[int] | None:
        """Find a cut through an edge, across which less than ``least`` is held: the nodes on the side of its begin.

        Returns:
            None where there is no such cut.
        """
        if one.begin == one.end:
            return None
        paths: list[list[tuple[int, int]]] = []
        reached = self._reach_nodes(one)
        while one.end in reached and len(paths) < least:
            paths.append(_list_path(reached, one))
            self._augment_flow(paths[-1], 1)
            reached = self._reach_nodes(one)
        for path in paths:
            self._augment_flow(path, -1)
        return None if len(paths) == least else frozenset(reached)

    def _augment_flow(self, path: list[tuple[int, int]], n: int) -> None:
        for begin, end in path:
            self._residual[begin][end] -= n
            self._residual[end][begin] += n

    def _reach_nodes(self, one: HiddenEdge) -> dict[int, int]:
        """Reach every node to which more may flow until the edge's end is, each with the one before it."""
        came_from, waiting = {one.begin: one.begin}, deque([one.begin])
        while waiting and one.end not in came_from:
            node = waiting.popleft()
            further = [other for other, left in self._residual[node].items() if left and other not in came_from]
            came_from |= dict.fromkeys(further, node)
            waiting.extend(further)
        return came_from


def _list_path(came_from: dict[int, int], one: HiddenEdge) -> list[tuple[int, int]]:
    """List the steps by which an edge's end was reached, from the last back."""
    steps = [(came_from[one.end], one.end)]
    while steps[-1][0] != one.begin:
        steps.append((came_from[steps[-1][0]], steps[-1][0]))
    return steps
