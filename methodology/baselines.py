"""Baselines: the weeks that process limits are computed from, stated with every chart and moved by a dated entry alone.

Limits that follow the newest weeks would follow the change that they are to show. So the usual baseline is the year
before the weeks shown, the recorder's own past; where most of those who record now had not begun then, or little was
recorded, it is the first half year of those shown. What is known to have changed the process for good is recorded here,
with the day and the reason, and the weeks from then on are judged by a baseline of their own (Wheeler 1993, on when to
compute limits anew: the process has changed, the cause is known, and the change is meant to stay).
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple

from ledger.facts import Day
from methodology.process_limits import VALUES_LEAST
from methodology.weeks import DaySpan, Week, find_week, list_whole_weeks

NATION: Final = "nation"
YEAR_WEEKS: Final = 52
FIRST_WEEKS: Final = 26
LIKE_SHARE: Final = 0.9
"""The year before serves from when this share of those who record in the weeks shown had begun to."""


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


def list_usual(weeks: range, then: Mapping[str, Week], now: Collection[str]) -> list[Baseline]:
    """List the baselines that serve where none is recorded, the first to be preferred.

    Args:
        weeks: those shown.
        then: who recorded in the year before, with the first week of it in which they did.
        now: who recorded in the weeks shown.
    """
    begun, needed = sorted(then[one] for one in now if one in then), ceil(LIKE_SHARE * len(now))
    first_weeks = Baseline(weeks[:FIRST_WEEKS], "the first weeks shown, as the year before has no like records, or few")
    if not needed or len(begun) < needed or weeks.start - begun[needed - 1] < VALUES_LEAST:
        return [first_weeks]
    return [Baseline(range(begun[needed - 1], weeks.start), "the year before the weeks shown"), first_weeks]


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
