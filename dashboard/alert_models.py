"""The bodies of answers about alerts and of public releases, field by field, for the API's description."""

from typing import Any

from pydantic import BaseModel, Field


class AlertBody(BaseModel):
    """One alert that was raised or cleared."""

    kind: str = Field(description="What it is about: its rule.", examples=["REFUSAL_BURST"])
    subject: str = Field(description="Whom or what it is about.", examples=["KEY_MISMATCH"])
    state: str = Field(description="`RAISED` or `CLEARED`.", examples=["RAISED"])
    at: str = Field(examples=["2022-07-04T22:59:59.999Z"])
    value: float = Field(description="The figure that its rule measures, then.", examples=[41])
    bound: float = Field(description="The bound that the figure was past.", examples=[20])
    sentence: str = Field(description="What is the matter.")
    remedy: str = Field(description="What to do.")
    offset: int = Field(description="Its offset in partition 0 of `soc.alerts`.", examples=[12])


class Alerts(BaseModel):
    """The alerts that stand, and those that were raised or cleared."""

    standing: list[AlertBody] = Field(description="Raised and not cleared, newest first.")
    rows: list[AlertBody] = Field(description="The last that were raised or cleared, newest first.")
    truncated: bool = Field(description="There are more than `rows` lists.", examples=[False])


class PublicBody(BaseModel):
    """Counts for public release."""

    rows: list[dict[str, Any]] = Field(
        description="Each dimension by its name, and `n`: null where the cell is hidden.",
        examples=[[{"org": "kent", "pillar": "PREVENT", "n": None}]],
    )
    hidden: int = Field(description="How many of them are hidden.", examples=[3])
    hidden_means: str = Field(description="What a hidden cell is.")
    as_at: str = Field(examples=["2022-07-04T22:59:59.999Z"])
    known_at: str = Field(examples=["2022-07-04T22:59:59.999Z"])
    complete: bool = Field(description="The same question has this answer for ever.")
    filters: dict[str, Any]
    measure: str = Field(examples=["2026.1"])
