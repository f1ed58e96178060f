"""One number for each of several kinds, as bars from left to right with the numbers beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup

from dashboard.charts.drawing import ChartText, Drawing, estimate_width
from dashboard.charts.palette import MAIN, QUIET_TEXT
from dashboard.charts.scales import LinearScale
from dashboard.rendering import format_number

WIDTH: Final = 640
TOP: Final = 34
ROW: Final = 28
BAR: Final = 18


class LabelledBar(NamedTuple):
    """What is counted, in words, and its number."""

    label: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """What to draw.

    Attributes:
        name: its name on its page: a word of letters, digits and hyphens.
        title: what is shown: "Lead disruptions by pillar".
        unit: what the bars count: "Lead disruptions".
        bars: from above; none is a chart that says so.
    """

    name: str
    title: str
    unit: str
    bars: Sequence[LabelledBar]


def draw_bar_chart(chart: BarChart) -> Markup:
    """Draw a bar for each label with its number. Numbers below nothing, which a count never is, have no bar."""
    said = "; ".join(f"{bar.label} {format_number(bar.total)}" for bar in chart.bars) or "none"
    described = ChartText(
        name=chart.name, title=chart.title, description=f"{chart.unit}: {said}. The table has every number."
    )
    drawing = Drawing(described, WIDTH, TOP + ROW * max(len(chart.bars), 1))
    drawing.add_axis_name(chart.unit, 0, 16)
    names = max((estimate_width(bar.label) for bar in chart.bars), default=0) + 12
    highest = max((bar.total for bar in chart.bars), default=0)
    scale = LinearScale(0, max(highest, 1), names, WIDTH - estimate_width(format_number(highest)) * 1.1 - 10)
    for row, bar in enumerate(chart.bars):
        _draw_bar(drawing, scale, bar, TOP + row * ROW)
    if not chart.bars:
        drawing.add_text("Nothing is recorded", 0, TOP + 18)
    drawing.add_line((names, TOP - 4, names, TOP + len(chart.bars) * ROW), stroke=QUIET_TEXT)
    return drawing.finish_drawing()


def _draw_bar(drawing: Drawing, scale: LinearScale, bar: LabelledBar, top: float) -> None:
    drawing.add_text(bar.label, scale.start - 10, top + BAR - 4, text_anchor="end")
    end = scale.place_value(max(bar.total, 0))
    drawing.add_mark("rect", x=scale.start, y=top, width=end - scale.start, height=BAR, fill=MAIN)
    drawing.add_text(format_number(bar.total), end + 6, top + BAR - 4, font_weight="bold")
