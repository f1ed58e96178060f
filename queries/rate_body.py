"""The body of an answer on rates, from the chart and the denominator."""

from datetime import datetime
from typing import Any, NamedTuple

from ledger.instants import count_days, count_millis, find_uk_day, format_instant, make_date
from methodology.baselines import YEAR_WEEKS
from methodology.control_chart import METHOD, METHOD_VERSION, ControlChart, Segment, WeekSignal
from methodology.entry_delay import LEVEL, SHARE_LEAST, estimate_weeks
from methodology.measures import COUNTED, LEAD, MEASURE, THREAT_COUNT
from methodology.process_limits import RUN_RULES
from methodology.rates import PER_THREATS, find_mean, find_rate
from methodology.weeks import DaySpan, Week, list_left_out, span_week
from queries.plain import key_by_text
from queries.rate_answers import RateAnswer, RateLimits, RateSignal, RateSum, RateWeek, RateYearBefore
from queries.rate_query import RateQuery
from queries.rate_sentences import describe_signal


class RateFigures(NamedTuple):
    """What stands beside the chart.

    Attributes:
        seen: the instant that is looked at, from which delays are measured back.
        threats_at: the instant of the denominator.
        threats: how many are active then.
    """

    query: RateQuery
    seen: datetime
    threats_at: datetime
    threats: int


class Standpoint(NamedTuple):
    """What an answer stands on."""

    position: dict[int, int]
    as_at: datetime
    known_at: datetime
    complete_through: datetime | None


def write_body(figures: RateFigures, chart: ControlChart, standpoint: Standpoint) -> RateAnswer:
    """Write the answer on rates from what was counted, its chart and where it stands."""
    through = standpoint.complete_through
    return {
        "weeks": [_write_week(chart, week, figures.threats) for week in chart.weeks],
        "left_out": _list_left_out(figures, chart),
        "limits": [_write_limits(one) for one in chart.segments],
        "signals": [_write_signal(one, chart) for one in chart.signals],
        "total": _write_total(chart, figures.threats),
        "year_before": _write_year_before(chart),
        "numerator": _write_numerator(figures, chart, standpoint.as_at),
        "denominator": _write_denominator(figures),
        "triangle": [
            {"week": write_monday(week), "cumulative": list(chart.triangle.rows[week])}
            for week in chart.triangle.rows
            if any(chart.triangle.rows[week])
        ],
        "delays": [
            {"delay": delay, "share": chart.triangle.find_share(delay)}
            for delay in range((chart.triangle.horizon or -1) + 1)
        ],
        "horizon": chart.triangle.horizon,
        "method": _write_method(),
        "position": key_by_text(standpoint.position),
        "seen_at": format_instant(figures.seen),
        "as_at": format_instant(standpoint.as_at),
        "known_at": format_instant(standpoint.known_at),
        "complete": through is not None and standpoint.known_at <= through,
        "complete_through": None if through is None else format_instant(through),
        "measure": MEASURE,
    }


def write_monday(week: Week) -> str:
    """Write a week as the Monday that it starts on."""
    return make_date(span_week(week).first).isoformat()


def _write_week(chart: ControlChart, week: Week, threats: int) -> RateWeek:
    filling = chart.fillings[week]
    limits = next(one.limits for one in chart.segments if week in one.weeks)
    interval = filling.interval
    return {
        "week": write_monday(week),
        "n": filling.recorded,
        "rate": find_rate(filling.recorded, threats),
        "delay": filling.delay,
        "share": filling.share,
        "filling": filling.value is None,
        "judged": filling.value,
        "expected": None if filling.expected is None else filling.expected.value,
        "expected_lower": None if interval is None else interval.lower,
        "expected_upper": None if interval is None else interval.upper,
        "centre": None if limits is None else limits.centre,
        "lower_limit": None if limits is None else limits.lower,
        "upper_limit": None if limits is None else limits.upper,
    }


def _list_left_out(figures: RateFigures, chart: ControlChart) -> list[dict[str, str]]:
    """List the days of the period that are in no week shown, and why."""
    period = DaySpan(count_days(figures.query.start), count_days(figures.query.end))
    over = DaySpan(period.first, min(period.last, find_uk_day(count_millis(figures.seen) + 1) - 1))
    return [
        {
            "from": make_date(one.first).isoformat(),
            "to": make_date(one.last).isoformat(),
            "why": "part of a week" if one.last <= over.last else "a week that was not over",
        }
        for one in list_left_out(period, chart.weeks)
    ]


def _write_limits(segment: Segment) -> RateLimits:
    baseline, limits = segment.baseline, segment.limits
    return {
        "first_week": write_monday(segment.weeks[0]),
        "last_week": write_monday(segment.weeks[-1]),
        "baseline_first_week": write_monday(baseline.weeks[0]) if baseline.weeks else None,
        "baseline_last_week": write_monday(baseline.weeks[-1]) if baseline.weeks else None,
        "baseline_reason": baseline.reason,
        "baseline_recorded_on": None if baseline.recorded_on is None else make_date(baseline.recorded_on).isoformat(),
        "centre": None if limits is None else limits.centre,
        "moving_range": None if limits is None else limits.moving_range,
        "lower": None if limits is None else limits.lower,
        "upper": None if limits is None else limits.upper,
    }


def _write_signal(signal: WeekSignal, chart: ControlChart) -> RateSignal:
    return {
        "first_week": write_monday(signal.first),
        "last_week": write_monday(signal.last),
        "rule": signal.rule.name,
        "side": signal.side,
        "sentence": describe_signal(signal, chart.fillings),
    }


def _write_total(chart: ControlChart, threats: int) -> RateSum:
    found = sum(chart.fillings[week].recorded for week in chart.weeks)
    estimate, interval = (chart.weeks and estimate_weeks(chart.triangle, chart.weeks)) or (None, None)
    per_week = find_mean(found, len(chart.weeks))
    return {
        "n": found,
        "weeks": len(chart.weeks),
        "per_week": per_week,
        "rate": None if per_week is None else find_rate(per_week, threats),
        "expected": None if estimate is None else estimate.value,
        "expected_lower": None if interval is None else interval.lower,
        "expected_upper": None if interval is None else interval.upper,
    }


def _write_year_before(chart: ControlChart) -> RateYearBefore | None:
    """Write what is recorded of the same weeks a year before; None of no week."""
    before = [week - YEAR_WEEKS for week in chart.weeks]
    if not before:
        return None
    found = sum(chart.fillings[week].recorded for week in before)
    return {
        "first_week": write_monday(before[0]),
        "last_week": write_monday(before[-1]),
        "n": found,
        "per_week": find_mean(found, len(before)),
    }


def _write_numerator(figures: RateFigures, chart: ControlChart, as_at: datetime) -> dict[str, Any]:
    """Write which disruptions are counted, and of which event dates (rule 14)."""
    return {
        "filters": {one.field: one.value for one in (LEAD, COUNTED)} | figures.query.filters,
        "from": write_monday(chart.weeks[0]) if chart.weeks else None,
        "to": make_date(span_week(chart.weeks[-1]).last).isoformat() if chart.weeks else None,
        "as_at": format_instant(as_at),
    }


def _write_denominator(figures: RateFigures) -> dict[str, Any]:
    """Write which threats it is divided by, as at which instant (rules 8 and 14); pillars are of disruptions alone."""
    rule = {one.field: one.value if one.operator == "=" else f"{one.operator} {one.value}" for one in THREAT_COUNT}
    asked = {name: value for name, value in figures.query.filters.items() if name != "pillar"}
    return {
        "filters": rule | asked,
        "n": figures.threats,
        "per": PER_THREATS,
        "as_at": format_instant(figures.threats_at),
    }


def _write_method() -> dict[str, Any]:
    return {
        "name": METHOD,
        "version": METHOD_VERSION,
        "share_least": SHARE_LEAST,
        "interval_level": LEVEL,
        "run_rules": [{"name": one.name, "sentence": one.sentence, "source": one.source} for one in RUN_RULES],
    }
