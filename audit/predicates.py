"""What a claim says of a count, or of its share in another: predicates in whole numbers and exact fractions.

A share of nothing is no share: no predicate holds of it.
"""

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

PERCENT: Final = 100
_HALF: Final = Fraction(1, 2)


class CountedShare(NamedTuple):
    """A count, and what it is a share of."""

    n: int
    of: int

    @property
    def percent(self) -> Fraction | None:
        """The share in percent; None of nothing."""
        return Fraction(PERCENT * self.n, self.of) if self.of > 0 else None


Predicate = Callable[[CountedShare], bool]


def match_exactly(n: int) -> Predicate:
    """Match the very number (``exact``)."""
    return lambda found: found.n == n


def match_rounded(percent: Fraction, places: int) -> Predicate:
    """Match a share that rounds to this percentage at so many decimal places, a half upwards (``rounds_to_pct``)."""
    return lambda found: found.percent is not None and round_up(found.percent, places) == percent


def round_up(share: Fraction, places: int) -> Fraction:
    """Round to so many decimal places, a half upwards."""
    scale = 10**places
    return Fraction(floor(share * scale + _HALF), scale)


def match_least(bound: Fraction, *, is_percent: bool) -> Predicate:
    """Match a count, or a share in percent, that is no less (``at_least``)."""
    return lambda found: (value := _read_value(found, is_percent=is_percent)) is not None and value >= bound


def match_below(bound: Fraction, *, is_percent: bool) -> Predicate:
    """Match a count, or a share in percent, that is less (``less_than``)."""
    return lambda found: (value := _read_value(found, is_percent=is_percent)) is not None and value < bound


def match_fraction(fraction: Fraction, within: Fraction) -> Predicate:
    """Match a share that lies no more than so many percentage points from a fraction (``approx_fraction``)."""
    return lambda found: found.percent is not None and abs(found.percent - PERCENT * fraction) <= within


def _read_value(found: CountedShare, *, is_percent: bool) -> Fraction | None:
    return found.percent if is_percent else Fraction(found.n)
