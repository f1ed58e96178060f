"""The bodies of the read API that put then beside now, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

from dashboard.response_models import POSITION_EXAMPLE, AccountBody


class StateBody(BaseModel):
    """A state of the record."""

    as_at: str = Field(description="As the record stood then (entry time).", examples=["2022-07-04T22:59:59.999Z"])
    known_at: str = Field(description="As the ledger knew it (append time).", examples=["2022-07-05T09:00:00.000Z"])
    complete: bool = Field(description="Nothing can come to it.")


class CompareBody(BaseModel):
    """Then beside now."""

    rows: list[dict[str, str | int | dict[str, int]]] = Field(
        description="Each dimension by its name, `then`, `now`, `difference`, and the `causes` that sum to it.",
        examples=[[{"org": "kent", "then": 381, "now": 385, "difference": 4, "causes": {"ENTERED_LATE": 4}}]],
    )
    then: StateBody
    now: StateBody
    position: dict[str, int] = Field(description="All of it stands on just this position.", examples=[POSITION_EXAMPLE])
    complete: bool = Field(description="Nothing can come to either state.")
    complete_through: str | None = Field(description="Any state known by here is complete; null while none is.")
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED", "org": "metropolitan"}])
    measure: str = Field(description="The measure and its version.")


class MoveBody(AccountBody):
    """One disruption that came into the count or left it, with the account that it came into, or else left."""

    disruption_id: str = Field(examples=["KENT/2022/000381"])
    threat_id: str
    cause: str = Field(examples=["ENTERED_LATE"])
    net: int = Field(description="1 where it came, -1 where it left.", examples=[1])
    moved_at: str | None = Field(description="Entry instant from which it has; null where it was learnt late.")


class Moves(BaseModel):
    """The disruptions that a difference is made of."""

    rows: list[MoveBody] = Field(description="The first of them, by entry instant.")
    total: int = Field(description="How many there are, listed or not.", examples=[12])
    difference: int = Field(description="What all of them sum to: the cell's count of the cause.", examples=[4])
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "cause": "ENTERED_LATE", "org": "kent"}])
