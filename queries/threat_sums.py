"""Sums of what each threat adds by itself: at a later moment they go on by the threats that were touched since.

All that is known of a threat, its disruptions included, is one book, and no rule judges one book by another (rule 5
included: an activity is of one threat). So a sum over disruptions, whatever it tells them apart by, is the sum of what
each threat adds, and a threat of which nothing was stored since adds what it added: the sum of then, less what the
touched threats added then, and what they add now (decision 0039).
"""

from collections.abc import Callable, Mapping, Sequence
from operator import add, sub
from typing import Final

from queries.kept_sums import KeptSum
from queries.leg_sums import SummedCells
from queries.snapshot import Snapshot
from sinks.told_legs import ChainedOutput

THREATS_MOST: Final = 200  # of more, the store is asked for all
OF_THREATS: Final = "threat_id IN {threats:Array(String)}"

AskThreats = Callable[[Mapping[int, int], Sequence[str] | None], SummedCells]
"""Asks the store for what threats add at a position; None: all threats."""


def sum_by_threat(snapshot: Snapshot, key: str, ask: AskThreats) -> SummedCells:
    """Sum what threats add, at a moment; ``key`` tells the question from others. Raises as ``ask`` does."""

    def go_on(kept: KeptSum, told: Sequence[ChainedOutput]) -> SummedCells | None:
        threats = sorted({one.threat_id for one in told if one.threat_id})
        if len(threats) > THREATS_MOST:
            return None
        if not threats:
            return kept.cells
        added = join_cells(kept.cells, ask(snapshot.position, threats), add)
        return join_cells(added, ask(kept.position, threats), sub)

    return snapshot.sums.sum_cells(key, snapshot.position, lambda: ask(snapshot.position, None), go_on)


def join_cells(cells: SummedCells, more: SummedCells, join: Callable[[int, int], int]) -> SummedCells:
    """Join sums cell by cell, number by number; a cell of nothing is left out."""
    joined = dict(cells)
    for cell, sums in more.items():
        joined[cell] = tuple(map(join, joined.get(cell, (0,) * len(sums)), sums))
    return {cell: sums for cell, sums in joined.items() if any(sums)}
