"""Process limits (rule 18): the XmR chart of individuals and moving range; and the run rules of a signal (rule 19).

Sources: W. A. Shewhart, *Economic Control of Quality of Manufactured Product* (1931); D. J. Wheeler, *Understanding
Variation* (1993), for the chart of single values and for limits as the voice of the process; NIST/SEMATECH e-Handbook
of Statistical Methods, section 6.3.2.2 (individuals control charts), whose flow rates the tests reproduce; Western
Electric, *Statistical Quality Control Handbook* (1956), for the run rules; L. S. Nelson, *Journal of Quality
Technology* 16 (1984), for the rule of six rising or falling.

Every value is judged by the same limits, natural for the process that made the baseline. They are no targets.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, Literal, NamedTuple

MOVING_RANGE_D2: Final = 1.128
"""Expected range of two normal values in standard deviations (d2 for n = 2)."""
LIMIT_SIGMAS: Final = 3.0
"""The limits are the centre plus and minus 3 / 1.128 = 2.66 mean moving ranges."""
VALUES_LEAST: Final = 20
"""Wheeler: limits firm up from some seventeen to twenty values on; of fewer there are none here."""
CENTRE_LEAST: Final = 1.0
"""Wheeler on counts: below one a week on average the chart of single values says nothing, so there is none."""

Side = Literal["above", "below", "rising", "falling"]


class Limits(NamedTuple):
    """Process limits: the mean of the baseline's values and of their moving ranges, and the limits made of them."""

    centre: float
    moving_range: float
    lower: float
    upper: float

    def find_zone(self, sigmas: float) -> float:
        """Find how far from the centre so many sigma-equivalents are."""
        return sigmas * self.moving_range / MOVING_RANGE_D2


class RunRule(NamedTuple):
    """A pattern that chance alone seldom makes.

    Attributes:
        points: how many of ``window`` values in a row must lie beyond ``sigmas`` on one side; with ``sigmas`` None,
            all must rise or all must fall.
    """

    name: str
    points: int
    window: int
    sigmas: float | None
    sentence: str
    source: str


RUN_RULES: Final = (
    RunRule("outside", 1, 1, LIMIT_SIGMAS, "one week outside a limit", "Shewhart 1931; Western Electric 1956, test 1"),
    RunRule(
        "near_limit",
        2,
        3,
        2.0,
        "two of three weeks in a row more than two thirds of the way to a limit, on one side",
        "Western Electric 1956, test 2",
    ),
    RunRule(
        "one_side",
        8,
        8,
        0.0,
        "eight weeks in a row on one side of the centre",
        "Western Electric 1956, test 4; Wheeler 1993",
    ),
    RunRule("trend", 6, 6, None, "six weeks in a row, each higher, or each lower, than the one before", "Nelson 1984"),
)
"""In the order in which they are shown."""


class RunSignal(NamedTuple):
    """A rule that holds from one place of the values to another, both included."""

    rule: RunRule
    side: Side
    first: int
    last: int


def find_limits(values: Sequence[float]) -> Limits | None:
    """Find the limits of a baseline's values.

    Returns:
        None where there are too few values, they are too small a count, or they do not vary: no limits, not wrong ones.
    """
    if len(values) < VALUES_LEAST or sum(values) < CENTRE_LEAST * len(values):
        return None
    found = compute_limits(values)
    return found if found.moving_range > 0 else None


def compute_limits(values: Sequence[float], *, least: float = 0.0) -> Limits:
    """Compute the limits of two values or more; the lower one is not below ``least``, as no count is below zero."""
    centre = sum(values) / len(values)
    moving_range = sum(abs(later - earlier) for earlier, later in pairwise(values)) / (len(values) - 1)
    reach = LIMIT_SIGMAS * moving_range / MOVING_RANGE_D2
    return Limits(centre, moving_range, max(least, centre - reach), centre + reach)


def find_signals(values: Sequence[float | None], limits: Limits) -> list[RunSignal]:
    """Find where the rules hold; None is a value that may not enter a signal, and ends every run.

    What lies within a signal of an earlier rule on the same side says nothing more, and is left out.
    """
    found: list[RunSignal] = []
    for rule in RUN_RULES:
        for side, is_beyond in _list_sides(rule, limits):
            runs = [RunSignal(rule, side, *run) for run in _join_windows(rule, list(values), is_beyond)]
            found += [run for run in runs if not any(_does_cover(one, run) for one in found)]
    return found


def _does_cover(signal: RunSignal, other: RunSignal) -> bool:
    return signal.side == other.side and signal.first <= other.first and other.last <= signal.last


def _list_sides(rule: RunRule, limits: Limits) -> list[tuple[Side, Callable[[float, float], bool]]]:
    """List the two sides of a rule, each with the test of a value, and of the one before it."""
    if rule.sigmas is None:
        return [("rising", lambda value, before: value > before), ("falling", lambda value, before: value < before)]
    high, low = limits.centre + limits.find_zone(rule.sigmas), limits.centre - limits.find_zone(rule.sigmas)
    return [("above", lambda value, _: value > high), ("below", lambda value, _: value < low)]


def _join_windows(
    rule: RunRule, values: list[float | None], is_beyond: Callable[[float, float], bool]
) -> Iterator[tuple[int, int]]:
    """Join the windows in which a rule holds, where they overlap or are of single values, into the runs they make."""
    run: tuple[int, int] | None = None
    for first in range(len(values) - rule.window + 1):
        last = first + rule.window - 1
        if not _does_hold(rule, values[first : last + 1], is_beyond):
            continue
        if run is not None and first <= run[1] + (rule.window == 1):
            run = run[0], last
        else:
            yield from [run] if run else []
            run = first, last
    yield from [run] if run else []


def _does_hold(rule: RunRule, found: list[float | None], is_beyond: Callable[[float, float], bool]) -> bool:
    values = [one for one in found if one is not None]
    if len(values) < rule.window:
        return False
    if rule.sigmas is None:
        return all(is_beyond(later, earlier) for earlier, later in pairwise(values))
    return sum(is_beyond(value, value) for value in values) >= rule.points
