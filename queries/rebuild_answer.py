"""What a rebuild of the stored tables is asked for, and what it says of itself (docs/decisions/0029)."""

from typing import Final, TypedDict

REBUILD: Final = "rebuild"  # under /v1/
NEXT: Final = "next"  # under /v1/: the read API of the generation that is being built
RATE_MOST: Final = 10_000_000
NOBODY_BUILDS: Final = "nothing is being built: begin with `disruptions audit rebuild`"


class RebuildAnswer(TypedDict):
    """Where the generations of the tables are.

    Attributes:
        state: NONE, LOADING until what is being built has caught up once, and then FOLLOWING.
        live, building, previous: numbers of generations; null where there is none.
        done, total: of the output topics, records that were read into it, and how many there are.
        per_second, seconds_left: as it went since this process builds; null where it cannot be told.
        rate: records a second at most; null: as fast as it goes.
        trouble: what it waits for; null where nothing is the matter.
    """

    state: str
    live: int
    building: int | None
    previous: int | None
    done: int
    total: int
    per_second: float | None
    seconds_left: float | None
    rate: int | None
    trouble: str | None
