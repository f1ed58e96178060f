"""What every question about the event dates of a period is asked by: both days included, as at an instant."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from queries.errors import WrongField
from queries.query import AnswerT_co, Query, WrittenFields


class PeriodFields(TypedDict):
    """The fields that every question about a period has."""

    start: date
    end: date
    as_at: datetime | None
    known_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodQuery(Query[AnswerT_co]):
    """A question about a period.

    Args:
        as_at: what had been entered by then, by the recorders' clocks; None for all.
        known_at: what the ledger had received by then, by its own clock; None for all.
    """

    start: date
    end: date
    as_at: datetime | None = None
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a period that is none."""
        hold_period(self.start, self.end)


def hold_period(start: date, end: date, field: str = "to") -> None:
    """Refuse a period that ends, by this field, before it starts. Raises WrongField."""
    if end < start:
        raise WrongField(field, f"the period ends ({end}) before it starts ({start})")


def take_period(fields: WrittenFields) -> PeriodFields:
    """Take a period and its instants. Raises WrongField."""
    return {
        "start": fields.take_day("from"),
        "end": fields.take_day("to"),
        "as_at": fields.take_instant("as_at"),
        "known_at": fields.take_instant("known_at"),
    }
