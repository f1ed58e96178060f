"""The bodies of the read API on those who publish, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field


class MissingRange(BaseModel):
    """Numbers of a sequence that never arrived, both included."""

    first: int = Field(examples=[118])
    last: int = Field(examples=[121])


class NumberJump(BaseModel):
    """Two numbers of a sequence that are neighbours and too far apart for what lies between to be missing."""

    last: int = Field(examples=[5120])
    next: int = Field(examples=[9_223_372_036_854_775_807])


class Feed(BaseModel):
    """One recorder's feed. Instants are the broker's clock unless said otherwise."""

    org: str = Field(examples=["kent"])
    region: str = Field(examples=["Eastern"])
    name: str = Field(examples=["Kent Police"])
    verdict: str = Field(
        description="The first that holds: `NEVER_HEARD`, `FEED_DOWN` (the heartbeat is overdue), `EVENTS_MISSING`, "
        "`NOTHING_TO_SEND` (in time, complete, nothing today), `ALIVE` (in time and complete). With `known_at`: "
        "`FEED_DOWN` where an alert stood that it was, else `NOT_KEPT`: past heartbeats are not kept."
    )
    last_event_at: str | None = Field(description="Ledger time of its last event, admitted or rejected.")
    events: int = Field(description="Published events of the period, rejected and repeated ones included.")
    admitted: int
    refused: int
    entry_delay_median_seconds: int | None = Field(
        description="From the end of the event date to the entry, of first versions of admitted disruptions."
    )
    entry_delay_p90_seconds: int | None
    transit_median_seconds: int | None = Field(description="From the entry to the ledger, of the same events.")
    transit_p90_seconds: int | None
    heard_at: str | None = Field(description="When the broker had its last heartbeat.")
    sent_at: str | None = Field(description="The same by the sender's clock.")
    interval_seconds: int | None = Field(description="What that promised; null: nothing.")
    due_at: str | None = Field(description="From when on the feed is taken to be down, unless another comes.")
    silent_since: str | None = Field(description="With `known_at`: since when an alert stood that the feed was down.")
    claimed_sequence: int | None = Field(description="The last number that its heartbeat claims.")
    first_sequence: int | None = Field(description="The first number that arrived.")
    last_sequence: int | None = Field(description="The greatest number that arrived.")
    unarrived: int | None = Field(description="Numbers claimed beyond that; null with `known_at`.")
    missing: int = Field(description="Numbers between the first and the greatest that never arrived.")
    gaps: list[MissingRange] = Field(description="The first of them as ranges, 20 at most.")
    jumps: list[NumberJump] = Field(description="Where its numbers jump by more than 100,000, 20 at most: rule F5.")
    repeated: int = Field(description="Numbers that stand on several events.")
    repeats: list[int] = Field(description="The first of those, 20 at most.")


class FeedBody(BaseModel):
    """Every recorder's feed, by region and name."""

    rows: list[Feed]
    judged_at: str = Field(description="The instant that the verdicts are of.")
    known_at: str | None = Field(description="What the ledger had received by then is shown; null: as it is now.")
    complete: bool = Field(description="With `known_at`: nothing can come to it any more. False without.")
    behind: int = Field(description="Stored events that the feeds have not read yet; 0 nearly always.")
    filters: dict[str, Any] = Field(examples=[{"from": "2021-07-01", "to": "2022-06-30"}])
    position: dict[str, int]


class FeedEvent(BaseModel):
    """One published event, and what became of it."""

    partition: int
    offset: int
    ledger_time: str
    source_sequence: int
    record: str = Field(description="`DisruptionEvent` or `ThreatEvent`; empty where it could not be read.")
    verdict: str = Field(description="`ADMITTED`, `DUPLICATE` or `REFUSED`.")
    code: str = Field(description="Why it was rejected; empty where it was not.")
    message: str | None = Field(description="What to do about a rejection.")
    standing: str | None = Field(description="Where its disruption stands now; null: nowhere, or it is a threat's.")
    event_id: str
    threat_id: str
    disruption_id: str
    version: int
    event_date: str | None
    entered_at: str | None


class FeedEventBody(BaseModel):
    """A recorder's last events, the newest first."""

    rows: list[FeedEvent]
    org: str
    position: dict[str, int]
