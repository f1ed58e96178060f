"""The bodies of answers on those who publish: their feeds, and the signs of how they record."""

from typing import Annotated, Any, Final

from pydantic import Field
from typing_extensions import TypedDict

from methodology.signals import SignalKind
from queries.answers import Positions

_PERIOD: Final = {"from": "2021-07-01", "to": "2022-06-30"}
_SIGNALS: Final = f"One of {', '.join(SignalKind)}; what each is: methodology/RULES.md, S1 to S9."
Recorder = Annotated[str, Field(examples=["kent"])]
RecorderRegion = Annotated[str, Field(examples=["Eastern"])]
RecorderName = Annotated[str, Field(examples=["Kent Police"])]
PeriodFilters = Annotated[dict[str, Any], Field(examples=[_PERIOD])]


class SequenceGap(TypedDict):
    """Numbers of a recorder's sequence that never arrived, both included."""

    first: Annotated[int, Field(examples=[118])]
    last: Annotated[int, Field(examples=[121])]


class SequenceJump(TypedDict):
    """Two neighbours of a recorder's sequence that are too far apart for what lies between to be missing."""

    last: Annotated[int, Field(examples=[5120])]
    next: Annotated[int, Field(examples=[9_223_372_036_854_775_807])]


class FeedRow(TypedDict):
    """One recorder's feed. Instants are the broker's clock unless said otherwise."""

    org: Recorder
    region: RecorderRegion
    name: RecorderName
    verdict: Annotated[
        str,
        Field(
            description="The first that holds: `NEVER_HEARD`, `FEED_DOWN` (the heartbeat is overdue), "
            "`EVENTS_MISSING`, `NOTHING_TO_SEND` (in time, complete, nothing today), `ALIVE` (in time and complete). "
            "With `known_at`: `FEED_DOWN` where an alert stood that it was, else `NOT_KEPT`: past heartbeats are not "
            "kept."
        ),
    ]
    last_event_at: Annotated[str | None, Field(description="Ledger time of its last event, admitted or rejected.")]
    events: Annotated[int, Field(description="Published events of the period, rejected and repeated ones included.")]
    admitted: int
    refused: int
    entry_delay_median_seconds: Annotated[
        int | None,
        Field(description="From the end of the event date to the entry, of first versions of admitted disruptions."),
    ]
    entry_delay_p90_seconds: int | None
    transit_median_seconds: Annotated[
        int | None, Field(description="From the entry to the ledger, of the same events.")
    ]
    transit_p90_seconds: int | None
    heard_at: Annotated[str | None, Field(description="When the broker had its last heartbeat.")]
    sent_at: Annotated[str | None, Field(description="The same by the sender's clock.")]
    interval_seconds: Annotated[int | None, Field(description="What that promised; null: nothing.")]
    due_at: Annotated[str | None, Field(description="From when on the feed is taken to be down, unless another comes.")]
    silent_since: Annotated[
        str | None, Field(description="With `known_at`: since when an alert stood that the feed was down.")
    ]
    claimed_sequence: Annotated[int | None, Field(description="The last number that its heartbeat claims.")]
    first_sequence: Annotated[int | None, Field(description="The first number that arrived.")]
    last_sequence: Annotated[int | None, Field(description="The greatest number that arrived.")]
    unarrived: Annotated[int | None, Field(description="Numbers claimed beyond that; null with `known_at`.")]
    missing: Annotated[int, Field(description="Numbers between the first and the greatest that never arrived.")]
    gaps: Annotated[list[SequenceGap], Field(description="The first of them as ranges, 20 at most.")]
    jumps: Annotated[
        list[SequenceJump], Field(description="Where its numbers jump by more than 100,000, 20 at most: rule F5.")
    ]
    repeated: Annotated[int, Field(description="Numbers that stand on several events.")]
    repeats: Annotated[list[int], Field(description="The first of those, 20 at most.")]


class FeedAnswer(TypedDict):
    """Every recorder's feed, by region and name."""

    rows: list[FeedRow]
    judged_at: Annotated[str, Field(description="The instant that the verdicts are of.")]
    known_at: Annotated[
        str | None, Field(description="What the ledger had received by then is shown; null: as it is now.")
    ]
    complete: Annotated[bool, Field(description="With `known_at`: nothing can come to it any more. False without.")]
    behind: Annotated[int, Field(description="Stored events that the feeds have not read yet; 0 nearly always.")]
    filters: PeriodFilters
    position: Positions


class FeedEvent(TypedDict):
    """One published event, and what became of it."""

    partition: int
    offset: int
    ledger_time: str
    source_sequence: int
    record: Annotated[str, Field(description="`DisruptionEvent` or `ThreatEvent`; empty where it could not be read.")]
    verdict: Annotated[str, Field(description="`ADMITTED`, `DUPLICATE` or `REFUSED`.")]
    code: Annotated[str, Field(description="Why it was rejected; empty where it was not.")]
    message: Annotated[str | None, Field(description="What to do about a rejection.")]
    standing: Annotated[
        str | None, Field(description="Where its disruption stands now; null: nowhere, or it is a threat's.")
    ]
    event_id: str
    threat_id: str
    disruption_id: str
    version: int
    event_date: str | None
    entered_at: str | None


class FeedEventAnswer(TypedDict):
    """A recorder's last events, the newest first."""

    rows: list[FeedEvent]
    org: str
    position: Positions


class SignalRow(TypedDict):
    """A sign that a recorder shows."""

    signal: Annotated[str, Field(description=_SIGNALS)]
    org: Recorder
    region: RecorderRegion
    name: RecorderName
    n: Annotated[int, Field(description="The records that make the sign.")]
    out_of: Annotated[int, Field(description="The records that were looked at.")]
    beside: Annotated[
        float | None,
        Field(
            description="What it is held against: the peers' median share in percent, or the count of the year before."
        ),
    ]
    moved: Annotated[
        list[str],
        Field(description="What of the recording moved with a jump: `KINDS`, `ACTIVITIES`, `DELAY`."),
    ]


class SignalAnswer(TypedDict):
    """The signs of a period, by sign, region and name."""

    rows: list[SignalRow]
    bounds: Annotated[dict[str, int], Field(description="The bounds by which they were judged; shares in percent.")]
    judged: Annotated[int, Field(description="How many recorders have any lead disruption in the period.")]
    behind: Annotated[int, Field(description="Stored events whose first entry is not read yet; 0 nearly always.")]
    filters: PeriodFilters
    position: Positions


class SignalRecord(TypedDict):
    """A record behind a sign, by its first version."""

    threat_id: str
    disruption_id: str
    event_date: str
    entered: str | None
    partition: int
    offset: int


class SignalRecordsAnswer(TypedDict):
    """The first records behind a sign, by event date."""

    rows: list[SignalRecord]
    total: int
    signal: str
    org: str
    position: Positions
