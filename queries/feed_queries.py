"""Questions about those who publish: whether they are heard, what is missing, what became of their last events."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Self

from queries.balance_queries import take_organisation
from queries.choices import choose_organisation
from queries.feed_answers import FeedAnswer, FeedEventAnswer
from queries.period_query import hold_period
from queries.query import Query, WrittenFields

EVENTS_MOST: Final = 1_000
EVENTS_USUALLY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedQuery(Query[FeedAnswer]):
    """Every recorder's feed; events, rejections and delays are those of a period of event dates.

    Args:
        start: the first event date, included; None: all.
        end: the last one.
        org: one recorder alone.
        known_at: as the ledger had heard of it by then, without heartbeats, which are not kept; None: as it is now.
    """

    PATH: ClassVar[str] = "feeds"

    start: date | None = None
    end: date | None = None
    org: str | None = None
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a period that is none."""
        if self.start and self.end:
            hold_period(self.start, self.end)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            start=fields.take_optional_day("from"),
            end=fields.take_optional_day("to"),
            org=take_organisation(fields),
            known_at=fields.take_instant("known_at"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEventQuery(Query[FeedEventAnswer]):
    """The last ``limit`` events of a recorder, the newest first: admitted and where they stand, or rejected and why."""

    PATH: ClassVar[str] = "feeds/events"

    org: str
    limit: int = EVENTS_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        org = choose_organisation(fields.take_needed("org"))
        return cls(org=org, limit=fields.take_whole("limit", EVENTS_MOST, EVENTS_USUALLY))
