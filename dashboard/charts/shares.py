"""Parts of a whole, one bar for each of several wholes: how the work of each organisation divides among the pillars.

Every bar is as long as every other, whatever it is made of, so that shares are compared and never sizes; the number
that it is made of stands above it, since a share of few says little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup

from dashboard.charts.drawing import ChartText, Drawing, estimate_width
from dashboard.charts.palette import GRID, GROUND, PARTS
from dashboard.rendering import format_number

WIDTH: Final = 520
TOP: Final = 60
ROW: Final = 46
NAME: Final = 18  # high: names stand above their bars, since some are as long as half the drawing
BAR: Final = 20
GAP: Final = 2
SMALL: Final = 13


class WholeBar(NamedTuple):
    """One whole: its name in words, and the number of each part, in the order of the chart's parts."""

    label: str
    parts: Sequence[int]

    @property
    def whole(self) -> int:
        """The sum of its parts."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChart:
    """What to draw.

    Attributes:
        name: its name on its page: a word of letters, digits and hyphens.
        title: what is shown: "Lead disruptions by pillar, in shares".
        unit: what the parts are counted in: "lead disruptions".
        parts: what the parts are called, from the left; at most as many as ``palette.PARTS`` has colours.
        bars: from above.
    """

    name: str
    title: str
    unit: str
    parts: Sequence[str]
    bars: Sequence[WholeBar]


def draw_share_bars(chart: ShareChart) -> Markup:
    """Draw a bar for each whole, divided as its parts are; one of nothing has no bar, and says so."""
    described = ChartText(name=chart.name, title=chart.title, description=_describe_shares(chart))
    drawing = Drawing(described, WIDTH, TOP + ROW * max(len(chart.bars), 1))
    _draw_legend(drawing, chart)
    for row, bar in enumerate(chart.bars):
        _draw_whole(drawing, bar, TOP + row * ROW)
    return drawing.finish_drawing()


def share_out(parts: Sequence[int]) -> list[int]:
    """Share out a hundred among the parts of a whole, in whole numbers whose sum is 100: largest remainders first.

    Rounding each by itself would show shares that add up to 99 or 101. Of nothing, each has none.
    """
    whole = sum(parts)
    if whole == 0:
        return [0 for _ in parts]
    found = [100 * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-(100 * parts[place] % whole), place))
    for place in by_remainder[: 100 - sum(found)]:
        found[place] += 1
    return found


def _describe_shares(chart: ShareChart) -> str:
    said = "; ".join(f"{bar.label}: {_describe_whole(chart, bar)}" for bar in chart.bars) or "none"
    return f"Shares of {chart.unit}. {said}. The table has every number."


def _describe_whole(chart: ShareChart, bar: WholeBar) -> str:
    if bar.whole == 0:
        return "none"
    shares = zip(chart.parts, share_out(bar.parts), strict=True)
    return ", ".join(f"{name} {share}%" for name, share in shares) + f" of {format_number(bar.whole)}"


def _draw_legend(drawing: Drawing, chart: ShareChart) -> None:
    drawing.add_axis_name(f"Share of {chart.unit}, per cent, and of how many", 0, 16)
    drawing.add_legend(((fill, fill, name) for name, (fill, _) in zip(chart.parts, PARTS, strict=False)), 30)


def _draw_whole(drawing: Drawing, bar: WholeBar, top: float) -> None:
    drawing.add_text(bar.label, 0, top + NAME - 5)
    drawing.add_text(
        f"of {format_number(bar.whole)}" if bar.whole else "none", WIDTH, top + NAME - 5, text_anchor="end"
    )
    if bar.whole == 0:
        drawing.add_line((0, top + NAME + BAR / 2, WIDTH, top + NAME + BAR / 2), stroke=GRID)
        return
    x = 0.0
    for part, share, colours in zip(bar.parts, share_out(bar.parts), PARTS, strict=False):
        width = (WIDTH - GAP) * part / bar.whole
        _draw_part(drawing, (x, top + NAME, width), share, colours)
        x += width


def _draw_part(drawing: Drawing, place: tuple[float, float, float], share: int, colours: tuple[str, str]) -> None:
    """Draw one part with its share in it; the gap after it shows its end to whoever cannot tell the colours."""
    (x, top, width), (fill, text) = place, colours
    if width <= 0:
        return
    drawing.add_mark("rect", x=x, y=top, width=max(width - GAP, 0.5), height=BAR, fill=fill, stroke=GROUND)
    words = f"{share}%"
    if estimate_width(words, SMALL) + 8 < width:
        middle = x + (width - GAP) / 2
        drawing.add_text(words, middle, top + BAR - 5, text_anchor="middle", font_size=SMALL, fill=text)
