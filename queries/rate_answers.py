"""The body of an answer on rates, by its fields."""

from typing import Any, TypedDict

from queries.answers import Positions


class RateWeek(TypedDict):
    """One whole week, by the Monday that it starts on: what is recorded, and what it is expected to become."""

    week: str
    n: int
    rate: float | None
    delay: int
    share: float | None
    filling: bool
    judged: float | None
    expected: float | None
    expected_lower: float | None
    expected_upper: float | None
    centre: float | None
    lower_limit: float | None
    upper_limit: float | None


class RateLimits(TypedDict):
    """The process limits of some weeks, and the baseline that they were computed from."""

    first_week: str
    last_week: str
    baseline_first_week: str | None
    baseline_last_week: str | None
    baseline_reason: str
    baseline_recorded_on: str | None
    centre: float | None
    moving_range: float | None
    lower: float | None
    upper: float | None


class RateSignal(TypedDict):
    """A run rule that holds from one week to another, in words too."""

    first_week: str
    last_week: str
    rule: str
    side: str
    sentence: str


class RateSum(TypedDict):
    """The weeks together; ``rate`` and ``expected`` are null where there is nothing to divide by, or to go by."""

    n: int
    weeks: int
    per_week: float | None
    rate: float | None
    expected: float | None
    expected_lower: float | None
    expected_upper: float | None


class RateYearBefore(TypedDict):
    """The same weeks a year, 52 weeks, before: what is recorded of them now."""

    first_week: str
    last_week: str
    n: int
    per_week: float | None


class RateAnswer(TypedDict):
    """Lead disruptions a week with limits, signals, what is still to come, and everything needed to get it again."""

    weeks: list[RateWeek]
    left_out: list[dict[str, str]]
    limits: list[RateLimits]
    signals: list[RateSignal]
    total: RateSum
    year_before: RateYearBefore | None
    numerator: dict[str, Any]
    denominator: dict[str, Any]
    triangle: list[dict[str, Any]]
    delays: list[dict[str, Any]]
    horizon: int | None
    method: dict[str, Any]
    position: Positions
    as_at: str
    known_at: str
    complete: bool
    complete_through: str | None
    measure: str
