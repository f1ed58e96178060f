"""Predicates of claims, by hand: numbers exactly, shares as exact fractions."""

from fractions import Fraction

import pytest

from audit.predicates import (
    CountedShare,
    Predicate,
    match_below,
    match_exactly,
    match_fraction,
    match_least,
    match_rounded,
)

WHOLE = match_rounded(Fraction(78), 0)
ONE_PLACE = match_rounded(Fraction("12.3"), 1)
THIRDS = match_fraction(Fraction(2, 3), Fraction(1))
MOST = match_least(Fraction(97), is_percent=True)
UNDER = match_below(Fraction(75), is_percent=True)


@pytest.mark.parametrize(
    ("predicate", "n", "of", "holds"),
    [
        (match_exactly(5), 5, 0, True),
        (match_exactly(5), 6, 6, False),
        (WHOLE, 775, 1000, True),  # a half upwards
        (WHOLE, 784, 1000, True),
        (WHOLE, 785, 1000, False),
        (WHOLE, 774, 1000, False),
        (WHOLE, 0, 0, False),
        (ONE_PLACE, 1225, 10_000, True),
        (ONE_PLACE, 1234, 10_000, True),
        (ONE_PLACE, 1235, 10_000, False),
        (ONE_PLACE, 1224, 10_000, False),
        (MOST, 97, 100, True),
        (MOST, 9_699, 10_000, False),
        (MOST, 0, 0, False),
        (match_least(Fraction(97), is_percent=False), 97, 0, True),
        (match_least(Fraction(97), is_percent=False), 96, 96, False),
        (UNDER, 7_499, 10_000, True),
        (UNDER, 75, 100, False),
        (match_below(Fraction(3), is_percent=False), 2, 0, True),
        (match_below(Fraction(3), is_percent=False), 3, 3, False),
        (THIRDS, 123, 184, True),
        (THIRDS, 197, 300, True),  # one point less than two thirds, and no more
        (THIRDS, 196, 300, False),
        (THIRDS, 203, 300, True),
        (THIRDS, 204, 300, False),
        (THIRDS, 0, 0, False),
    ],
)
def test_a_predicate_holds_where_it_should(predicate: Predicate, n: int, of: int, holds: bool) -> None:
    """At both sides of each bound; of nothing there is no share."""
    assert predicate(CountedShare(n, of)) is holds
