"""Places and round values, by hand."""

from datetime import date, timedelta

import pytest

from dashboard.charts.scales import LinearScale, find_day_ticks, find_ticks
from tests.dashboard.charts.drawn import measure_contrast


def test_a_scale_is_a_straight_line_and_one_value_lies_in_its_middle() -> None:
    """From 0 to 10 over the places 100 to 0."""
    assert [LinearScale(0, 10, 100, 0).place_value(value) for value in (0, 5, 10)] == [100, 50, 0]
    assert LinearScale(3, 3, 0, 80).place_value(3) == 40


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0, 1]),
        (2, [0, 1, 2]),
        (3, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6, 8]),
        (31, [0, 10, 20, 30, 40]),
        (100, [0, 20, 40, 60, 80, 100]),
        (101, [0, 50, 100, 150]),
        (0.4, [0, 0.2, 0.4]),
    ],
)
def test_ticks_are_round_and_reach_the_highest(highest: float, ticks: list[float]) -> None:
    """1, 2 or 5 times a power of ten apart; whole from 2 on."""
    assert find_ticks(highest) == pytest.approx(ticks)


def test_few_days_are_named_themselves_and_many_by_months_evenly_apart() -> None:
    """Of a year of weeks every second month; of ten years every second January."""
    weeks = [date(2021, 7, 5) + timedelta(weeks=number) for number in range(520)]
    assert find_day_ticks(weeks[:9]) == weeks[:9]
    year = [date(2021, 9, 1), date(2021, 11, 1), date(2022, 1, 1), date(2022, 3, 1), date(2022, 5, 1)]
    assert find_day_ticks(weeks[:52]) == year
    assert find_day_ticks(weeks) == [date(year, 1, 1) for year in (2022, 2024, 2026, 2028, 2030)]


def test_contrast_is_that_of_wcag() -> None:
    """Black on white is 21, and a colour on itself 1; grey 767676 is the lightest with 4.5."""
    assert measure_contrast("#000000", "#ffffff") == pytest.approx(21)
    assert measure_contrast("#1d70b8", "#1d70b8") == 1
    assert measure_contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
