"""The read API by which a force holds its own list of events against the ledger's."""

from typing import Annotated

from fastapi import APIRouter, Query

from dashboard.feed_routes import OneRecorder
from queries.reconcile_answers import EventFatesAnswer, ReconcileAnswer
from queries.reconcile_queries import FATES_MOST, IDS_MOST, DayFatesQuery, EventFatesQuery, ReconcileQuery
from queries.store_answers import StoreAnswers

Day = Annotated[str | None, Query(description="The day of entry, in London.", examples=["2022-06-15"])]
FirstDay = Annotated[str | None, Query(alias="from", description="Or the first of several days of entry, included.")]
LastDay = Annotated[str | None, Query(alias="to", description="And the last of them, included.")]
After = Annotated[str | None, Query(description="`next` of the page before.")]
FateLimit = Annotated[str | None, Query(description=f"Events of a page, {FATES_MOST:,} unless asked, and at most.")]
EventIds = Annotated[str, Query(description=f"Event ids, with commas between them; {IDS_MOST} at most.")]


def route_reconciling(answers: StoreAnswers) -> APIRouter:
    """Route the questions of a force that holds its own list."""
    router = APIRouter(tags=["feeds"])

    @router.get("/reconcile")
    def reconcile(org: OneRecorder, day: Day = None, from_: FirstDay = None, to: LastDay = None) -> ReconcileAnswer:
        """What arrived of a recorder's days of entry, and which numbers of its sequence did not."""
        return answers.answer_query(ReconcileQuery.parse_fields(org=org, day=day, from_=from_, to=to))

    @router.get("/reconcile/events")
    def reconcile_events(  # noqa: PLR0913, PLR0917  (the fields of the question)
        org: OneRecorder,
        day: Day = None,
        from_: FirstDay = None,
        to: LastDay = None,
        after: After = None,
        limit: FateLimit = None,
    ) -> EventFatesAnswer:
        """What became of each event of a recorder's days of entry."""
        asked = DayFatesQuery.parse_fields(org=org, day=day, from_=from_, to=to, after=after, limit=limit)
        return answers.answer_query(asked)

    @router.get("/reconcile/ids")
    def reconcile_ids(ids: EventIds) -> EventFatesAnswer:
        """What became of events by their ids, whoever recorded them; one of which nothing is known has no row."""
        return answers.answer_query(EventFatesQuery.parse_fields(ids=ids))

    return router
