"""The bodies of the read API on signs of weak recording, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

from methodology.signals import SignalKind


class SignalFound(BaseModel):
    """A sign that a recorder shows."""

    signal: str = Field(description=f"One of {', '.join(SignalKind)}; what each is: methodology/RULES.md, S1 to S9.")
    org: str = Field(examples=["kent"])
    region: str = Field(examples=["Eastern"])
    name: str = Field(examples=["Kent Police"])
    n: int = Field(description="The records that make the sign.")
    out_of: int = Field(description="The records that were looked at.")
    beside: float | None = Field(
        description="What it is held against: the peers' median share in percent, or the count of the year before."
    )
    moved: list[str] = Field(description="What of the recording moved with a jump: `KINDS`, `ACTIVITIES`, `DELAY`.")


class SignalBody(BaseModel):
    """The signs of a period, by sign, region and name."""

    rows: list[SignalFound]
    bounds: dict[str, int] = Field(description="The bounds by which they were judged; shares in percent.")
    judged: int = Field(description="How many recorders have any lead disruption in the period.")
    behind: int = Field(description="Stored events whose first entry is not read yet; 0 nearly always.")
    filters: dict[str, Any] = Field(examples=[{"from": "2021-07-01", "to": "2022-06-30"}])
    position: dict[str, int]


class SignalRecord(BaseModel):
    """A record behind a sign, by its first version."""

    threat_id: str
    disruption_id: str
    event_date: str
    entered: str | None
    partition: int
    offset: int


class SignalRecordsBody(BaseModel):
    """The first records behind a sign, by event date."""

    rows: list[SignalRecord]
    total: int
    signal: str
    org: str
    position: dict[str, int]
