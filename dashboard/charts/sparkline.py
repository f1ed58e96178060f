"""A small trend beside a number: a line without axes, whose last value is marked."""

from collections.abc import Sequence

from markupsafe import Markup

from dashboard.charts.drawing import ChartText, Drawing
from dashboard.charts.palette import MAIN
from dashboard.charts.scales import LinearScale

WIDTH, HEIGHT, EDGE = 140, 36, 5


def draw_small_trend(text: ChartText, values: Sequence[float]) -> Markup:
    """Draw it from 0 to the highest of its values; of no value there is nothing to draw."""
    drawing = Drawing(text, WIDTH, HEIGHT)
    along = LinearScale(0, max(len(values) - 1, 0), EDGE, WIDTH - EDGE)
    up = LinearScale(0, max(values, default=0) or 1, HEIGHT - EDGE, EDGE)
    places = [(along.place_value(number), up.place_value(value)) for number, value in enumerate(values)]
    if places:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        drawing.add_mark("polyline", points=line, fill="none", stroke=MAIN, stroke_width=2)
        drawing.add_mark("circle", cx=places[-1][0], cy=places[-1][1], r=3.5, fill=MAIN)
    return drawing.finish_drawing()
