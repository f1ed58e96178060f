"""The bodies of answers on those who publish: their feeds, and the signs of how they record."""

from typing import Any, TypedDict

from queries.answers import Positions


class SequenceGap(TypedDict):
    """Numbers of a recorder's sequence that never arrived, both included."""

    first: int
    last: int


class SequenceJump(TypedDict):
    """Two neighbours of a recorder's sequence that are too far apart for what lies between to be missing."""

    last: int
    next: int


class FeedRow(TypedDict):
    """One recorder's feed. Instants are those of the ledger's clock unless they say otherwise.

    ``verdict`` and ``due_at`` are judged at the answer's ``judged_at``. Of a past instant there are no heartbeats: what
    rests on them is null, and ``silent_since`` says since when an alert stood that the feed was down. Delays are of
    first versions of disruptions, in the period asked: ``entry_delay_*`` from the end of the event date to the entry,
    ``transit_*`` from entry to ledger.
    """

    org: str
    region: str
    name: str
    verdict: str
    last_event_at: str | None
    events: int
    admitted: int
    refused: int
    entry_delay_median_seconds: int | None
    entry_delay_p90_seconds: int | None
    transit_median_seconds: int | None
    transit_p90_seconds: int | None
    heard_at: str | None
    sent_at: str | None
    interval_seconds: int | None
    due_at: str | None
    silent_since: str | None
    claimed_sequence: int | None
    first_sequence: int | None
    last_sequence: int | None
    unarrived: int | None
    missing: int
    gaps: list[SequenceGap]
    jumps: list[SequenceJump]
    repeated: int
    repeats: list[int]


class FeedAnswer(TypedDict):
    """Every recorder's feed, by region and name, and by how many positions the feeds are behind the store."""

    rows: list[FeedRow]
    judged_at: str
    known_at: str | None
    complete: bool
    behind: int
    filters: dict[str, Any]
    position: Positions


class FeedEventAnswer(TypedDict):
    """The last events of a recorder, the newest first, and what became of each."""

    rows: list[dict[str, Any]]
    org: str
    position: Positions


class SignalRow(TypedDict):
    """A sign that a recorder shows: ``n`` of ``out_of`` records, ``beside`` what it is held against."""

    signal: str
    org: str
    region: str
    name: str
    n: int
    out_of: int
    beside: float | None
    moved: list[str]


class SignalAnswer(TypedDict):
    """The signs, each with its recorders by region and name, and the bounds by which they were judged."""

    rows: list[SignalRow]
    bounds: dict[str, int]
    judged: int
    behind: int
    filters: dict[str, Any]
    position: Positions


class SignalRecordsAnswer(TypedDict):
    """The first records behind a sign of one recorder, by event date, and how many there are."""

    rows: list[dict[str, Any]]
    total: int
    signal: str
    org: str
    position: Positions
