"""Rejected events, over the read API: listed for who mends them, and as lines to mend."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from dashboard.parameters import Instant
from dashboard.rendering import MARKING
from queries.record_answers import RejectionDeskAnswer
from queries.record_queries import DESK_USUALLY, LISTED_MOST, RejectionDeskQuery
from queries.store_answers import StoreAnswers

NDJSON: Final = "application/x-ndjson"
WantedCode = Annotated[str | None, Query(description="Rejections of this code alone.", examples=["MISROUTED"])]
Recorder = Annotated[str | None, Query(description="Who recorded it, as its source says.", examples=["kent"])]
EventId = Annotated[str | None, Query(description="The event's own id.")]
Named = Annotated[str | None, Query(description="The disruption or the threat that it names.")]
After = Annotated[str | None, Query(description="`next` of the answer before.", examples=["0:1187"])]
Most = Annotated[
    str | None, Query(description=f"How many to list: {DESK_USUALLY} unless asked, {LISTED_MOST:,} at most.")
]


def route_rejections(answers: StoreAnswers) -> APIRouter:
    """Route rejected events."""
    router = APIRouter(tags=["records"])

    @router.get("/refusals")
    def refusals(  # noqa: PLR0913, PLR0917  (the fields of a search)
        code: WantedCode = None,
        org: Recorder = None,
        event_id: EventId = None,
        reference: Named = None,
        known_at: Instant = None,
        after: After = None,
        limit: Most = None,
    ) -> RejectionDeskAnswer:
        """Rejected events, the newest first, by code and recorder, and which were answered since."""
        asked = {"code": code, "org": org, "event_id": event_id, "reference": reference, "after": after, "limit": limit}
        return answers.answer_query(RejectionDeskQuery.parse_fields(**asked, known_at=known_at))

    @router.get("/refusals/events", response_class=StreamingResponse)
    def mended(
        code: WantedCode = None, org: Recorder = None, event_id: EventId = None, reference: Named = None
    ) -> Response:
        """The same as lines to mend: one event a line as `publish` takes it, with the position that it answers."""
        query = RejectionDeskQuery.parse_fields(code=code, org=org, event_id=event_id, reference=reference)
        name = f'attachment; filename="{MARKING} rejected events.ndjson"'
        return StreamingResponse(answers.read_mended(query), media_type=NDJSON, headers={"Content-Disposition": name})

    return router
