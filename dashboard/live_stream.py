"""``/v1/events``: live movement as server-sent events, resumable from the last id."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse

from dashboard.live_hub import LiveHub
from queries.cursor import parse_cursor

EVENTS_PATH: Final = "/v1/events"
DESCRIPTION: Final = """\
`changes`: what is another than before, with the position as its id. `heartbeat`: every two seconds, without an id.
`reset`: the cursor is ahead, another ledger's, or none: ask for what you show anew, and go on from this id."""

Since = Annotated[str | None, Query(description="A cursor to resume from; `none` begins. From now on unless given.")]
LastId = Annotated[str | None, Header(alias="Last-Event-ID", description="The same, as browsers send it: it wins.")]


def route_events(hub: LiveHub) -> APIRouter:
    """Route the stream."""
    router = APIRouter(tags=["balances"])

    @router.get(
        "/events",
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": DESCRIPTION}},
    )
    async def events(since: Since = None, last_event_id: LastId = None) -> Any:
        """Live movement as server-sent events: changed balances by organisation, pillar, kind and crime type.

        Lead and support stand in lists of their own. One who reads slowly is sent what changed meanwhile as one event.
        """
        if since is not None:
            parse_cursor(since, "since")
        return EventSourceResponse(hub.send_messages(last_event_id or since), ping=0, sep="\n")

    return router
