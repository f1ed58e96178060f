"""Week by week: what was recorded, its process limits, and what the weeks that are still filling may become."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from markupsafe import Markup

from dashboard.charts.drawing import ChartText, Drawing, estimate_width, write_value
from dashboard.charts.palette import EXPECTED, GROUND, LIMIT, MAIN, QUIET_TEXT, SIGNAL
from dashboard.charts.scales import LinearScale, find_day_ticks, find_ticks
from dashboard.rendering import count_things, format_day

WIDTH: Final = 960
HEIGHT: Final = 420
RIGHT, TOP, BOTTOM = 20, 80, 60
LEGEND_ROW: Final = 24
MANY_WEEKS: Final = 160


class WeekMark(StrEnum):
    """Whether a week is a signal; each has a shape of its own, so that no colour is needed."""

    COMMON = "recorded"
    OUTSIDE = "outside the limits"
    RUN = "part of a run that is a signal"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPoint:
    """One week of a chart.

    Attributes:
        start: its Monday.
        value: what is recorded: a count, or a rate.
        centre: the centre line that it is judged by, None where there is no baseline yet; one that steps is drawn so.
        lower: its lower process limit; None with ``centre``.
        upper: its upper process limit; None with ``centre``.
        mark: whether it is a signal.
        is_filling: records of it are still coming in; drawn hollow, never as a signal.
        expected: what it is expected to become; None where nothing is forecast.
        low: the lower end of the interval of ``expected``.
        high: the upper end of it.
    """

    start: date
    value: float
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    mark: WeekMark = WeekMark.COMMON
    is_filling: bool = False
    expected: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyChart:
    """What to draw.

    Attributes:
        name: its name on its page: a word of letters, digits and hyphens.
        title: what is counted, of whom: "Lead disruptions a week, Kent Police".
        unit: what stands at the axis of values: "Lead disruptions a week".
        weeks: one after the other; at least one.
    """

    name: str
    title: str
    unit: str
    weeks: Sequence[WeekPoint]


class _Frame(NamedTuple):
    """The drawing, and where weeks and values lie in it."""

    drawing: Drawing
    left: float
    days: LinearScale
    values: LinearScale
    radius: float

    def find_place(self, week: WeekPoint, value: float) -> tuple[float, float]:
        return self.days.place_value(week.start.toordinal()), self.values.place_value(value)


def draw_weekly_chart(chart: WeeklyChart) -> Markup:
    """Draw the weeks with their limits, what fills still in a lighter shade."""
    described = ChartText(name=chart.name, title=chart.title, description=describe_weeks(chart.weeks))
    drawing = Drawing(described, WIDTH, HEIGHT)
    ticks = find_ticks(max(_list_values(chart.weeks)))
    days = [week.start.toordinal() for week in chart.weeks]
    left = max(estimate_width(write_value(tick)) for tick in ticks) + 20
    frame = _Frame(
        drawing,
        left,
        LinearScale(days[0], days[-1], left + 15, WIDTH - RIGHT - 15),
        LinearScale(0, ticks[-1], HEIGHT - BOTTOM, TOP),
        5 if len(chart.weeks) <= MANY_WEEKS else 2.5,
    )
    _draw_axes(frame, chart, ticks)
    _draw_limits(frame, chart.weeks)
    _draw_recorded(frame, chart.weeks)
    for week in chart.weeks:
        _draw_expected(frame, week)
        _draw_point(frame, week)
    _draw_legend(frame, chart.weeks)
    return drawing.finish_drawing()


def describe_weeks(weeks: Sequence[WeekPoint]) -> str:
    """Describe the chart for whoever does not see it."""
    values = [week.value for week in weeks]
    signals = sum(week.mark is not WeekMark.COMMON for week in weeks)
    filling = sum(week.is_filling for week in weeks)
    sentences = [
        f"{count_things(len(weeks), 'week')} from {format_day(weeks[0].start)} to {format_day(weeks[-1].start)}:"
        f" between {write_value(min(values))} and {write_value(max(values))} recorded in a week.",
        f"{count_things(signals, 'week') if signals else 'No week'} marked as a signal.",
        f"{count_things(filling, 'week') if filling else 'No week'} still filling.",
        "The table has every number.",
    ]
    return " ".join(sentences)


def _list_values(weeks: Iterable[WeekPoint]) -> Iterable[float]:
    for week in weeks:
        yield from (one for one in (week.value, week.upper, week.expected, week.high) if one is not None)


def _draw_axes(frame: _Frame, chart: WeeklyChart, ticks: Sequence[float]) -> None:
    drawing, floor = frame.drawing, HEIGHT - BOTTOM
    for tick in ticks:
        y = frame.values.place_value(tick)
        drawing.add_line((frame.left, y, WIDTH - RIGHT, y))
        drawing.add_text(write_value(tick), frame.left - 8, y + 5, text_anchor="end")
    starts = [week.start for week in chart.weeks]
    named = find_day_ticks(starts)
    for day in named:
        x = frame.days.place_value(day.toordinal())
        drawing.add_line((x, floor, x, floor + 6), stroke=QUIET_TEXT)
        words = f"{day.day} {day:%b %Y}" if named == starts else f"{day:%b %Y}"
        drawing.add_text(words, x, floor + 22, text_anchor="middle")
    drawing.add_line((frame.left, floor, WIDTH - RIGHT, floor), stroke=QUIET_TEXT)
    drawing.add_axis_name(chart.unit, 4, TOP - 14)
    drawing.add_axis_name("Week (starting on Monday)", WIDTH - RIGHT, HEIGHT - 12, text_anchor="end")


def _draw_limits(frame: _Frame, weeks: Sequence[WeekPoint]) -> None:
    """Draw centre and limits as steps: a new baseline begins with its first week."""
    lines: tuple[tuple[Callable[[WeekPoint], float | None], str], ...] = (
        (lambda week: week.centre, "none"),
        (lambda week: week.lower, "8 5"),
        (lambda week: week.upper, "8 5"),
    )
    for take, dashes in lines:
        steps = _list_steps(frame, [(week, value) for week in weeks if (value := take(week)) is not None])
        if steps:
            frame.drawing.add_mark(
                "path", d=steps, fill="none", stroke=LIMIT, stroke_width=1.5, stroke_dasharray=dashes
            )


def _list_steps(frame: _Frame, known: Sequence[tuple[WeekPoint, float]]) -> str:
    found: list[str] = []
    for number, (week, value) in enumerate(known):
        x, y = frame.find_place(week, value)
        if number == 0 or value != known[number - 1][1]:
            found.append(f"M{x - frame.radius:.1f} {y:.1f}")
        if number == len(known) - 1 or known[number + 1][1] != value:
            found.append(f"H{x + frame.radius:.1f}")
    return " ".join(found)


def _draw_recorded(frame: _Frame, weeks: Sequence[WeekPoint]) -> None:
    """Draw the line through what is recorded; on to weeks that are still filling it is dotted."""
    whole = [week for week in weeks if not week.is_filling]
    first = next((number for number, week in enumerate(weeks) if week.is_filling), len(weeks))
    for part, dashes in ((whole, "none"), (weeks[max(first - 1, 0) :] if first < len(weeks) else [], "2 4")):
        places = " ".join("{:.1f},{:.1f}".format(*frame.find_place(week, week.value)) for week in part)
        if len(part) > 1:
            frame.drawing.add_mark(
                "polyline", points=places, fill="none", stroke=MAIN, stroke_width=2, stroke_dasharray=dashes
            )


def _draw_expected(frame: _Frame, week: WeekPoint) -> None:
    """Draw what a week is expected to become: a short line, and its interval as a bar with ends."""
    if week.expected is None:
        return
    group = frame.drawing.add_group()
    (x, y), wide = frame.find_place(week, week.expected), frame.radius + 2
    if week.low is not None and week.high is not None:
        low, high = (frame.values.place_value(value) for value in (week.low, week.high))
        frame.drawing.add_line((x, low, x, high), group, stroke=EXPECTED, stroke_width=2)
        for end in (low, high):
            frame.drawing.add_line((x - 3, end, x + 3, end), group, stroke=EXPECTED, stroke_width=2)
    frame.drawing.add_line((x - wide, y, x + wide, y), group, stroke=EXPECTED, stroke_width=4)


def _draw_point(frame: _Frame, week: WeekPoint) -> None:
    group = frame.drawing.add_group(_describe_week(week))
    _draw_shape(frame, group, week, frame.find_place(week, week.value))


def _describe_week(week: WeekPoint) -> str:
    words = f"Week of {format_day(week.start)}: {write_value(week.value)}"
    if week.expected is not None:
        words += f" so far, {write_value(week.expected)} expected"
    return words if week.mark is WeekMark.COMMON else f"{words}, {week.mark}"


def _draw_shape(frame: _Frame, group: Element, week: WeekPoint, place: tuple[float, float]) -> None:
    """Draw a circle; hollow while filling; a signal as a diamond or a square."""
    (x, y), radius = place, frame.radius
    if week.is_filling:
        frame.drawing.add_mark("circle", group, cx=x, cy=y, r=radius, fill=GROUND, stroke=MAIN, stroke_width=2)
    elif week.mark is WeekMark.OUTSIDE:
        size = radius + 4
        diamond = f"M{x:.1f} {y - size:.1f}l{size:.1f} {size:.1f}l{-size:.1f} {size:.1f}l{-size:.1f} {-size:.1f}z"
        frame.drawing.add_mark("path", group, d=diamond, fill=SIGNAL, stroke=GROUND)
    elif week.mark is WeekMark.RUN:
        size = radius + 1
        frame.drawing.add_mark(
            "rect", group, x=x - size, y=y - size, width=2 * size, height=2 * size, fill=SIGNAL, stroke=GROUND
        )
    else:
        frame.drawing.add_mark("circle", group, cx=x, cy=y, r=radius, fill=MAIN)


def _draw_legend(frame: _Frame, weeks: Sequence[WeekPoint]) -> None:
    """Name in words what is on the chart, and nothing else."""
    drawing, x, y = frame.drawing, 10.0, 16.0
    here, there = date(2001, 1, 1), frame._replace(radius=5)
    for mark in WeekMark:
        if any(week.mark is mark and not week.is_filling for week in weeks):
            _draw_shape(there, drawing.root, WeekPoint(start=here, value=0, mark=mark), (x, y - 5))
            x = _name_mark(drawing, mark.value.capitalize(), x + 14, y)
    if any(week.is_filling for week in weeks):
        _draw_shape(there, drawing.root, WeekPoint(start=here, value=0, is_filling=True), (x, y - 5))
        _name_mark(drawing, "Recorded so far: records are still coming in", x + 14, y)
    x, y = 0.0, y + LEGEND_ROW
    if any(week.centre is not None for week in weeks):
        for words, dashes in (("Centre line", "none"), ("Process limits", "8 5")):
            drawing.add_line((x, y - 5, x + 26, y - 5), stroke=LIMIT, stroke_width=1.5, stroke_dasharray=dashes)
            x = _name_mark(drawing, words, x + 34, y) - 10
    if any(week.expected is not None for week in weeks):
        x += 10
        drawing.add_line((x, y - 12, x, y + 2), stroke=EXPECTED, stroke_width=2)
        drawing.add_line((x - 7, y - 5, x + 7, y - 5), stroke=EXPECTED, stroke_width=4)
        _name_mark(drawing, "Expected once all is in, and its interval", x + 14, y)


def _name_mark(drawing: Drawing, words: str, x: float, y: float) -> float:
    """Write what a mark means; the place where the next one may stand."""
    drawing.add_text(words, x, y)
    return x + estimate_width(words) + 24
