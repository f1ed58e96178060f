"""Bars of two periods: lengths by hand, numbers beside them, no colour needed."""

import pytest

from dashboard.charts.comparison import ComparisonBar, ComparisonChart, draw_comparison_bars
from dashboard.charts.palette import MAIN
from tests.dashboard.charts.drawn import list_marks, list_texts, read_drawing


def make_chart(*bars: ComparisonBar) -> ComparisonChart:
    """A chart of those bars."""
    return ComparisonChart(
        name="by-pillar",
        title="Lead disruptions by pillar",
        unit="Lead disruptions",
        now="This year",
        before="The year before",
        bars=bars,
    )


def test_a_bar_is_as_long_as_its_number_and_the_number_stands_beside_it() -> None:
    """Half of the highest is half as long; this period is full, the year before hatched."""
    drawn = draw_comparison_bars(make_chart(ComparisonBar("Pursue", 1200, 600), ComparisonBar("Prevent", 0, 300)))
    root = read_drawing(drawn)
    full, hatched = (
        [float(one.attrib["width"]) for one in list_marks(root, "rect", fill=fill, height="18")]
        for fill in (MAIN, "url(#by-pillar-before)")
    )
    assert full[1] == 0
    assert hatched == pytest.approx([full[0] / 2, full[0] / 4], abs=0.02)
    assert list_texts(root) == [
        "Lead disruptions",
        "This year",
        "The year before",
        *("Pursue", "1,200", "600"),
        *("Prevent", "0", "300"),
    ]
    assert list_texts(root, "desc") == [
        "Lead disruptions: Pursue 1,200, before 600; Prevent 0, before 300. The table has every number."
    ]


def test_a_long_name_is_wrapped_and_an_empty_period_says_so() -> None:
    """Names are never cut."""
    root = read_drawing(draw_comparison_bars(make_chart(ComparisonBar("Modern slavery and human trafficking", 0, 0))))
    assert list_texts(root)[3:5] == ["Modern slavery and human", "trafficking"]
    empty = read_drawing(draw_comparison_bars(make_chart()))
    assert "Nothing is recorded in either period" in list_texts(empty)


@pytest.mark.parametrize("bar", [ComparisonBar("<b>&\x07", 10**15, 1), ComparisonBar("", 0, 0)])
def test_extremes_stay_within_the_drawing(bar: ComparisonBar) -> None:
    """Huge numbers leave room for themselves."""
    root = read_drawing(draw_comparison_bars(make_chart(bar)))
    for one in list_marks(root, "rect", height="18"):
        assert float(one.attrib["x"]) + float(one.attrib["width"]) < 480
    assert "<b>" not in list_texts(root) or bar.label
