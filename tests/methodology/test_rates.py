"""Rates: so many a week, per 100 active threats."""

from methodology.rates import find_mean, find_rate


def test_a_rate_is_per_100_active_threats_and_unknown_of_none():
    """18 a week over 120 threats; over none there is no rate, and none is not nought."""
    assert find_rate(18, 120) == 15.0
    assert find_rate(0, 120) == 0.0
    assert find_rate(18, 0) is None


def test_a_mean_of_no_week_is_unknown():
    """104 in 52 weeks are two."""
    assert find_mean(104, 52) == 2.0
    assert find_mean(0, 0) is None
