"""Baselines: the weeks that process limits are computed from, stated with every chart and moved by a dated entry alone.

Limits that follow the newest weeks would follow the change that they are to show. So the usual baseline is the year
before the weeks shown, the recorder's own past; where other recorders made it up, as where recording has just begun,
it is the first half year of those shown. What is known to have changed the process for good is recorded here, with the
day and the reason, and the weeks from then on are judged by a baseline of their own (Wheeler 1993, on when to compute
limits anew: the process has changed, the cause is known, and the change is meant to stay).
"""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from ledger.facts import Day
from methodology.process_limits import VALUES_LEAST
from methodology.weeks import DaySpan, Week, find_week, list_whole_weeks

NATION: Final = "nation"
YEAR_WEEKS: Final = 52
FIRST_WEEKS: Final = 26
LIKE_SHARE: Final = 0.9
"""The year before serves where it holds records of this share of those who recorded in the weeks shown."""


class RecordedBaseline(NamedTuple):
    """A re-baselining, as it was decided.

    Attributes:
        of: an organisation's code, a region's name, or ``nation``.
        since: the first event day that it judges.
        period: the event days that its limits are computed from.
        recorded_on: the day of the decision.
        reason: what changed, in words that a reader of the chart understands.
    """

    of: str
    since: Day
    period: DaySpan
    recorded_on: Day
    reason: str


RECORDED_BASELINES: Final[tuple[RecordedBaseline, ...]] = ()
"""In the order in which they were decided; a later one holds before an earlier one of the same day."""


class Baseline(NamedTuple):
    """The weeks of a baseline and why they are: ``recorded_on`` is None of a usual one."""

    weeks: range
    reason: str
    recorded_on: Day | None = None


class Judged(NamedTuple):
    """The weeks that a baseline judges."""

    weeks: range
    baseline: Baseline


def choose_usual(weeks: range, first_recorded: Week | None, then: Collection[str], now: Collection[str]) -> Baseline:
    """Choose the baseline where none is recorded.

    Args:
        weeks: those shown.
        first_recorded: the first of the year before that holds any record; None where none does.
        then: who recorded in the year before.
        now: who recorded in the weeks shown.
    """
    alike = bool(now) and len(set(then) & set(now)) >= LIKE_SHARE * len(now)
    if alike and first_recorded is not None and weeks.start - first_recorded >= VALUES_LEAST:
        return Baseline(range(first_recorded, weeks.start), "the year before the weeks shown")
    return Baseline(weeks[:FIRST_WEEKS], "the first weeks shown, as the year before has no like records")


def divide_weeks(
    weeks: range, of: str, usual: Baseline, recorded: Sequence[RecordedBaseline] = RECORDED_BASELINES
) -> list[Judged]:
    """Divide the weeks by the baseline that judges them: the latest recorded one whose day they do not precede."""
    own = sorted((one for one in recorded if one.of == of), key=lambda one: one.since)
    starts = [weeks.start, *(_hold_within(weeks, find_week(one.since + 6)) for one in own), weeks.stop]
    baselines = [usual, *(Baseline(list_whole_weeks(one.period), one.reason, one.recorded_on) for one in own)]
    spans = [range(start, stop) for start, stop in pairwise(starts)]
    return [Judged(span, baseline) for span, baseline in zip(spans, baselines, strict=True) if span]


def find_first_needed(weeks: range, of: str, recorded: Sequence[RecordedBaseline] = RECORDED_BASELINES) -> Week:
    """Find the first week that a baseline of these weeks may need."""
    return min([weeks.start - YEAR_WEEKS, *(find_week(one.period.first) for one in recorded if one.of == of)])


def _hold_within(weeks: range, week: Week) -> Week:
    return min(max(week, weeks.start), weeks.stop)
