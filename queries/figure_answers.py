"""The bodies of answers about published figures, and about how far the ledger is sealed."""

from typing import Annotated, Any, Final

from pydantic import Field
from typing_extensions import TypedDict

from queries.answers import Positions

_CELLS: Final = [{"org": "kent", "n": 412, "then": 412, "now": 418}]
FigurePeriod = TypedDict(  # ``from`` is no name that a class could have
    "FigurePeriod",
    {
        "partition": Annotated[int, Field(examples=[0])],
        "offset": Annotated[int, Field(description="Its place in `soc.figures`.", examples=[12])],
        "appended_at": Annotated[
            str, Field(description="When the broker took it.", examples=["2022-07-05T09:00:00.000Z"])
        ],
        "figure_id": Annotated[str | None, Field(description="The SHA-256 of what it says.")],
        "subject": Annotated[str | None, Field(examples=["DISRUPTIONS"])],
        "measure": Annotated[str | None, Field(examples=["2026.1"])],
        "from": Annotated[str | None, Field(examples=["2021-07-01"])],
        "to": Annotated[str | None, Field(examples=["2022-06-30"])],
    },
)


class FigureRecord(FigurePeriod):
    """A record of `soc.figures`; all but its place is null where somebody wrote what is no figure."""

    as_at: str | None
    known_at: str | None
    organisation: Annotated[str | None, Field(description="Of this organisation alone.")]
    type: Annotated[str | None, Field(description="`LEAD` or `SUPPORT`; null where cells are told apart by it.")]
    standing: Annotated[str | None, Field(description="Null: of every standing.")]
    by: Annotated[list[str], Field(examples=[["org"]])]
    published: Annotated[int | None, Field(description="The sum of its cells.", examples=[412])]
    cell_count: int
    positions: Annotated[Positions, Field(description="Where the store stood when it was read.")]
    note: Annotated[str | None, Field(description="What it was published in.", examples=["Annual report, table 2"])]
    published_by: Annotated[str | None, Field(examples=["hmicfrs"])]
    published_at: str | None
    software: str | None


class FigureListAnswer(TypedDict):
    """The figures that were published, newest first."""

    rows: list[FigureRecord]
    total: Annotated[int, Field(description="Records of `soc.figures`.")]
    gone: Annotated[int, Field(description="Records that were deleted from it; nothing ever should be.")]
    next: Annotated[str | None, Field(description="After which place the next page goes on; null: this was the last.")]


class PublishedFigureAnswer(TypedDict):
    """One published figure, beside what the store says."""

    figure: FigureRecord
    cells: Annotated[
        list[dict[str, str | int | None]],
        Field(
            description="Each dimension by its name, what was published (`n`), what the store says as at and as known "
            "at the figure's instants (`then`) and `now`; null where the question cannot be asked of this software.",
            examples=[_CELLS],
        ),
    ]
    id_holds: Annotated[bool, Field(description="Its id is that of what it says.")]
    agrees: Annotated[bool, Field(description="`then` is what was published, in every cell.")]
    complete: Annotated[bool, Field(description="Nothing can come to `then` any more.")]
    proved_at: Annotated[
        str | None, Field(description="As known at when this machine's last whole replay proved it; or null.")
    ]
    position: Positions


class CosignatureRow(TypedDict):
    """A line of signature under the checkpoint that is not the log's own. It is not verified."""

    name: Annotated[str, Field(description="Whose it says it is.", examples=["witness.kent"])]
    key_id: Annotated[str, Field(examples=["a1b2c3d4"])]
    at: Annotated[str | None, Field(description="When that was, in its own words.")]


class FollowedRow(TypedDict):
    """The end of the log that this one says that it follows. Whether it was that log's end is not checked."""

    log: Annotated[str, Field(description="Its name.", examples=["soc.example/ledger-1"])]
    key: Annotated[str, Field(description="The verifier key of its last checkpoint.")]
    size: Annotated[int, Field(description="What that sealed.", examples=[62_004])]
    root: Annotated[str, Field(description="The root of its tree, in base64.")]


class SealAnswer(TypedDict):
    """The newest checkpoint of the log that seals the ledger."""

    log: Annotated[
        str | None, Field(description="Its name; null where nothing is sealed here.", examples=["soc.example/ledger"])
    ]
    size: Annotated[int, Field(description="Outputs and published figures that it seals.", examples=[63_120])]
    root: Annotated[str | None, Field(description="The root of its tree, in base64.")]
    figures: Annotated[
        int | None,
        Field(
            description="How many of them are published figures; null where the log does not seal them.", examples=[12]
        ),
    ]
    positions: Annotated[Positions, Field(description="Before which all is sealed.")]
    sealed_at: str | None
    keys: Annotated[list[str], Field(description="The log's verifier keys, oldest first, as its directory has them.")]
    cosignatures: list[CosignatureRow]
    note: Annotated[str | None, Field(description="The signed note itself.")]
    certificate: Annotated[
        dict[str, Any] | None,
        Field(description="Of the last replay of the whole ledger on this machine; null where it keeps none."),
    ]
    follows: Annotated[FollowedRow | None, Field(description="The log that was before; null: it says of none.")]
