"""What the read API says of a rebuild, as OpenAPI describes it."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class SwitchAsked(BaseModel):
    """What a switch is asked for with."""

    certificate: dict[str, Any] = Field(description="Of a replay of the whole ledger against what is being built.")
    approved: str = Field(
        "",
        pattern="^([0-9a-f]{64})?$",
        description="SHA-256 of its differences, where they are approved; empty: it has none.",
    )


class RebuildBody(BaseModel):
    """Where the generations of the stored tables are."""

    state: Literal["NONE", "LOADING", "FOLLOWING"] = Field(description="FOLLOWING: what is built has caught up.")
    live: int = Field(description="Generation that is shown.", examples=[1])
    building: int | None = Field(description="Generation that is being built.", examples=[2])
    previous: int | None = Field(description="Generation that was shown before, and is kept.", examples=[None])
    done: int = Field(description="Records of the output topics that were read into it.", examples=[12_000])
    total: int = Field(description="How many records there are.", examples=[62_000])
    per_second: float | None = Field(description="Records a second, since this process builds it.", examples=[21_000.0])
    seconds_left: float | None = Field(description="How long the rest takes at that rate.", examples=[2.4])
    rate: int | None = Field(description="Records a second at most; null: as fast as it goes.", examples=[None])
    trouble: str | None = Field(description="What it waits for.", examples=[None])
