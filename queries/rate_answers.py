"""The body of an answer on rates."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from queries.answers import Measure, Positions


class RateWeek(TypedDict):
    """One whole week, by the Monday that it starts on: what is recorded, and what it is expected to become."""

    week: Annotated[str, Field(examples=["2022-05-02"])]
    n: Annotated[int, Field(description="Recorded.", examples=[212])]
    rate: Annotated[float | None, Field(description="Per 100 active threats.")]
    delay: Annotated[int, Field(description="Weeks since its end, at most the horizon.")]
    share: Annotated[float | None, Field(description="How much of it is in by then, on average.", examples=[0.97])]
    filling: Annotated[bool, Field(description="Whether less than most of it is in.")]
    judged: Annotated[float | None, Field(description="The value that it is judged by.")]
    expected: Annotated[float | None, Field(description="What it is expected to become.", examples=[218.6])]
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
    """The weeks together; `rate` and `expected` are null where there is nothing to divide by, or to go by."""

    n: int
    weeks: int
    per_week: float | None
    rate: Annotated[float | None, Field(description="Of a week, per 100 active threats.")]
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
    """Lead disruptions a week, with process limits and what is still to come."""

    weeks: Annotated[list[RateWeek], Field(description="Whole weeks, Monday to Sunday, that are over.")]
    left_out: Annotated[
        list[dict[str, str]], Field(description="Days of the period that are in no week shown, and why.")
    ]
    limits: list[RateLimits]
    signals: list[RateSignal]
    total: RateSum
    year_before: RateYearBefore | None
    numerator: Annotated[
        dict[str, Any], Field(description="Which disruptions, of which event dates, as at when (rule 14).")
    ]
    denominator: Annotated[
        dict[str, Any], Field(description="Which active threats, as at when (rules 8 and 14), and how many.")
    ]
    triangle: Annotated[
        list[dict[str, Any]],
        Field(description="The reporting triangle: of each week, how much was in at each delay in weeks; 52: by now."),
    ]
    delays: Annotated[list[dict[str, Any]], Field(description="Which share of a week is in at each delay, on average.")]
    horizon: Annotated[
        int | None, Field(description="The delay up to which is foreseen; null where nothing is.", examples=[45])
    ]
    method: Annotated[dict[str, Any], Field(description="The method's name, version, and constants.")]
    position: Positions
    seen_at: Annotated[
        str, Field(description="From which delays are measured back: the earlier of `as_at` and `known_at`.")
    ]
    as_at: Annotated[str, Field(description="As the record stood (entry time).")]
    known_at: Annotated[str, Field(description="As the ledger knew it (append time).")]
    complete: Annotated[bool, Field(description="Nothing can come to it: the answer is the same for ever.")]
    complete_through: Annotated[str | None, Field(description="Any `known_at` up to here is complete.")]
    measure: Measure
