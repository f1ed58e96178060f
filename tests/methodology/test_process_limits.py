"""Process limits and run rules, against a published example and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methodology.process_limits import RUN_RULES, Limits, compute_limits, find_limits, find_signals

FLOW_RATES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
TEN_AND_SIX = Limits(centre=10.0, moving_range=2.256, lower=4.0, upper=16.0)  # a sigma-equivalent is 2


def test_process_limits_are_those_of_a_published_example():
    """NIST/SEMATECH e-Handbook, 6.3.2.2: centre 50.81, mean moving range 1.8778, limits 45.8159 and 55.8041."""
    found = compute_limits(FLOW_RATES)
    assert (found.centre, found.moving_range) == (pytest.approx(50.81), pytest.approx(1.8778, abs=5e-5))
    assert (found.lower, found.upper) == (pytest.approx(45.8159, abs=1e-4), pytest.approx(55.8041, abs=1e-4))


def test_no_count_is_below_zero_so_no_lower_limit_is():
    """Mean 2, mean moving range 4: 2 - 2.66 * 4 would be -8.6."""
    assert compute_limits([0, 4, 0, 4]).lower == 0.0


@pytest.mark.parametrize("values", [[], [100.0, 120.0] * 9, [0.0, 1.0] * 20, [7.0] * 40])
def test_a_baseline_that_is_short_or_small_or_does_not_vary_gives_no_limits(values):
    """18 values; one in two weeks; the same every week."""
    assert find_limits(values) is None


def test_twenty_values_that_vary_give_limits():
    """Ten and twelve in turn: mean 11, moving range 2, reach 5.32."""
    found = find_limits([10.0, 12.0] * 10)
    assert (found.centre, found.upper) == (11.0, pytest.approx(16.319, abs=1e-3))


def name_signals(values):
    """What is found, as rule, side and places."""
    return [(one.rule.name, one.side, one.first, one.last) for one in find_signals(values, TEN_AND_SIX)]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([10, 16, 10], []),
        ([10, 16.1, 10], [("outside", "above", 1, 1)]),
        ([3, 2, 10, 1], [("outside", "below", 0, 1), ("outside", "below", 3, 3), ("near_limit", "below", 0, 3)]),
        ([17] * 8, [("outside", "above", 0, 7)]),
        ([11, 11.2, 11.4, 11.6, 11.8, 12, 12.2, 12.4], [("one_side", "above", 0, 7), ("trend", "rising", 0, 7)]),
        ([14.1, 10, 14.1], [("near_limit", "above", 0, 2)]),
        ([14.1, 14.1, 10], [("near_limit", "above", 0, 2)]),
        ([14, 10, 14.1], []),
        ([14.1, 10, 5.9], []),
        ([11] * 7, []),
        ([11] * 8, [("one_side", "above", 0, 7)]),
        ([9] * 9, [("one_side", "below", 0, 8)]),
        ([11] * 4 + [10] + [11] * 4, []),
        ([11] * 4 + [None] + [11] * 4, []),
        ([8, 9, 10, 11, 12], []),
        ([7.5, 8, 9, 10, 11, 12], [("trend", "rising", 0, 5)]),
        ([12, 11, 10, 9, 8, 7.5], [("trend", "falling", 0, 5)]),
        ([7.5, 8, 9, 9, 11, 12], []),
        ([], []),
    ],
)
def test_run_rules_hold_where_they_say(values, found):
    """Centre 10, limits 4 and 16, two thirds of the way at 6 and 14; a value on a line is not beyond it."""
    assert name_signals(values) == found


def test_the_run_rules_are_named_and_cite_their_sources():
    """Each says what it is in words."""
    assert [one.name for one in RUN_RULES] == ["outside", "near_limit", "one_side", "trend"]
    assert all(one.sentence and one.source for one in RUN_RULES)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60), st.floats(0, 1e5), st.floats(0.1, 10))
def test_limits_move_and_stretch_with_their_values(values, shift, scale):
    """What is added to every value is added to the limits, and what they are multiplied by multiplies them."""
    found = compute_limits(values, least=float("-inf"))
    moved = compute_limits([value * scale + shift for value in values], least=float("-inf"))
    for before, after in zip(
        (found.centre, found.lower, found.upper), (moved.centre, moved.lower, moved.upper), strict=True
    ):
        assert after == pytest.approx(before * scale + shift, rel=1e-6, abs=1e-3)


@given(st.lists(st.one_of(st.none(), st.floats(0, 20)), max_size=40))
def test_no_signal_holds_a_value_that_may_not_enter_one(values):
    """None ends every run, and each signal is as long as its rule's window at least."""
    for one in find_signals(values, TEN_AND_SIX):
        assert None not in values[one.first : one.last + 1]
        assert one.last - one.first + 1 >= one.rule.window
