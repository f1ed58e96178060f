"""Rates, rule 14: so many disruptions a week, and per 100 active threats; unknown where there are none to divide by."""

from typing import Final

PER_THREATS: Final = 100


def find_rate(disruptions: float, threats: int) -> float | None:
    """Find the rate per 100 active threats; None where none is active."""
    return disruptions * PER_THREATS / threats if threats > 0 else None


def find_mean(disruptions: float, weeks: int) -> float | None:
    """Find how many a week; None of no week."""
    return disruptions / weeks if weeks > 0 else None
