"""The read API on signs of weak recording."""

from typing import Annotated

from fastapi import APIRouter, Query

from dashboard.feed_routes import Recorder
from dashboard.parameters import FromDay, Instant, ToDay
from queries.feed_answers import SignalAnswer, SignalRecordsAnswer
from queries.signal_queries import LISTED, RECORDS_MOST, RECORDS_USUALLY, SignalQuery, SignalRecordsQuery
from queries.store_answers import StoreAnswers

Owner = Annotated[str, Query(description="One recording organisation, by its slug.", examples=["kent"])]
Kind = Annotated[str, Query(description=f"One of {', '.join(LISTED)}.", examples=[LISTED[0].value])]
RecordLimit = Annotated[
    str | None, Query(description=f"How many to list, {RECORDS_USUALLY} unless asked; {RECORDS_MOST:,} at most.")
]


def route_signals(answers: StoreAnswers) -> APIRouter:
    """Route the signs, and the records behind them."""
    router = APIRouter(tags=["signals"])

    @router.get("/signals")
    def signals(
        from_: FromDay, to: ToDay, as_at: Instant = None, known_at: Instant = None, org: Recorder = None
    ) -> SignalAnswer:
        """Signs of weak recording of lead disruptions: questions to ask, by region and name, never ranked."""
        query = SignalQuery.parse_fields(from_=from_, to=to, as_at=as_at, known_at=known_at, org=org)
        return answers.answer_query(query)

    @router.get("/signals/records")
    def signal_records(  # noqa: PLR0913, PLR0917  (a period, two instants, what and whose)
        signal: Kind,
        org: Owner,
        from_: FromDay,
        to: ToDay,
        as_at: Instant = None,
        known_at: Instant = None,
        limit: RecordLimit = None,
    ) -> SignalRecordsAnswer:
        """The first records behind a sign of one recorder, where `/records` has no filter that finds them."""
        query = SignalRecordsQuery.parse_fields(
            signal=signal, org=org, from_=from_, to=to, as_at=as_at, known_at=known_at, limit=limit
        )
        return answers.answer_query(query)

    return router
