"""What there is, over the read API: the days it is of, and the events that came last."""

from typing import Annotated

from fastapi import APIRouter, Query

from dashboard.parameters import Instant, Type
from queries.answers import SpanAnswer
from queries.arrival_queries import RECENT_MOST, RECENT_USUALLY, RecentQuery, SpanQuery
from queries.record_answers import RecentAnswer
from queries.store_answers import StoreAnswers

By = Annotated[str | None, Query(description="Dimensions, comma separated.", examples=["region"])]
Org = Annotated[str | None, Query(description="One organisation, by its slug.", examples=["kent"])]
Orgs = Annotated[str | None, Query(description="Organisations by slug, comma separated.", examples=["kent,essex"])]
RecentLimit = Annotated[str | None, Query(description=f"{RECENT_USUALLY} unless asked; {RECENT_MOST} at most.")]


def route_arrivals(answers: StoreAnswers) -> APIRouter:
    """Route what there is."""
    router = APIRouter(tags=["arrivals"])

    @router.get("/span")
    def find_span(
        by: By = None, org: Org = None, type: Type = None, as_at: Instant = None, known_at: Instant = None
    ) -> SpanAnswer:
        """Find the first and the last event date of the disruptions that count."""
        return answers.answer_query(SpanQuery.parse_fields(by=by, org=org, type=type, as_at=as_at, known_at=known_at))

    @router.get("/recent")
    def list_recent(
        org: Orgs = None, limit: RecentLimit = None, as_at: Instant = None, known_at: Instant = None
    ) -> RecentAnswer:
        """List the entries that the ledger admitted last, newest first.

        Without `org`, of those in the last 256 positions of each partition, unless a past instant is asked for.
        """
        return answers.answer_query(RecentQuery.parse_fields(org=org, limit=limit, as_at=as_at, known_at=known_at))

    return router
