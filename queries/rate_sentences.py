"""Signals in plain words: which weeks, what they are, and against what."""

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.instants import make_date
from methodology.control_chart import WeekSignal
from methodology.entry_delay import Filling
from methodology.weeks import Week, span_week

_LIMITS: Final = {"above": "upper", "below": "lower"}
_NEAR: Final = "two thirds"
_TRENDS: Final = {"rising": "higher", "falling": "lower"}


def format_week(week: Week) -> str:
    """Format a week by its Monday: ``3 May 2022``."""
    monday = make_date(span_week(week).first)
    return f"{monday.day} {monday:%B %Y}"


def describe_signal(signal: WeekSignal, fillings: Mapping[Week, Filling]) -> str:
    """Describe it in one sentence."""
    if signal.side in _TRENDS:
        return f"{_describe_run(signal)}, are each {_TRENDS[signal.side]} than the week before."
    if signal.rule.window == 1:
        return _describe_outside(signal, [fillings[week] for week in range(signal.first, signal.last + 1)])
    if not signal.rule.sigmas:
        return f"{_describe_run(signal)}, are {signal.side} the centre, {signal.limits.centre:,.1f}."
    return (
        f"{_describe_run(signal)}, have {signal.rule.points} of every {signal.rule.window} more than"
        f" {_NEAR} of the way from the centre to the {_LIMITS[signal.side]} limit, {_find_limit(signal):,.1f}."
    )


def _describe_run(signal: WeekSignal) -> str:
    weeks = signal.last - signal.first + 1
    return f"{weeks} weeks in a row, from the week of {format_week(signal.first)} to that of {format_week(signal.last)}"


def _describe_outside(signal: WeekSignal, fillings: Sequence[Filling]) -> str:
    where = f"{signal.side} the {_LIMITS[signal.side]} limit"
    limit = f"{_find_limit(signal):,.1f}"
    if len(fillings) > 1:
        return f"{_describe_run(signal)}, are {where}, {limit}."
    (filling,), week = fillings, format_week(signal.first)
    if filling.value == filling.recorded or (signal.side == "above" and filling.recorded > signal.limits.upper):
        return f"The week of {week} is {where}: {filling.recorded:,} against {limit}."
    return (
        f"The week of {week} is expected to be {where}: {filling.value:,.1f} against {limit};"
        f" {filling.recorded:,} are recorded so far."
    )


def _find_limit(signal: WeekSignal) -> float:
    return signal.limits.upper if signal.side == "above" else signal.limits.lower
