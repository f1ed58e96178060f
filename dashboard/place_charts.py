"""The charts of a place: its bars by a dimension, its forces on a map. Each stands beside the table that it shows."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from dashboard.charts.comparison import ComparisonBar, ComparisonChart, draw_comparison_bars
from dashboard.charts.tile_map import TileMap, draw_tile_map
from dashboard.figures import Compared
from dashboard.rendering import format_day
from dashboard.view import View

UNIT: Final = "Lead disruptions"
HALF_PAGE: Final = 465


def draw_bars(name: str, title: str, lines: Sequence[Compared]) -> Markup:
    """Draw the lines of a table as bars: this period and the year before."""
    return draw_comparison_bars(
        ComparisonChart(
            name=name,
            title=title,
            unit=UNIT,
            now="This period",
            before="A year before",
            width=HALF_PAGE,
            bars=[ComparisonBar(line.name, line.now, line.before) for line in lines],
        )
    )


def draw_forces(view: View, lines: Sequence[Compared]) -> Markup:
    """Draw the lines of the table of organisations on the map of forces; a square leads to its force."""
    return draw_tile_map(
        TileMap(
            name="forces",
            title=f"{UNIT} by force, {format_day(view.start)} to {format_day(view.end)}",
            unit=UNIT,
            day=view.end,
            values={line.symbol: line.now for line in lines},
            links={line.symbol: line.link for line in lines if line.link},
        )
    )
