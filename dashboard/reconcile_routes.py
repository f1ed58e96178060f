"""The read API by which a force holds its own list of events against the ledger's."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.feed_models import MissingRange, NumberJump
from dashboard.feed_routes import OneRecorder
from queries.reconcile_queries import FATES_MOST, IDS_MOST, DayFatesQuery, EventFatesQuery, ReconcileQuery
from queries.store_answers import StoreAnswers

Day = Annotated[str | None, Query(description="The day of entry, in London.", examples=["2022-06-15"])]
FirstDay = Annotated[str | None, Query(alias="from", description="Or the first of several days of entry, included.")]
LastDay = Annotated[str | None, Query(alias="to", description="And the last of them, included.")]
After = Annotated[str | None, Query(description="`next` of the page before.")]
FateLimit = Annotated[str | None, Query(description=f"Events of a page, {FATES_MOST:,} unless asked, and at most.")]
EventIds = Annotated[str, Query(description=f"Event ids, with commas between them; {IDS_MOST} at most.")]


class ReconcileBody(BaseModel):
    """What arrived of a recorder's days of entry, and which numbers of its sequence did not."""

    org: str = Field(examples=["kent"])
    start: str
    end: str
    sent: int = Field(description="`arrived` and `missing`.", examples=[128])
    arrived: int = Field(description="Events that arrived, each counted once.", examples=[127])
    admitted: int
    refused: int = Field(description="Events that were rejected and not admitted since.")
    resent: int = Field(description="How often an event came again.")
    missing: int = Field(description="Numbers that never arrived and may be of these days: their neighbours tell.")
    recent: int = Field(description="Numbers that were overtaken so lately that they may be on their way.")
    unarrived: int = Field(description="Numbers that a heartbeat claims beyond the last that arrived.")
    gaps: list[MissingRange] = Field(description="The missing numbers as ranges, 100 at most.")
    jumps: list[NumberJump] = Field(
        description="Where the numbers jump by more than 100,000, perhaps on these days, 20 at most: rule F5."
    )
    unread: int = Field(description="Rejections of these days of which nobody could read whose they are.")
    behind: int = Field(description="Stored events that were not read for this yet.")
    complete: bool = Field(description="Whether all that had reached the ledger by the end of the days is in it.")
    complete_through: str | None
    position: dict[str, int]


class EventFate(BaseModel):
    """One event, and what became of it."""

    event_id: str
    organisation: str = Field(description="Whose it is; empty where no recorder of the list could be read.")
    partition: int
    offset: int
    ledger_time: str
    source_sequence: int
    record: str
    verdict: str = Field(description="`ADMITTED` where it ever was; `REFUSED`.")
    code: str = Field(description="Why it was rejected last.")
    threat_id: str
    disruption_id: str
    version: int
    entered_at: str | None
    resent: int = Field(description="How often it came again after it was admitted.")
    standing: str | None = Field(description="Where its disruption stands now.")


class EventFatesBody(BaseModel):
    """What became of events, in the order of their ids."""

    rows: list[EventFate]
    next: str | None = Field(description="After which id the next page goes on; null: this was the last.")
    position: dict[str, int]


def route_reconciling(answers: StoreAnswers) -> APIRouter:
    """Route the questions of a force that holds its own list."""
    router = APIRouter(tags=["feeds"])

    @router.get("/reconcile", response_model=ReconcileBody)
    def reconcile(org: OneRecorder, day: Day = None, from_: FirstDay = None, to: LastDay = None) -> Any:
        """What arrived of a recorder's days of entry, and which numbers of its sequence did not."""
        return answers.answer_query(ReconcileQuery.parse_fields(org=org, day=day, from_=from_, to=to))

    @router.get("/reconcile/events", response_model=EventFatesBody)
    def reconcile_events(  # noqa: PLR0913, PLR0917  (the fields of the question)
        org: OneRecorder,
        day: Day = None,
        from_: FirstDay = None,
        to: LastDay = None,
        after: After = None,
        limit: FateLimit = None,
    ) -> Any:
        """What became of each event of a recorder's days of entry."""
        asked = DayFatesQuery.parse_fields(org=org, day=day, from_=from_, to=to, after=after, limit=limit)
        return answers.answer_query(asked)

    @router.get("/reconcile/ids", response_model=EventFatesBody)
    def reconcile_ids(ids: EventIds) -> Any:
        """What became of events by their ids, whoever recorded them; one of which nothing is known has no row."""
        return answers.answer_query(EventFatesQuery.parse_fields(ids=ids))

    return router
