"""Weeks that are still filling (rule 20): how much of a week is in at its age, and what it is expected to become.

A recorder's own reporting triangle has a row for each event week and a column for each week of *entry delay*: how much
of the week counted that long after its end. Delays are measured back from the instant that is looked at, so that a week
is always compared with others at the same age. A leg counts from its entry on, whatever made it count: a late entry, an
assessment, a threat that became known; what was taken back goes out the same way, so a row may fall.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from methodology.chain_ladder import (
    Estimate,
    Interval,
    Step,
    estimate_row,
    estimate_steps,
    estimate_total,
    find_interval,
    find_share,
)
from methodology.weeks import Week

HORIZON_WEEKS: Final = 52
"""What is entered later than this after the end of its week is not foreseen."""
HORIZON_WEEKS_LEAST: Final = 13
"""A recorder whose past does not show what comes in this many weeks has no estimates."""
LEARNING_WEEKS: Final = 52
"""How many weeks are learnt from: a recorder's latest year at the instant that is looked at, as practice changes."""
ROWS_LEAST: Final = 8
"""How many past weeks with records must have been seen through a delay for it to be foreseen."""
SHARE_LEAST: Final = 0.9
"""A week enters no signal before this share of it is expected to be in: most of it."""
LEVEL: Final = 0.9
"""Of ten weeks, nine are expected to become what lies in their interval."""

Counts = Mapping[tuple[Week, int], int]


class ReportingTriangle(NamedTuple):
    """A recorder's triangle, cumulative, with the steps that it gives.

    Attributes:
        rows: by event week, what was in of it at each delay up to its age; the last of 53 is what is in by now.
        horizon: the delay up to which it foresees; None where it foresees nothing.
    """

    rows: Mapping[Week, Sequence[int]]
    steps: Sequence[Step]
    horizon: int | None

    def find_share(self, delay: int) -> float | None:
        """Find which share of a week is in at a delay."""
        if self.horizon is None:
            return 1.0 if delay >= HORIZON_WEEKS else None
        return find_share(self.steps, delay)


class Filling(NamedTuple):
    """How far a week is filled.

    Attributes:
        recorded: what counts of it now.
        delay: the weeks since its end, up to the horizon.
        share: which share of a week is in by then on average; None where the past does not say.
        expected: what it is expected to become; None where nothing of it is in, or the past does not say.
        is_whole: whether nothing more of it is foreseen.
    """

    recorded: int
    delay: int
    share: float | None
    expected: Estimate | None
    interval: Interval | None
    is_whole: bool

    @property
    def value(self) -> float | None:
        """Give what it is judged by; None before most of it is expected to be in."""
        if self.share is None or self.share < SHARE_LEAST:
            return None
        return self.recorded if self.expected is None else self.expected.value


def build_triangle(counts: Counts, weeks: Iterable[Week], newest: Week) -> ReportingTriangle:
    """Build the triangle of weeks that have all ended, and of those that are learnt from: the same for any weeks asked.

    Args:
        counts: by event week and entry delay, what came into the figure, less what went out.
        newest: the newest week that has ended.
    """
    latest = list_learnt(newest)
    rows = {week: _accumulate_row(counts, week, newest - week) for week in sorted({*weeks, *latest})}
    learnt = [rows[week] for week in latest]
    horizon = _find_horizon(learnt)
    steps = () if horizon is None else tuple(estimate_steps([row[: horizon + 1] for row in learnt]))
    return ReportingTriangle(rows, steps, horizon)


def list_learnt(newest: Week) -> range:
    """List the weeks that are learnt from, of which ``newest`` is the last."""
    return range(newest - LEARNING_WEEKS + 1, newest + 1)


def _accumulate_row(counts: Counts, week: Week, age: int) -> list[int]:
    last = min(age, HORIZON_WEEKS)
    return list(accumulate(counts.get((week, delay), 0) for delay in range(last + 1)))


def _find_horizon(rows: Sequence[Sequence[int]]) -> int | None:
    """Find the greatest delay through which enough weeks with records have been seen, if it is far enough."""
    reached = sorted((len(row) - 1 for row in rows if any(row)), reverse=True)
    horizon = reached[ROWS_LEAST - 1] if len(reached) >= ROWS_LEAST else 0
    return horizon if horizon >= HORIZON_WEEKS_LEAST else None


def find_filling(triangle: ReportingTriangle, week: Week) -> Filling:
    """Find how far a week of the triangle is filled."""
    row = triangle.rows[week]
    recorded, age = row[-1], len(row) - 1
    delay = age if triangle.horizon is None else min(age, triangle.horizon)
    share = triangle.find_share(delay)
    is_whole = delay == (triangle.horizon or HORIZON_WEEKS)
    if share is None:
        return Filling(recorded, delay, None, None, None, is_whole)
    expected = Estimate(recorded, 0.0) if is_whole else estimate_row(row, triangle.steps)
    interval = None if expected is None else find_interval(recorded, expected, LEVEL)
    return Filling(recorded, delay, share, expected, interval, is_whole)


def estimate_weeks(triangle: ReportingTriangle, weeks: Sequence[Week]) -> tuple[Estimate, Interval] | None:
    """Estimate what weeks become together; None where the past does not say it of each of them."""
    fillings = {week: find_filling(triangle, week) for week in weeks}
    open_rows = [triangle.rows[week] for week, one in fillings.items() if not one.is_whole]
    found = None if open_rows and triangle.horizon is None else estimate_total(open_rows, triangle.steps)
    if found is None:
        return None
    whole = sum(one.recorded for one in fillings.values() if one.is_whole)
    estimate = found._replace(value=found.value + whole)
    return estimate, find_interval(sum(one.recorded for one in fillings.values()), estimate, LEVEL)
