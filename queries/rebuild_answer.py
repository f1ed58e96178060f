"""What a rebuild of the stored tables is asked for, and what it says of itself (docs/decisions/0029)."""

from typing import Annotated, Final, Literal

from pydantic import Field
from typing_extensions import TypedDict

REBUILD: Final = "rebuild"  # under /v1/
NEXT: Final = "next"  # under /v1/: the read API of the generation that is being built
RATE_MOST: Final = 10_000_000
NOBODY_BUILDS: Final = "nothing is being built: begin with `disruptions audit rebuild`"
RebuildStep = Literal["NONE", "LOADING", "FOLLOWING"]


class RebuildAnswer(TypedDict):
    """Where the generations of the stored tables are."""

    state: Annotated[RebuildStep, Field(description="FOLLOWING: what is built has caught up.")]
    live: Annotated[int, Field(description="Generation that is shown.", examples=[1])]
    building: Annotated[int | None, Field(description="Generation that is being built.", examples=[2])]
    previous: Annotated[
        int | None, Field(description="Generation that was shown before, and is kept.", examples=[None])
    ]
    done: Annotated[int, Field(description="Records of the output topics that were read into it.", examples=[12_000])]
    total: Annotated[int, Field(description="How many records there are.", examples=[62_000])]
    per_second: Annotated[
        float | None, Field(description="Records a second, since this process builds it.", examples=[21_000.0])
    ]
    seconds_left: Annotated[float | None, Field(description="How long the rest takes at that rate.", examples=[2.4])]
    rate: Annotated[
        int | None, Field(description="Records a second at most; null: as fast as it goes.", examples=[None])
    ]
    trouble: Annotated[str | None, Field(description="What it waits for.", examples=[None])]
