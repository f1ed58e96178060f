"""The bodies of the read API about what there is, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

from dashboard.response_models import POSITION_EXAMPLE


class SpanBody(BaseModel):
    """From which event date to which there are disruptions that count."""

    rows: list[dict[str, str]] = Field(
        description="Each dimension by its name, `first` and `last`; none where nothing counts.",
        examples=[[{"org": "kent", "first": "2021-07-01", "last": "2022-06-30"}]],
    )
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED"}])


class RecentEntry(BaseModel):
    """One entry of the ledger."""

    record: str = Field(examples=["DisruptionEvent"])
    disruption_id: str | None = Field(description="Null for a threat's event.")
    threat_id: str
    version: int
    verdict: str = Field(examples=["ADMITTED"])
    org: str = Field(description="Recorder of the disruption, or owner of the threat.", examples=["kent"])
    entered_at: str
    ledger_time: str
    partition: int
    offset: int


class RecentEntries(BaseModel):
    """The entries that the ledger admitted last, newest first."""

    rows: list[RecentEntry]
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
