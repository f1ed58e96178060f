"""From values to places on a chart, and the round values that its axes name. Pure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

ROUND: Final = (1.0, 2.0, 5.0, 10.0)
MONTHS_APART: Final = (1, 2, 3, 6, 12, 24, 60, 120)
TICKS_ABOUT: Final = 5
DAY_TICKS_MOST: Final = 9


@dataclass(frozen=True, slots=True)
class LinearScale:
    """A straight line from the values ``low`` to ``high`` to the places ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def place_value(self, value: float) -> float:
        """Place a value; in the middle where all values are the same."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def find_ticks(highest: float) -> list[float]:
    """Find round values from 0 to the first at or above ``highest``, 1, 2 or 5 times a power of ten apart.

    Whole numbers where that is possible: half a disruption is nothing to read off.
    """
    rough = max(highest, 1.0) / TICKS_ABOUT
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in ROUND if power * one >= rough * (1 - 1e-9))
    step = max(step, 1.0) if highest >= 2 else step
    return [number * step for number in range(math.ceil(highest / step - 1e-9) + 1)] if highest > 0 else [0.0, 1.0]


def find_day_ticks(days: Sequence[date]) -> list[date]:
    """Find days to name on an axis: the given ones where they are few, else firsts of months evenly apart."""
    if len(days) <= DAY_TICKS_MOST:
        return list(days)
    for apart in MONTHS_APART:
        found = list(_list_months(days[0], days[-1], apart))
        if len(found) <= DAY_TICKS_MOST:
            return found
    return [days[0], days[-1]]


def _list_months(first: date, last: date, apart: int) -> Iterator[date]:
    """List firsts of months that lie between two days, the number of each a multiple of ``apart``."""
    month = first.year * 12 + first.month - 1
    for number in range(month, last.year * 12 + last.month):
        day = date(number // 12, number % 12 + 1, 1)
        if number % apart == 0 and first <= day <= last:
            yield day
