"""This period and a year before, side by side: a full bar and a hatched one for each kind, with their numbers."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup

from dashboard.charts.drawing import ChartText, Drawing, estimate_width
from dashboard.charts.palette import EARLIER, MAIN, QUIET_TEXT
from dashboard.charts.scales import LinearScale
from dashboard.rendering import format_number

WIDTH: Final = 480
TOP: Final = 60
ROW: Final = 56
BAR: Final = 18
LABEL_CHARACTERS: Final = 24


class ComparisonBar(NamedTuple):
    """One kind of disruption: its name in words, its number in this period and a year before."""

    label: str
    now: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonChart:
    """What to draw.

    Attributes:
        name: its name on its page: a word of letters, digits and hyphens.
        title: what is compared: "Lead disruptions by pillar".
        unit: what the bars count: "Lead disruptions".
        now: what the full bars are: "1 July 2021 to 30 June 2022".
        before: what the hatched ones are: "The year before".
        bars: from above; none is a chart that says so.
        width: of the drawing, in its own units: narrower is larger words where it stands in half a page.
    """

    name: str
    title: str
    unit: str
    now: str
    before: str
    bars: Sequence[ComparisonBar]
    width: int = WIDTH


def draw_comparison_bars(chart: ComparisonChart) -> Markup:
    """Draw a pair of bars for each name: the period, and the one before."""
    described = ChartText(name=chart.name, title=chart.title, description=_describe_bars(chart))
    drawing = Drawing(described, chart.width, TOP + ROW * max(len(chart.bars), 1))
    hatch = drawing.add_hatch("before", EARLIER)
    _draw_legend(drawing, chart, hatch)
    highest = max((value for bar in chart.bars for value in bar[1:]), default=0)
    number = estimate_width(format_number(highest)) * 1.1 + 10  # it is bold
    names = max((estimate_width(line) for bar in chart.bars for line in _wrap_label(bar.label)), default=0) + 12
    scale = LinearScale(0, max(highest, 1), names, chart.width - number)
    for row, bar in enumerate(chart.bars):
        _draw_pair(drawing, scale, bar, TOP + row * ROW, hatch)
    if not chart.bars:
        drawing.add_text("Nothing is recorded in either period", 0, TOP + 24)
    drawing.add_line((names, TOP - 6, names, TOP + len(chart.bars) * ROW), stroke=QUIET_TEXT)
    return drawing.finish_drawing()


def _describe_bars(chart: ComparisonChart) -> str:
    pairs = [f"{bar.label} {format_number(bar.now)}, before {format_number(bar.before)}" for bar in chart.bars]
    return f"{chart.unit}: {'; '.join(pairs) or 'none in either period'}. The table has every number."


def _wrap_label(label: str) -> list[str]:
    return textwrap.wrap(label, LABEL_CHARACTERS) or [""]


def _draw_legend(drawing: Drawing, chart: ComparisonChart, hatch: str) -> None:
    drawing.add_axis_name(chart.unit, 0, 16)
    drawing.add_legend(((MAIN, MAIN, chart.now), (hatch, EARLIER, chart.before)), 26)


def _draw_pair(drawing: Drawing, scale: LinearScale, bar: ComparisonBar, top: float, hatch: str) -> None:
    lines = _wrap_label(bar.label)
    for number, line in enumerate(lines):
        y = top + BAR + 5 + (number - (len(lines) - 1) / 2) * 17
        drawing.add_text(line, scale.start - 10, y, text_anchor="end")
    for number, (value, fill, edge) in enumerate(((bar.now, MAIN, MAIN), (bar.before, hatch, EARLIER))):
        y, end = top + number * (BAR + 2), scale.place_value(value)
        drawing.add_mark("rect", x=scale.start, y=y, width=end - scale.start, height=BAR, fill=fill, stroke=edge)
        weight = "normal" if number else "bold"
        drawing.add_text(format_number(value), end + 6, y + BAR - 4, font_weight=weight)
