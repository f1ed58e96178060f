"""Bars of two periods, and the small trend: lengths by hand, numbers beside them, no colour needed."""

import pytest

from dashboard.charts.comparison import ComparisonBar, ComparisonChart, draw_comparison_bars
from dashboard.charts.drawing import ChartText
from dashboard.charts.palette import MAIN
from dashboard.charts.sparkline import draw_small_trend
from tests.dashboard.charts.drawn import list_marks, list_texts, read_drawing


def chart_of(*bars: ComparisonBar) -> ComparisonChart:
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
    drawn = draw_comparison_bars(chart_of(ComparisonBar("Pursue", 1200, 600), ComparisonBar("Prevent", 0, 300)))
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
    root = read_drawing(draw_comparison_bars(chart_of(ComparisonBar("Modern slavery and human trafficking", 0, 0))))
    assert list_texts(root)[3:5] == ["Modern slavery and human", "trafficking"]
    empty = read_drawing(draw_comparison_bars(chart_of()))
    assert "Nothing is recorded in either period" in list_texts(empty)


@pytest.mark.parametrize("bar", [ComparisonBar("<b>&\x07", 10**15, 1), ComparisonBar("", 0, 0)])
def test_extremes_stay_within_the_drawing(bar: ComparisonBar) -> None:
    """Huge numbers leave room for themselves."""
    root = read_drawing(draw_comparison_bars(chart_of(bar)))
    for one in list_marks(root, "rect", height="18"):
        assert float(one.attrib["x"]) + float(one.attrib["width"]) < 480
    assert "<b>" not in list_texts(root) or bar.label


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([0.0, 2.0, 1.0], "5.0,31.0 70.0,5.0 135.0,18.0"),
        ([0.0, 0.0], "5.0,31.0 135.0,31.0"),
        ([3.0], "70.0,5.0"),
    ],
)
def test_a_small_trend_runs_from_0_to_its_highest(values: list[float], places: str) -> None:
    """Its last value is marked."""
    root = read_drawing(draw_small_trend(ChartText(name="trend", title="Kent", description="Weeks"), values))
    (line,) = list_marks(root, "polyline")
    assert line.attrib["points"] == places
    (last,) = list_marks(root, "circle")
    assert f"{float(last.attrib['cx']):.1f},{float(last.attrib['cy']):.1f}" == places.rsplit(maxsplit=1)[-1]


def test_a_trend_of_nothing_is_empty() -> None:
    """There is a name, and no line."""
    root = read_drawing(draw_small_trend(ChartText(name="trend", title="Kent", description="No week"), []))
    assert list_marks(root, "polyline") == []
