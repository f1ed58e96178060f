"""The bodies of answers by which a force holds its own list of events against the ledger's."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from queries.answers import Positions
from queries.feed_answers import Recorder, SequenceGap, SequenceJump


class ReconcileAnswer(TypedDict):
    """What arrived of a recorder's days of entry, and which numbers of its sequence did not."""

    org: Recorder
    start: str
    end: str
    sent: Annotated[int, Field(description="`arrived` and `missing`.", examples=[128])]
    arrived: Annotated[int, Field(description="Events that arrived, each counted once.", examples=[127])]
    admitted: int
    refused: Annotated[int, Field(description="Events that were rejected and not admitted since.")]
    resent: Annotated[int, Field(description="How often an event came again.")]
    missing: Annotated[
        int, Field(description="Numbers that never arrived and may be of these days: their neighbours tell.")
    ]
    recent: Annotated[int, Field(description="Numbers that were overtaken so lately that they may be on their way.")]
    unarrived: Annotated[int, Field(description="Numbers that a heartbeat claims beyond the last that arrived.")]
    gaps: Annotated[list[SequenceGap], Field(description="The missing numbers as ranges, 100 at most.")]
    jumps: Annotated[
        list[SequenceJump],
        Field(description="Where the numbers jump by more than 100,000, perhaps on these days, 20 at most: rule F5."),
    ]
    unread: Annotated[int, Field(description="Rejections of these days of which nobody could read whose they are.")]
    behind: Annotated[int, Field(description="Stored events that were not read for this yet.")]
    complete: Annotated[
        bool, Field(description="Whether all that had reached the ledger by the end of the days is in it.")
    ]
    complete_through: str | None
    position: Positions


class EventFate(TypedDict):
    """One event, and what became of it."""

    event_id: str
    organisation: Annotated[str, Field(description="Whose it is; empty where no recorder of the list could be read.")]
    partition: int
    offset: int
    ledger_time: str
    source_sequence: int
    record: str
    verdict: Annotated[str, Field(description="`ADMITTED` where it ever was; `REFUSED`.")]
    code: Annotated[str, Field(description="Why it was rejected last.")]
    threat_id: str
    disruption_id: str
    version: int
    entered_at: str | None
    resent: Annotated[int, Field(description="How often it came again after it was admitted.")]
    standing: Annotated[str | None, Field(description="Where its disruption stands now.")]


class EventFatesAnswer(TypedDict):
    """What became of events, in the order of their ids."""

    rows: list[EventFate]
    next: Annotated[str | None, Field(description="After which id the next page goes on; null: this was the last.")]
    position: Positions
