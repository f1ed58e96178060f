"""Questions about what there is: the days it is of, the events that came last."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Self

from queries.answers import SpanAnswer
from queries.balance_queries import DisruptionSum, take_sum_fields
from queries.choices import choose_organisation
from queries.query import Query, WrittenFields
from queries.record_answers import RecentAnswer

RECENT_MOST: Final = 200
RECENT_USUALLY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanQuery(DisruptionSum[SpanAnswer]):
    """From which event date to which there are disruptions that count: what a period can be chosen from."""

    PATH: ClassVar[str] = "span"

    as_at: datetime | None = None
    known_at: datetime | None = None

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            **take_sum_fields(fields), as_at=fields.take_instant("as_at"), known_at=fields.take_instant("known_at")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentQuery(Query[RecentAnswer]):
    """The events that the ledger admitted last, newest first.

    Args:
        orgs: whose, by code; none for everybody's.
    """

    PATH: ClassVar[str] = "recent"

    orgs: tuple[str, ...] = ()
    limit: int = RECENT_USUALLY
    as_at: datetime | None = None
    known_at: datetime | None = None

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            orgs=tuple(map(choose_organisation, fields.take_names("org"))),
            limit=fields.take_whole("limit", RECENT_MOST, RECENT_USUALLY),
            as_at=fields.take_instant("as_at"),
            known_at=fields.take_instant("known_at"),
        )
