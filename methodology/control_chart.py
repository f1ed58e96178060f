"""The control chart of lead disruptions a week: weeks as far as they are filled, their limits, and the signals.

Weeks that are still filling enter neither a limit nor a signal until most of them is expected to be in, and from then
on by what they are expected to become: else every newest week would seem low.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from methodology.baselines import YEAR_WEEKS, Baseline, divide_weeks, find_first_needed, list_usual
from methodology.entry_delay import Counts, Filling, ReportingTriangle, build_triangle, find_filling
from methodology.process_limits import Limits, RunRule, Side, find_limits, find_signals
from methodology.weeks import Week

METHOD: Final = "XmR process limits and chain ladder with Mack's error"
METHOD_VERSION: Final = "2026.1"
"""Of the constants and rules of this method; a changed one is a new version."""


class Recorders(NamedTuple):
    """Who recorded in the weeks shown; and who in the year before them, with the first week in which they did.

    What was taken back, or given another date, recorded nothing where it stands no more.
    """

    then: Mapping[str, Week]
    now: Collection[str]


class Segment(NamedTuple):
    """Weeks that are judged by one baseline; ``limits`` is None where the baseline gives none."""

    weeks: range
    baseline: Baseline
    limits: Limits | None


class WeekSignal(NamedTuple):
    """A run rule that holds from one week to another, both included."""

    rule: RunRule
    side: Side
    first: Week
    last: Week
    limits: Limits


class ControlChart(NamedTuple):
    """All that a chart shows.

    Attributes:
        weeks: those shown, which follow each other and have all ended.
        fillings: how far each is filled, and those before it that a baseline may need.
    """

    weeks: range
    fillings: Mapping[Week, Filling]
    triangle: ReportingTriangle
    segments: Sequence[Segment]
    signals: Sequence[WeekSignal]


def find_recorders(recorded: Iterable[tuple[str, Week]], weeks: range) -> Recorders:
    """Find who recorded in the weeks shown, and in the year before them, from who has disruptions standing in which."""
    then: dict[str, Week] = {}
    now: set[str] = set()
    for who, week in recorded:
        if week in weeks:
            now.add(who)
        elif weeks.start - YEAR_WEEKS <= week < weeks.start:
            then[who] = min(week, then.get(who, week))
    return Recorders(then, now)


def build_chart(counts: Counts, weeks: range, newest: Week, recorders: Recorders, of: str) -> ControlChart:
    """Build the chart of weeks that follow each other and have all ended.

    Args:
        counts: by event week and entry delay, what came into the figure, less what went out; of the weeks shown, of
            those before them that a baseline may need, and of those that are learnt from.
        newest: the newest week that has ended.
        of: whose chart it is, as ``RecordedBaseline.of`` has it.
    """
    needed = range(find_first_needed(weeks, of), weeks.stop) if weeks else weeks
    triangle = build_triangle(counts, needed, newest)
    fillings = {week: find_filling(triangle, week) for week in needed}
    if not weeks:
        return ControlChart(weeks, fillings, triangle, (), ())
    usual = list_usual(weeks, recorders.then, recorders.now)
    served = next((one for one in usual if _find_limits(one, fillings) is not None), usual[0])
    segments = [
        Segment(judged.weeks, judged.baseline, _find_limits(judged.baseline, fillings))
        for judged in divide_weeks(weeks, of, served)
    ]
    signals = [signal for one in segments for signal in _list_signals(one, fillings)]
    return ControlChart(weeks, fillings, triangle, segments, signals)


def _find_limits(baseline: Baseline, fillings: Mapping[Week, Filling]) -> Limits | None:
    found = [fillings[week].value for week in baseline.weeks if week in fillings]
    return find_limits([one for one in found if one is not None])


def _list_signals(segment: Segment, fillings: Mapping[Week, Filling]) -> list[WeekSignal]:
    if segment.limits is None:
        return []
    found = find_signals([fillings[week].value for week in segment.weeks], segment.limits)
    return [
        WeekSignal(one.rule, one.side, segment.weeks[one.first], segment.weeks[one.last], segment.limits)
        for one in found
    ]
