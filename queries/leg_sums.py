"""Sums of legs that are at hand, by the same conditions and dimensions as the store is asked by in SQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from ledger.entries import Account, Leg
from ledger.facts import Day, Millis
from ledger.instants import make_date
from ledger.organisations import find_region
from methodology.dimensions import Dimension
from sinks.told_legs import ChainedOutput

SummedCells = Mapping[tuple[str | int, ...], tuple[int, ...]]
"""By the values of the dimensions: sums. Of legs: the sum, and that by the literal reading of the period (rule 11)."""
LegTest = Callable[[Leg, Millis], bool]
"""Tells of a leg, and of when the ledger learnt of it, what a condition says in SQL."""


def add_legs(
    cells: SummedCells,
    outputs: Iterable[ChainedOutput],
    tests: Sequence[LegTest],
    by: Iterable[Dimension],
    start: Day | None,
) -> SummedCells:
    """Add the legs of outputs to sums, in the order of their cells; ``start``: of the period, where there is one."""
    summed, readers = dict(cells), [make_reader(one) for one in by]
    for output in outputs:
        for leg in output.list_legs():
            if all(test(leg, output.ledger_time) for test in tests):
                cell = tuple([read(leg.account) for read in readers])
                n, literal = summed.get(cell, (0, 0))
                is_literal = start is None or leg.account.event_date > start
                summed[cell] = n + leg.sign, literal + leg.sign * is_literal
    return {cell: sums for cell, sums in sorted(summed.items()) if any(sums)}


def make_reader(dimension: Dimension) -> Callable[[Account], str | int]:
    """Make what reads a dimension of an account of a disruption."""
    if dimension.derived == "region":
        return lambda account: find_region(account.organisation, account.event_date)
    if dimension.derived == "month":
        return lambda account: f"{make_date(account.event_date):%Y-%m}"
    return attrgetter(dimension.field)


def pass_any(_: Leg, __: Millis) -> bool:
    """Let every leg pass: whether it lies between two positions is told of its output."""
    return True
