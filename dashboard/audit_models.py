"""The bodies of answers about published figures and the seal, field by field, for the API's description."""

from typing import Any

from pydantic import BaseModel, Field

from dashboard.response_models import POSITION_EXAMPLE

_EXAMPLE = [{"org": "kent", "n": 412, "then": 412, "now": 418}]


class FigureRecord(BaseModel):
    """A record of `soc.figures`; all but its place is null where somebody wrote what is no figure."""

    partition: int = Field(examples=[0])
    offset: int = Field(description="Its place in `soc.figures`.", examples=[12])
    appended_at: str = Field(description="When the broker took it.", examples=["2022-07-05T09:00:00.000Z"])
    figure_id: str | None = Field(description="The SHA-256 of what it says.")
    subject: str | None = Field(examples=["DISRUPTIONS"])
    measure: str | None = Field(examples=["2026.1"])
    first_day: str | None = Field(alias="from", examples=["2021-07-01"])
    last_day: str | None = Field(alias="to", examples=["2022-06-30"])
    as_at: str | None
    known_at: str | None
    organisation: str | None = Field(description="Of this organisation alone.")
    type: str | None = Field(description="`LEAD` or `SUPPORT`; null where cells are told apart by it.")
    standing: str | None = Field(description="Null: of every standing.")
    by: list[str] = Field(examples=[["org"]])
    published: int | None = Field(description="The sum of its cells.", examples=[412])
    cell_count: int
    positions: dict[str, int] = Field(
        description="Where the store stood when it was read.", examples=[POSITION_EXAMPLE]
    )
    note: str | None = Field(description="What it was published in.", examples=["Annual report, table 2"])
    published_by: str | None = Field(examples=["hmicfrs"])
    published_at: str | None
    software: str | None


class FigureListBody(BaseModel):
    """The figures that were published, newest first."""

    rows: list[FigureRecord]
    total: int = Field(description="Records of `soc.figures`.")
    gone: int = Field(description="Records that were deleted from it; nothing ever should be.")
    next: str | None = Field(description="After which place the next page goes on; null: this was the last.")


class PublishedFigureBody(BaseModel):
    """One published figure, beside what the store says."""

    figure: FigureRecord
    cells: list[dict[str, str | int | None]] = Field(
        description="Each dimension by its name, what was published (`n`), what the store says as at and as known at "
        "the figure's instants (`then`) and `now`; null where the question cannot be asked of this software.",
        examples=[_EXAMPLE],
    )
    id_holds: bool = Field(description="Its id is that of what it says.")
    agrees: bool = Field(description="`then` is what was published, in every cell.")
    complete: bool = Field(description="Nothing can come to `then` any more.")
    proved_at: str | None = Field(description="As known at when this machine's last whole replay proved it; or null.")
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])


class Cosignature(BaseModel):
    """A line of signature under the checkpoint that is not the log's own. It is not verified."""

    name: str = Field(description="Whose it says it is.", examples=["witness.kent"])
    key_id: str = Field(examples=["a1b2c3d4"])
    at: str | None = Field(description="When that was, in its own words.")


class SealBody(BaseModel):
    """The newest checkpoint of the log that seals the ledger."""

    log: str | None = Field(description="Its name; null where nothing is sealed here.", examples=["soc.example/ledger"])
    size: int = Field(description="Outputs and published figures that it seals.", examples=[63_120])
    root: str | None = Field(description="The root of its tree, in base64.")
    figures: int | None = Field(
        description="How many of them are published figures; null where the log does not seal them.", examples=[12]
    )
    positions: dict[str, int] = Field(description="Before which all is sealed.", examples=[POSITION_EXAMPLE])
    sealed_at: str | None
    keys: list[str] = Field(description="The log's verifier keys, oldest first, as its directory has them.")
    cosignatures: list[Cosignature]
    note: str | None = Field(description="The signed note itself.")
    certificate: dict[str, Any] | None = Field(
        description="Of the last replay of the whole ledger on this machine; null where it keeps none."
    )
