"""The bodies of the read API about single records, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

from dashboard.response_models import POSITION_EXAMPLE, AccountBody


class RecordBody(AccountBody):
    """One disruption that a figure is made of, with the posting that put it where it stands."""

    threat_id: str
    disruption_id: str = Field(examples=["KENT/2022/000381"])
    entered_at: str = Field(description="From when it stands there.", examples=["2022-06-15T08:05:00.000Z"])
    ledger_time: str = Field(description="When the ledger learnt of that.", examples=["2022-06-15T08:05:01.250Z"])
    partition: int = Field(description="Position of the entry that put it there, in `soc.published`.")
    offset: int
    leg: int


class Records(BaseModel):
    """The records that a figure is made of, latest event dates first, and all that is needed to get them again."""

    rows: list[RecordBody] = Field(description="The first `limit` of them after `after`.")
    total: int = Field(description="The figure: how many there are, listed here or not.", examples=[381])
    next: str | None = Field(description="`after` of the next page; null at the end.", examples=["2022-06-14:0:1187:0"])
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
    as_at: str = Field(examples=["2022-07-04T22:59:59.999Z"])
    known_at: str = Field(examples=["2022-07-05T09:00:00.000Z"])
    complete: bool
    complete_through: str | None
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED", "org": "kent"}])
    measure: str = Field(description="The measure and its version.")
