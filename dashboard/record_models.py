"""The bodies of the read API about single records, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

from dashboard.response_models import POSITION_EXAMPLE, AccountBody, IntakeRejection


class RecordBody(AccountBody):
    """One disruption that a figure is made of, with the posting that put it where it stands."""

    threat_id: str
    disruption_id: str = Field(examples=["KENT/2022/000381"])
    entered_at: str = Field(description="From when it stands there.", examples=["2022-06-15T08:05:00.000Z"])
    ledger_time: str = Field(description="When the ledger learnt of that.", examples=["2022-06-15T08:05:01.250Z"])
    partition: int = Field(description="Position of the entry that put it there, in `soc.published`.")
    offset: int
    leg: int


class ListedBody(BaseModel):
    """A page of what a figure is made of, and all that is needed to get it again."""

    total: int = Field(description="The figure: how many there are, listed here or not.", examples=[381])
    next: str | None = Field(description="`after` of the next page; null at the end.")
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
    as_at: str = Field(examples=["2022-07-04T22:59:59.999Z"])
    known_at: str = Field(examples=["2022-07-05T09:00:00.000Z"])
    complete: bool
    complete_through: str | None
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED", "org": "kent"}])
    measure: str = Field(description="The measure and its version.")


class Records(ListedBody):
    """The records that a figure is made of, latest event dates first."""

    rows: list[RecordBody] = Field(description="The first `limit` of them after `after`.")


class ThreatBody(BaseModel):
    """One threat that a threat count is made of, with the posting that put it where it stands."""

    threat_id: str
    organisation: str = Field(description="Who owns it.", examples=["kent"])
    kind: str = Field(examples=["OCG"])
    crime_type: str = Field(examples=["DRUGS"])
    tier: int = Field(examples=[2])
    entered_at: str = Field(description="From when it stands there.", examples=["2022-06-15T08:05:00.000Z"])
    ledger_time: str = Field(description="When the ledger learnt of that.", examples=["2022-06-15T08:05:01.250Z"])
    partition: int = Field(description="Position of the entry that put it there, in `soc.published`.")
    offset: int


class Threats(ListedBody):
    """The threats that a threat count is made of, in the order of their ids."""

    rows: list[ThreatBody] = Field(description="The first `limit` of them after `after`.")


class WireHeader(BaseModel):
    """One header of a published event."""

    name: str = Field(examples=["ce_id"])
    text: str | None = Field(description="Its value, where it is UTF-8.")
    hex: str | None = Field(description="Its bytes in hexadecimal; null for none.")


class Moved(AccountBody):
    """One leg of the entry."""

    leg: int
    sign: int = Field(description="1 or -1.", examples=[1])
    disruption_id: str
    entered_at: str = Field(examples=["2022-06-15T08:05:00.000Z"])


class PublishedEvent(BaseModel):
    """What became of one position of `soc.published`, with the event as it was sent."""

    partition: int
    offset: int
    outcome: str = Field(description="`ADMITTED`, `DUPLICATE` or `REFUSED`.", examples=["ADMITTED"])
    ledger_time: str = Field(examples=["2022-06-15T08:05:01.250Z"])
    code: str | None = Field(description="Why it was rejected.", examples=[None])
    message: str | None = Field(description="What to do about it.", examples=[None])
    record: str | None = Field(examples=["DisruptionEvent"])
    event_id: str | None
    threat_id: str | None
    disruption_id: str | None
    version: int | None
    rules_version: str = Field(examples=["2026.1"])
    rules_digest: str = Field(description="SHA-256 of those rules.")
    schema_fingerprint: str | None = Field(description="SHA-256 of the schema that wrote it.")
    software: str = Field(description="Name and version of the software that judged it.")
    headers: list[WireHeader]
    fields: dict[str, Any] | None = Field(description="As the schema that wrote it has them; null where unreadable.")
    unreadable: str | None = Field(description="Why its fields cannot be read.")
    key: str | None = Field(description="In hexadecimal.", examples=["543031"])
    value: str | None = Field(description="In hexadecimal; null where none was sent, or it is not kept.")
    original_size: int | None = Field(description="Bytes of the original, where it is not kept.", examples=[None])
    original_digest: str | None = Field(description="SHA-256 of the original, where it is not kept.", examples=[None])
    postings: list[Moved]


class AnsweringEvent(BaseModel):
    """Where an event lies that was sent in place of a rejected one."""

    partition: int
    offset: int
    refused: bool = Field(description="It was rejected too.")


class FoundRejection(IntakeRejection):
    """A rejected event, for who mends it."""

    ledger_time: str = Field(examples=["2022-06-15T08:05:01.250Z"])
    recorder: str = Field(description="As its source says; empty where it does not.", examples=["kent"])
    answered_by: list[AnsweringEvent]


class RejectionGroup(BaseModel):
    """How many rejections there are of one code and one recorder."""

    code: str = Field(examples=["MISROUTED"])
    recorder: str = Field(examples=["kent"])
    n: int = Field(examples=[12])


class RejectionsFound(BaseModel):
    """Rejected events, the newest first."""

    rows: list[FoundRejection]
    total: int = Field(description="How many there are as asked for.", examples=[12])
    groups: list[RejectionGroup] = Field(description="By code and recorder, most first.")
    next: str | None = Field(description="`after` of the next page; null at the end.", examples=["0:1187"])
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
