"""The read API on those who publish: their feeds, and what became of their last events."""

from typing import Annotated

from fastapi import APIRouter, Query

from queries.feed_answers import FeedAnswer, FeedEventAnswer
from queries.feed_queries import EVENTS_MOST, EVENTS_USUALLY, FeedEventQuery, FeedQuery
from queries.store_answers import StoreAnswers

Recorder = Annotated[str | None, Query(description="One recording organisation, by its slug.", examples=["kent"])]
OneRecorder = Annotated[str, Query(description="The recording organisation, by its slug.", examples=["kent"])]
FirstDay = Annotated[str | None, Query(alias="from", description="First event date of events and delays, included.")]
LastDay = Annotated[str | None, Query(alias="to", description="Last event date of them, included.")]
LearntBy = Annotated[
    str | None,
    Query(
        description="ISO instant with a zone, or a date (the end of that day in London): last events, missing numbers "
        "and rejections as the ledger knew them then. Heartbeats of the past are not kept.",
        examples=["2022-07-04"],
    ),
]
EventLimit = Annotated[
    str | None, Query(description=f"How many to list, {EVENTS_USUALLY} unless asked; {EVENTS_MOST:,} at most.")
]


def route_feeds(answers: StoreAnswers) -> APIRouter:
    """Route what is known of publishers."""
    router = APIRouter(tags=["feeds"])

    @router.get("/feeds")
    def feeds(
        from_: FirstDay = None, to: LastDay = None, org: Recorder = None, known_at: LearntBy = None
    ) -> FeedAnswer:
        """Who is heard, who is silent, and what is missing; by region and name, never ranked."""
        return answers.answer_query(FeedQuery.parse_fields(from_=from_, to=to, org=org, known_at=known_at))

    @router.get("/feeds/events")
    def feed_events(org: OneRecorder, limit: EventLimit = None) -> FeedEventAnswer:
        """A recorder's last events, the newest first: admitted and where they stand, or rejected and why."""
        return answers.answer_query(FeedEventQuery.parse_fields(org=org, limit=limit))

    return router
