"""What is still to come, from how it came before: the chain ladder, with Mack's standard error.

Sources: T. Mack, "Distribution-free calculation of the standard error of chain ladder reserve estimates", *ASTIN
Bulletin* 23 (1993), 213-225, whose results for the triangle of G. C. Taylor and F. R. Ashe (*Journal of Econometrics*
23, 1983) the tests reproduce; T. Mack, "Measuring the variability of chain ladder reserve estimates" (1994), for the
log-normal interval.

A triangle is rows of cumulative counts, one column a delay, the last known one last. The model: what is in at the next
delay is on average a factor of what is in now, with a variance in proportion to it, rows being independent. What the
triangle cannot say is None, never a guess.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log, prod, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

Triangle = Sequence[Sequence[float]]
PAIRS_LEAST: Final = 2


class Step(NamedTuple):
    """From one delay to the next: Mack's factor f, his sigma squared, and the sum that the factor is of."""

    factor: float | None
    variance: float | None
    basis: float


class Estimate(NamedTuple):
    """An expected value and its standard error."""

    value: float
    error: float


class Interval(NamedTuple):
    """Between which values it is expected to lie."""

    lower: float
    upper: float


def estimate_steps(triangle: Triangle) -> list[Step]:
    """Estimate the steps between the delays of a triangle."""
    columns = max(map(len, triangle), default=0)
    steps: list[Step] = []
    for delay in range(columns - 1):
        pairs = [(row[delay], row[delay + 1]) for row in triangle if len(row) > delay + 1]
        found = _estimate_step(pairs)
        if found.variance is None and delay == columns - 2 and len(pairs) < PAIRS_LEAST:
            found = found._replace(variance=_extrapolate_variance(steps))
        steps.append(found)
    return steps


def _estimate_step(pairs: Sequence[tuple[float, float]]) -> Step:
    basis = sum(now for now, _ in pairs)
    if basis <= 0:
        return Step(None, None, 0.0)
    factor = sum(later for _, later in pairs) / basis
    return Step(factor, _estimate_variance(pairs, factor), basis)


def _estimate_variance(pairs: Sequence[tuple[float, float]], factor: float) -> float | None:
    """Estimate sigma squared as Mack does; where a row grew from nothing, by the moments of the same assumption.

    Mack divides each squared residual by what was in, which cannot be done by zero; the sum of the squared residuals
    over the sum of what was in has the same expectation.
    """
    moving = [(now, later) for now, later in pairs if now or later]
    if len(moving) < PAIRS_LEAST:
        return None
    if all(now for now, _ in moving):
        return sum((later - factor * now) ** 2 / now for now, later in moving) / (len(moving) - 1)
    residuals = sum((later - factor * now) ** 2 for now, later in moving)
    return residuals / sum(now for now, _ in moving) * len(moving) / (len(moving) - 1)


def _extrapolate_variance(steps: Sequence[Step]) -> float | None:
    """Extrapolate sigma squared of the last delay, of which there is one pair alone (Mack 1993, page 219)."""
    variances = [one.variance for one in steps[-2:] if one.variance is not None]
    if len(variances) < PAIRS_LEAST:
        return None
    earlier, later = variances
    return min(later**2 / earlier if earlier else 0.0, earlier, later)


def find_share(steps: Sequence[Step], delay: int) -> float | None:
    """Find which share of a row is in at a delay, on average; None where the triangle does not say."""
    factors = [one.factor for one in steps[delay:]]
    known = [one for one in factors if one]
    return 1 / prod(known) if len(known) == len(factors) else None


def estimate_row(row: Sequence[float], steps: Sequence[Step]) -> Estimate | None:
    """Estimate what a row becomes; None where nothing of it is in, or the triangle does not say."""
    path = _project_row(row, steps)
    return None if path is None else Estimate(path[-1], path[-1] * sqrt(_sum_variances(path, row, steps)))


def estimate_total(rows: Triangle, steps: Sequence[Step]) -> Estimate | None:
    """Estimate what rows become together: they share the factors' errors. None where one of them has no estimate."""
    ordered = sorted(rows, key=len, reverse=True)
    found = [estimate_row(row, steps) for row in ordered]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    variance = sum(one.error**2 for one in known)
    for number, (row, own) in enumerate(zip(ordered, known, strict=True)):
        younger = sum(one.value for one in known[number + 1 :])
        variance += own.value * younger * 2 * sum(_list_shared(row, steps))
    return Estimate(sum(one.value for one in known), sqrt(variance))


def find_interval(recorded: float, estimate: Estimate, level: float) -> Interval:
    """Find the interval that holds, at this level, what an estimated row becomes.

    What is still to come is taken as log-normal with the estimate's mean and error (Mack 1994), so that the row does
    not fall below what is in; where no more is expected to come than to be taken back, as normal.
    """
    deviations = NormalDist().inv_cdf((1 + level) / 2)
    coming = estimate.value - recorded
    if coming <= 0:
        reach = deviations * estimate.error
        return Interval(max(0.0, estimate.value - reach), estimate.value + reach)
    spread = log(1 + (estimate.error / coming) ** 2)
    middle, reach = log(coming) - spread / 2, deviations * sqrt(spread)
    return Interval(recorded + exp(middle - reach), recorded + exp(middle + reach))


def _project_row(row: Sequence[float], steps: Sequence[Step]) -> list[float] | None:
    """Project a row from its last known value, delay by delay."""
    if not row or row[-1] <= 0:
        return None
    path = [row[-1]]
    for one in steps[len(row) - 1 :]:
        if not one.factor or one.variance is None:
            return None
        path.append(path[-1] * one.factor)
    return path


def _sum_variances(path: Sequence[float], row: Sequence[float], steps: Sequence[Step]) -> float:
    """Sum the squared relative errors of the steps of a row (Mack 1993, theorem 3)."""
    shared = _list_shared(row, steps)
    own = [
        (one.variance or 0.0) / ((one.factor or 1.0) ** 2 * value)
        for (value, _), one in zip(pairwise(path), steps[len(row) - 1 :], strict=True)
    ]
    return sum(shared) + sum(own)


def _list_shared(row: Sequence[float], steps: Sequence[Step]) -> list[float]:
    """List the squared relative errors of the factors themselves, which all rows share, of a row that has them."""
    return [(one.variance or 0.0) / ((one.factor or 1.0) ** 2 * one.basis) for one in steps[len(row) - 1 :]]
