"""The chart of weeks: what was given is what is drawn, a signal has a shape, a week that fills is no signal."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard.charts.palette import EXPECTED, MAIN, SIGNAL
from dashboard.charts.weekly import WeeklyChart, WeekMark, WeekPoint, draw_weekly_chart
from tests.dashboard.charts.drawn import has_contrast, list_marks, list_texts, read_drawing

MONDAY = date(2022, 1, 3)


def make_weeks(*values: float) -> list[WeekPoint]:
    """Weeks from 3 January 2022 on, with a centre of 10 and limits of 4 and 16."""
    return [
        WeekPoint(start=MONDAY + timedelta(weeks=number), value=value, centre=10, lower=4, upper=16)
        for number, value in enumerate(values)
    ]


def make_chart(weeks: list[WeekPoint], title: str = "Lead disruptions a week, Kent") -> WeeklyChart:
    """A chart of those weeks."""
    return WeeklyChart(name="lead", title=title, unit="Lead disruptions a week", weeks=weeks)


def test_every_week_is_drawn_with_its_number_and_the_axes_have_names_and_units() -> None:
    """The highest of values and limits, 16, is below the axis's last round value, 20."""
    root = read_drawing(draw_weekly_chart(make_chart(make_weeks(7, 12, 9))))
    assert list_texts(root, "title")[1:] == [
        "Week of 3 January 2022: 7",
        "Week of 10 January 2022: 12",
        "Week of 17 January 2022: 9",
    ]
    texts = list_texts(root)
    assert texts[:5] == ["0", "5", "10", "15", "20"]
    assert texts[5:10] == [
        "3 Jan 2022",
        "10 Jan 2022",
        "17 Jan 2022",
        "Lead disruptions a week",
        "Week (starting on Monday)",
    ]
    assert texts[10:] == ["Recorded", "Centre line", "Process limits"]
    assert list_texts(root, "desc") == [
        "3 weeks from 3 January 2022 to 17 January 2022: between 7 and 12 recorded in a week. "
        "No week marked as a signal. No week still filling. The table has every number."
    ]


def test_a_value_lies_where_its_axis_says() -> None:
    """Of 0 to 20 between the places 360 and 80, 10 lies at 220: on the centre line."""
    root = read_drawing(draw_weekly_chart(make_chart(make_weeks(0, 10, 20))))
    assert [one.attrib["cy"] for one in list_marks(root, "circle", r="5")][:3] == ["360", "220", "80"]
    (centre,) = list_marks(root, "path", stroke_width="1.5", stroke_dasharray="none")
    assert " 220.0" in centre.attrib["d"]


def test_a_signal_has_a_shape_of_its_own_and_a_week_that_fills_is_hollow_and_none() -> None:
    """A diamond outside the limits, a square in a run; the week that fills keeps its circle, whatever it is marked."""
    common, outside, run, filling = make_weeks(10, 18, 12, 2)
    marked = [
        common,
        replace(outside, mark=WeekMark.OUTSIDE),
        replace(run, mark=WeekMark.RUN),
        replace(filling, mark=WeekMark.OUTSIDE, is_filling=True, expected=9, low=7, high=13),
    ]
    root = read_drawing(draw_weekly_chart(make_chart(marked)))
    assert len(list_marks(root, "path", fill=SIGNAL)) == 2  # on the chart, and in its legend
    assert len(list_marks(root, "rect", fill=SIGNAL)) == 2
    assert len(list_marks(root, "circle", fill=MAIN)) == 2
    assert len(list_marks(root, "circle", fill="#ffffff", stroke=MAIN)) == 2
    assert "Week of 24 January 2022: 2 so far, 9 expected" in list_texts(root, "title")[4]
    assert list_texts(root)[-7:] == [
        "Recorded",
        "Outside the limits",
        "Part of a run that is a signal",
        "Recorded so far: records are still coming in",
        "Centre line",
        "Process limits",
        "Expected once all is in, and its interval",
    ]


def test_an_interval_is_a_bar_from_its_lower_to_its_upper_end() -> None:
    """Of 0 to 20: 5 lies at 290, 15 at 150, the expected 10 at 220."""
    week = replace(make_weeks(3)[0], is_filling=True, expected=10, low=5, high=15)
    root = read_drawing(draw_weekly_chart(make_chart([week])))
    places = [(one.attrib["y1"], one.attrib["y2"]) for one in list_marks(root, "line", stroke=EXPECTED)][:4]
    assert places == [("290", "150"), ("290", "290"), ("150", "150"), ("220", "220")]


def test_limits_step_where_the_baseline_is_another() -> None:
    """Two weeks of one baseline, two of the next: a line of two pieces, and none where there is no baseline."""
    first, second, third, fourth = make_weeks(10, 11, 12, 13)
    moved = [replace(one, centre=12, lower=6, upper=18) for one in (third, fourth)]
    root = read_drawing(draw_weekly_chart(make_chart([first, second, *moved])))
    paths = [one.attrib["d"] for one in list_marks(root, "path", stroke_width="1.5")]
    assert [path.count("M") for path in paths] == [2, 2, 2]
    bare = [replace(one, centre=None, lower=None, upper=None) for one in (first, second)]
    without = read_drawing(draw_weekly_chart(make_chart(bare)))
    assert list_marks(without, "path", stroke_width="1.5") == []
    assert "Process limits" not in list_texts(without)


@pytest.mark.parametrize(
    "values",
    [[0.0], [0.0, 0.0], [5.0] * 4, [1e12, 1.0], [0.25, 0.5], [float(number % 7) for number in range(520)]],
    ids=["one empty week", "all 0", "all equal", "huge", "shares", "ten years"],
)
def test_extremes_are_drawn(values: list[float]) -> None:
    """Each lies within the drawing."""
    root = read_drawing(draw_weekly_chart(make_chart(make_weeks(*values))))
    circles = list_marks(root, "circle", fill=MAIN)
    assert len(circles) == len(values) + 1
    for one in circles:
        assert 0 <= float(one.attrib["cx"]) <= 960
        assert 0 <= float(one.attrib["cy"]) <= 420


def test_odd_characters_are_text_and_what_no_xml_may_hold_is_marked() -> None:
    """Nothing that is given opens an element or breaks the page."""
    root = read_drawing(draw_weekly_chart(make_chart(make_weeks(1), title='<b onload="x">&\x00\ud800 é')))
    assert list_texts(root, "title")[0] == '<b onload="x">&\ufffd\ufffd é'


@pytest.mark.parametrize("colour", [MAIN, SIGNAL, EXPECTED])
def test_a_mark_is_seen_on_its_ground(colour: str) -> None:
    """3:1, as WCAG asks of what has a meaning."""
    assert has_contrast(colour)
