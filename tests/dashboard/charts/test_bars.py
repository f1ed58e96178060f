"""Bars with one number each: lengths by hand, numbers beside them."""

import pytest

from dashboard.charts.bars import BarChart, LabelledBar, draw_bar_chart
from tests.dashboard.charts.drawn import list_marks, list_texts, read_drawing


def make_chart(*bars: LabelledBar) -> BarChart:
    """A chart of those bars."""
    return BarChart(name="by-pillar", title="Lead disruptions by pillar", unit="Lead disruptions", bars=bars)


def test_a_bar_is_as_long_as_its_number_and_the_number_stands_beside_it() -> None:
    """A quarter of the highest is a quarter as long."""
    root = read_drawing(draw_bar_chart(make_chart(LabelledBar("Pursue", 1200), LabelledBar("Prevent", 300))))
    lengths = [float(one.attrib["width"]) for one in list_marks(root, "rect", height="18")]
    assert lengths[1] == pytest.approx(lengths[0] / 4, abs=0.02)
    assert list_texts(root) == ["Lead disruptions", "Pursue", "1,200", "Prevent", "300"]
    assert list_texts(root, "desc") == ["Lead disruptions: Pursue 1,200; Prevent 300. The table has every number."]


def test_none_and_extremes_are_drawn_within_the_drawing() -> None:
    """An empty chart says so; huge numbers leave room for themselves."""
    assert "Nothing is recorded" in list_texts(read_drawing(draw_bar_chart(make_chart())))
    root = read_drawing(draw_bar_chart(make_chart(LabelledBar("<b>&\x07", 10**15), LabelledBar("", 0))))
    for one in list_marks(root, "rect", height="18"):
        assert float(one.attrib["x"]) + float(one.attrib["width"]) < 640
