"""The bodies of answers about how far, and how well: positions, what was not taken, invariants, health, alerts."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from queries.answers import PastInstant, Positions, Truncated


class SetAsideRow(TypedDict):
    """Where a record lies that the store did not take, and why."""

    topic: Annotated[str, Field(examples=["soc.entries"])]
    partition: int
    offset: int
    reason: str
    quarantined_at: PastInstant


class UnloadableAnswer(TypedDict):
    """Records of the output topics that the store did not take."""

    rows: Annotated[list[SetAsideRow], Field(description="The first of them, in the order of topics and offsets.")]
    total: Annotated[int, Field(description="How many there are, listed or not.", examples=[3])]
    truncated: Truncated


class LoadedAgainAnswer(TypedDict):
    """What came of loading them again."""

    loaded: Annotated[int, Field(description="Records that are stored now.", examples=[3])]
    left: Annotated[int, Field(description="Records that the store still does not take.", examples=[0])]


class PositionAnswer(TypedDict):
    """How far the store has come, beside how far has been published."""

    stored: Positions
    published: Annotated[
        Positions,
        Field(description="Past the last record that can be read; equal to `stored` when all of it is stored."),
    ]
    undecided: Annotated[
        dict[str, int],
        Field(
            description="Partitions with an open transaction, and where it begins: nothing from there on is published "
            "yet.",
            examples=[{}],
        ),
    ]


class BreachPlace(TypedDict):
    """Where an invariant is broken: `/v1/stored/postings` opens it by these."""

    partition: Annotated[int, Field(description="Partition of `soc.published`.", examples=[3])]
    offset: Annotated[int, Field(description="Source offset there.", examples=[1187])]


class InvariantState(TypedDict):
    """One thing that must hold, and where it does not."""

    name: Annotated[str, Field(examples=["ONE_ACCOUNT"])]
    meaning: Annotated[
        str, Field(examples=["a disruption stands in at most one account, and in none less than no times"])
    ]
    breaches: Annotated[int, Field(description="How many there are; 0 where it holds.", examples=[0])]
    places: Annotated[list[BreachPlace], Field(description="The first of them, where they have one.")]
    remedy: Annotated[str | None, Field(description="What to do; null where it holds.")]


class InvariantAnswer(TypedDict):
    """What must hold of everything that is served, and whether it does."""

    status: Annotated[str, Field(description="`ok`, `breached`, or `unknown` before the first look.", examples=["ok"])]
    checked_at: Annotated[
        str | None, Field(description="When it was last looked at.", examples=["2022-07-05T09:00:00.000Z"])
    ]
    position: Annotated[Positions, Field(description="The moment of the store looked at.")]
    whole: Annotated[bool, Field(description="Whether every partition has been looked at since the start.")]
    seconds: Annotated[float, Field(description="How long the newest look took.", examples=[0.1])]
    trouble: Annotated[str | None, Field(description="Why it could not be looked at; null where it could.")]
    invariants: list[InvariantState]


class TroubleFound(TypedDict):
    """Something that somebody should look at."""

    what: Annotated[str, Field(examples=["the snapshot of partition 3 cannot be written (database or disk is full)"])]
    remedy: Annotated[str, Field(description="What to do about it; more in docs/operating.md.")]


class PartTrouble(TroubleFound):
    """The same, with the part that has it."""

    part: Annotated[
        str, Field(description="A part by its name, or `disk`, `loader`, `intake`, `broker`, `store`, `registry`.")
    ]


class LastEnd(TypedDict):
    """How a part's process ended last."""

    at: str
    why: Annotated[
        str, Field(description="What it said, or the signal or exit code.", examples=["killed by SIGKILL ..."])
    ]


class PartHealth(TypedDict):
    """One process of the ledger."""

    name: Annotated[str, Field(examples=["worker-1"])]
    state: Annotated[
        str,
        Field(
            description="`starting`, `taking` (partitions), `working`, `waiting` (for the world), `silent` (it hangs), "
            "`restarting`, `stopped`."
        ),
    ]
    troubles: list[TroubleFound]
    restarts: Annotated[int, Field(description="How often `up` has started it again.")]
    since: Annotated[str | None, Field(description="Start of its present process, or its end.")]
    last_end: Annotated[LastEnd | None, Field(description="Null when it has never ended.")]


class ClockAnswer(TypedDict):
    """How far this machine's clock is ahead of the brokers', by what was appended in the last minutes; below 0: behind.

    Between the two. Above the margin of completeness, `least_ahead` is a trouble.
    """

    least_ahead: Annotated[float, Field(description="Seconds.", examples=[-0.2])]
    most_ahead: Annotated[float, Field(description="Seconds.", examples=[0.4])]


class HealthAnswer(TypedDict):
    """Whether all of it works, and what to do where it does not."""

    status: Annotated[str, Field(description="`ok`, or `degraded` when there is any trouble.", examples=["ok"])]
    loader: Annotated[
        str, Field(description="`starting`, `loading`, `waiting`, `stopped`; `elsewhere`: not in this process.")
    ]
    unloadable: Annotated[
        int, Field(description="Records of the output topics that could not be stored.", examples=[0])
    ]
    trouble: Annotated[str | None, Field(description="What the loader waits for.")]
    lag: Annotated[
        int | None,
        Field(
            description="Published events not stored yet, as of two seconds ago; null when broker or store is away.",
            examples=[0],
        ),
    ]
    clock: Annotated[
        ClockAnswer | None, Field(description="Null while nothing came in the last minutes that shows it.")
    ]
    parts: Annotated[
        list[PartHealth], Field(description="What runs on this state directory; `up` knows all of its own.")
    ]
    troubles: Annotated[list[PartTrouble], Field(description="Every trouble there is; empty when `status` is `ok`.")]


class AlertRow(TypedDict):
    """One alert that was raised or cleared."""

    kind: Annotated[str, Field(description="What it is about: its rule.", examples=["REFUSAL_BURST"])]
    subject: Annotated[str, Field(description="Whom or what it is about.", examples=["KEY_MISMATCH"])]
    state: Annotated[str, Field(description="`RAISED` or `CLEARED`.", examples=["RAISED"])]
    at: PastInstant
    value: Annotated[float, Field(description="The figure that its rule measures, then.", examples=[41])]
    bound: Annotated[float, Field(description="The bound that the figure was past.", examples=[20])]
    sentence: Annotated[str, Field(description="What is the matter.")]
    remedy: Annotated[str, Field(description="What to do.")]
    offset: Annotated[int, Field(description="Its offset in partition 0 of `soc.alerts`.", examples=[12])]


class AlertAnswer(TypedDict):
    """The alerts that stand, and those that were raised or cleared."""

    standing: Annotated[list[AlertRow], Field(description="Raised and not cleared, newest first.")]
    rows: Annotated[list[AlertRow], Field(description="The last that were raised or cleared, newest first.")]
    truncated: Truncated
