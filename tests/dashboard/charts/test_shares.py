"""Shares of wholes: lengths and percentages by hand, and colours that are told apart on the ground."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.palette import PARTS
from dashboard.charts.shares import ShareChart, WholeBar, draw_share_bars, share_out
from tests.dashboard.charts.drawn import has_contrast, list_marks, list_texts, measure_contrast, read_drawing

PILLARS = ("Pursue", "Prevent", "Protect", "Prepare")


def make_chart(*bars: WholeBar) -> ShareChart:
    """A chart of those bars."""
    return ShareChart(name="shares", title="By pillar", unit="lead disruptions", parts=PILLARS, bars=bars)


def test_a_part_is_as_wide_as_its_share_whatever_the_whole() -> None:
    """Three quarters of four are as wide as three quarters of four thousand; each says of how many."""
    root = read_drawing(
        draw_share_bars(make_chart(WholeBar("Kent", [3, 1, 0, 0]), WholeBar("All", [3000, 0, 1000, 0])))
    )
    widths = [float(one.attrib["width"]) for one in list_marks(root, "rect", height="20")]
    assert widths[0] == widths[2] == pytest.approx(3 * widths[1] + 4, abs=0.02)  # a gap of two after each
    assert list_texts(root)[5:] == ["Kent", "of 4", "75%", "25%", "All", "of 4,000", "75%", "25%"]
    assert "Kent: Pursue 75%, Prevent 25%, Protect 0%, Prepare 0% of 4; All:" in list_texts(root, "desc")[0]


def test_nothing_has_no_bar_and_extremes_stay_within_the_drawing() -> None:
    """One of nothing says so; a sliver is drawn and has no words; huge numbers leave room for themselves."""
    root = read_drawing(draw_share_bars(make_chart(WholeBar("<b>&\x07", [10**15, 1, 0, 0]), WholeBar("None", [0] * 4))))
    assert list_texts(root)[-2:] == ["None", "none"]
    for one in list_marks(root, "rect", height="20"):
        assert 0 < float(one.attrib["x"]) + float(one.attrib["width"]) <= 520
    assert "None: none" in list_texts(root, "desc")[0]
    assert list_marks(read_drawing(draw_share_bars(make_chart())), "rect", height="20") == []


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=4))
def test_shares_add_up_to_a_hundred_and_none_is_a_whole_one_off(parts: list[int]) -> None:
    """Whatever the parts; of nothing each has none."""
    shares = share_out(parts)
    assert sum(shares) == (100 if sum(parts) else 0)
    for part, share in zip(parts, shares, strict=True):
        assert abs(share * sum(parts) - 100 * part) < max(sum(parts), 1)


def test_the_largest_remainders_are_rounded_up() -> None:
    """Thirds: the first of equals has the hundredth that is over. 1 of 8 is 12.5, and the seven have 87.5."""
    assert share_out([1, 1, 1]) == [34, 33, 33]
    assert share_out([1, 7]) == [13, 87]
    assert share_out([10, 55, 1, 0]) == [15, 83, 2, 0]  # 15.15, 83.33, 1.52


def test_colours_are_seen_on_the_ground_and_words_are_read_on_them() -> None:
    """3:1 for a mark, 4.5:1 for a text (WCAG 2.2, 1.4.11 and 1.4.3)."""
    for fill, text in PARTS:
        assert has_contrast(fill)
        assert measure_contrast(fill, text) >= 4.5
