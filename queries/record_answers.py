"""The bodies of answers about single records, and about those that intake rejected."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from queries.answers import AccountRow, Measure, NextPage, PastInstant, Positions, Truncated

Entered = Annotated[str, Field(examples=["2022-06-15T08:05:00.000Z"])]
Learnt = Annotated[str, Field(examples=["2022-06-15T08:05:01.250Z"])]
Sign = Annotated[int, Field(description="1 or -1.", examples=[1])]
SizeLeft = Annotated[int | None, Field(description="Bytes of the original, where it is not kept.", examples=[None])]
DigestLeft = Annotated[str | None, Field(description="SHA-256 of the original, where it is not kept.", examples=[None])]
RulesDigest = Annotated[str, Field(description="SHA-256 of those rules.")]
Software = Annotated[str, Field(description="Name and version of the software that judged it.")]
EntryPartition = Annotated[int, Field(description="Position of the entry that put it there, in `soc.published`.")]
StandsFrom = Annotated[Entered, Field(description="From when it stands there.")]
LearntAt = Annotated[Learnt, Field(description="When the ledger learnt of that.")]


class ListedAnswer(TypedDict):
    """A page of what a figure is made of, and all that is needed to get it again."""

    total: Annotated[int, Field(description="The figure: how many there are, listed here or not.", examples=[381])]
    next: NextPage
    position: Positions
    as_at: PastInstant
    known_at: Annotated[str, Field(examples=["2022-07-05T09:00:00.000Z"])]
    complete: bool
    complete_through: str | None
    filters: Annotated[dict[str, Any], Field(examples=[{"type": "LEAD", "standing": "COUNTED", "org": "kent"}])]
    measure: Measure


class RecordRow(AccountRow):
    """One disruption that a figure is made of, with the posting that put it where it stands."""

    threat_id: str
    disruption_id: Annotated[str, Field(examples=["KENT/2022/000381"])]
    entered_at: StandsFrom
    ledger_time: LearntAt
    partition: EntryPartition
    offset: int
    leg: int


class RecordsAnswer(ListedAnswer):
    """The records that a figure is made of, latest event dates first."""

    rows: Annotated[list[RecordRow], Field(description="The first `limit` of them after `after`.")]


class ListedThreat(TypedDict):
    """One threat that a threat count is made of, with the posting that put it where it stands."""

    threat_id: str
    organisation: Annotated[str, Field(description="Who owns it.", examples=["kent"])]
    kind: Annotated[str, Field(examples=["OCG"])]
    crime_type: Annotated[str, Field(examples=["DRUGS"])]
    tier: Annotated[int, Field(examples=[2])]
    entered_at: StandsFrom
    ledger_time: LearntAt
    partition: EntryPartition
    offset: int


class ThreatListAnswer(ListedAnswer):
    """The threats that a threat count is made of, in the order of their ids."""

    rows: Annotated[list[ListedThreat], Field(description="The first `limit` of them after `after`.")]


class RecentRow(TypedDict):
    """One entry of the ledger."""

    record: Annotated[str, Field(examples=["DisruptionEvent"])]
    disruption_id: Annotated[str | None, Field(description="Null for a threat's event.")]
    threat_id: str
    version: int
    verdict: Annotated[str, Field(examples=["ADMITTED"])]
    org: Annotated[str, Field(description="Recorder of the disruption, or owner of the threat.", examples=["kent"])]
    entered_at: str
    ledger_time: str
    partition: int
    offset: int


class RecentAnswer(TypedDict):
    """The entries that the ledger admitted last, newest first."""

    rows: list[RecentRow]
    position: Positions


class RejectionRow(TypedDict):
    """An event that intake rejected."""

    event_id: Annotated[str | None, Field(description="Null when the event could not be decoded.")]
    code: Annotated[str, Field(examples=["SUPPORT_BY_FORCE"])]
    message: Annotated[str, Field(description="What to do about it; never a value of the record.")]
    partition: int
    offset: int
    original_size: SizeLeft
    original_digest: DigestLeft


class RejectionAnswer(TypedDict):
    """Rejections in the order of their positions, and how many there are."""

    rows: Annotated[list[RejectionRow], Field(description="The first `limit` of them.")]
    codes: Annotated[
        dict[str, int],
        Field(description="How many there are of each code, listed or not, most first.", examples=[{"MISROUTED": 12}]),
    ]
    truncated: Truncated
    position: Positions


class AnsweringRow(TypedDict):
    """Where an event lies that was sent in place of a rejected one."""

    partition: int
    offset: int
    refused: Annotated[bool, Field(description="It was rejected too.")]


class DeskRow(RejectionRow):
    """A rejected event, for who mends it."""

    ledger_time: Learnt
    recorder: Annotated[str, Field(description="As its source says; empty where it does not.", examples=["kent"])]
    answered_by: list[AnsweringRow]


class RejectionGroup(TypedDict):
    """How many rejections there are of one code and one recorder."""

    code: Annotated[str, Field(examples=["MISROUTED"])]
    recorder: Annotated[str, Field(examples=["kent"])]
    n: Annotated[int, Field(examples=[12])]


class RejectionDeskAnswer(TypedDict):
    """Rejected events, the newest first."""

    rows: list[DeskRow]
    total: Annotated[int, Field(description="How many there are as asked for.", examples=[12])]
    groups: Annotated[list[RejectionGroup], Field(description="By code and recorder, most first.")]
    next: Annotated[NextPage, Field(examples=["0:1187"])]
    position: Positions


class VersionRow(TypedDict):
    """One version of a disruption as it was admitted, or a resend of one."""

    threat_id: str
    version: int
    verdict: Annotated[str, Field(examples=["ADMITTED"])]
    event_id: str
    organisation: str
    entered_at: Entered
    ledger_time: Learnt
    partition: int
    offset: int
    rules_version: Annotated[str, Field(description="Version of the rules that judged it.", examples=["2026.1"])]
    rules_digest: RulesDigest
    software: Software


class LegRow(AccountRow):
    """One leg: which account it moved by one, and which event made it."""

    threat_id: str
    sign: Sign
    entered_at: Entered
    ledger_time: Learnt
    partition: int
    offset: int
    leg: int
    event_id: str


class NamingRow(RejectionRow):
    """A rejected event that names the disruption."""

    ledger_time: Learnt
    threat_id: str | None


class UnderThreat(TypedDict):
    """What lies under one threat; the same reference under two threats is two disruptions."""

    threat_id: str
    entries: Annotated[list[VersionRow], Field(description="Its versions, resends included, with their positions.")]
    postings: Annotated[
        list[LegRow], Field(description="Each leg: sign, account, instants, and the position behind it.")
    ]
    stands_in: Annotated[
        list[AccountRow], Field(description="The accounts whose legs do not cancel; none once withdrawn.")
    ]


class StoryAnswer(TypedDict):
    """One disruption's story."""

    disruption_id: Annotated[
        str, Field(description="The reference as the ledger keeps it.", examples=["KENT/2022/000381"])
    ]
    position: Positions
    threats: list[UnderThreat]
    refusals: Annotated[list[NamingRow], Field(description="Rejected events that name it.")]


class AssessmentRow(TypedDict):
    """One event of a threat itself."""

    partition: int
    offset: int
    version: int
    verdict: str
    entered_at: str
    ledger_time: str


class AssessmentsAnswer(TypedDict):
    """Positions, instants and versions of a threat's own events, in the order of positions."""

    rows: list[AssessmentRow]
    position: Positions


class WireHeader(TypedDict):
    """One header of a published event."""

    name: Annotated[str, Field(examples=["ce_id"])]
    text: Annotated[str | None, Field(description="Its value, where it is UTF-8.")]
    hex: Annotated[str | None, Field(description="Its bytes in hexadecimal; null for none.")]


class EntryLeg(AccountRow):
    """One leg of the entry."""

    leg: int
    sign: Sign
    disruption_id: str
    entered_at: Entered


class EntryAnswer(TypedDict):
    """What became of one position of `soc.published`, with the event as it was sent."""

    partition: int
    offset: int
    outcome: Annotated[str, Field(description="`ADMITTED`, `DUPLICATE` or `REFUSED`.", examples=["ADMITTED"])]
    ledger_time: Learnt
    code: Annotated[str | None, Field(description="Why it was rejected.", examples=[None])]
    message: Annotated[str | None, Field(description="What to do about it.", examples=[None])]
    record: Annotated[str | None, Field(examples=["DisruptionEvent"])]
    event_id: str | None
    threat_id: str | None
    disruption_id: str | None
    version: int | None
    rules_version: Annotated[str, Field(examples=["2026.1"])]
    rules_digest: RulesDigest
    schema_fingerprint: Annotated[str | None, Field(description="SHA-256 of the schema that wrote it.")]
    software: Software
    headers: list[WireHeader]
    fields: Annotated[
        dict[str, Any] | None, Field(description="As the schema that wrote it has them; null where unreadable.")
    ]
    unreadable: Annotated[str | None, Field(description="Why its fields cannot be read.")]
    key: Annotated[str | None, Field(description="In hexadecimal.", examples=["543031"])]
    value: Annotated[str | None, Field(description="In hexadecimal; null where none was sent, or it is not kept.")]
    original_size: SizeLeft
    original_digest: DigestLeft
    postings: list[EntryLeg]
