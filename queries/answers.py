"""The bodies of answers: what the read API sends as JSON and describes in OpenAPI, and the store gives alike.

Each is said once (docs/decisions/0041): its fields here, with their types and what they mean; the read API's document
and what a client takes for an answer follow from that.
"""

from typing import Annotated, Any, Final

from pydantic import Field
from typing_extensions import TypedDict  # what pydantic reads before Python 3.12

_ROWS: Final = [
    {"org": "metropolitan", "pillar": "PURSUE", "n": 6256},
    {"org": "metropolitan", "pillar": "PROTECT", "n": 802},
]
_LEAD: Final = {"type": "LEAD", "standing": "COUNTED"}

Positions = Annotated[dict[str, int], Field(examples=[{"0": 1204, "1": 1187}])]
Instant = Annotated[str, Field(examples=["2022-07-05T09:00:00.000Z"])]
PastInstant = Annotated[str, Field(examples=["2022-07-04T22:59:59.999Z"])]
Measure = Annotated[str, Field(description="The measure and its version.")]
NextPage = Annotated[str | None, Field(description="`after` of the next page; null at the end.")]
Truncated = Annotated[bool, Field(description="There are more than `rows` lists.", examples=[False])]
BalanceRow = dict[str, str | int]
CompareRow = dict[str, str | int | dict[str, int]]


class AccountRow(TypedDict):
    """Where a disruption stands, or a leg moved it: the balance that it is in."""

    organisation: Annotated[str, Field(examples=["kent"])]
    type: Annotated[str, Field(examples=["LEAD"])]
    pillar: Annotated[str, Field(examples=["PURSUE"])]
    kind: Annotated[str, Field(examples=["OCG"])]
    crime_type: Annotated[str, Field(examples=["DRUGS"])]
    category: Annotated[str, Field(examples=["MAJOR"])]
    event_date: Annotated[str, Field(examples=["2022-06-14"])]
    standing: Annotated[str, Field(examples=["COUNTED"])]


class BalanceAnswer(TypedDict):
    """A balance: its rows, and everything that is needed to get the same rows again."""

    rows: Annotated[list[BalanceRow], Field(description="Each dimension by its name, and `n`.", examples=[_ROWS])]
    position: Annotated[
        Positions,
        Field(
            description="Per partition, the first source offset not stored yet; the rows are those of just this "
            "position."
        ),
    ]
    as_at: Annotated[PastInstant, Field(description="As the record stood then (entry time).")]
    known_at: Annotated[Instant, Field(description="As the ledger knew it (append time).")]
    complete: Annotated[
        bool,
        Field(
            description="Nothing can come to it: as at and known at these instants, the answer is the same for ever."
        ),
    ]
    complete_through: Annotated[
        str | None,
        Field(
            description="Any `known_at` up to here is complete; null while the broker cannot be asked, or none is.",
            examples=["2022-07-05T09:00:00.000Z"],
        ),
    ]
    filters: Annotated[dict[str, Any], Field(examples=[_LEAD | {"org": "metropolitan"}])]
    measure: Measure


class MovementAnswer(TypedDict):
    """What the last seconds' entries changed in the counted balances, and how old the newest entry is."""

    rows: list[BalanceRow]
    seconds: Annotated[int, Field(description="How far back the movement goes.", examples=[300])]
    since: Annotated[
        str, Field(description="The ledger time from which it goes.", examples=["2022-07-05T08:55:00.000Z"])
    ]
    newest: Annotated[str | None, Field(description="Ledger time of the newest stored event; null when there is none.")]
    age_seconds: Annotated[float | None, Field(description="Seconds between that and this answer.", examples=[0.4])]


class ChangeAnswer(TypedDict):
    """The live balances that are others than at a cursor."""

    rows: Annotated[
        list[BalanceRow],
        Field(
            description="Each dimension by its name, `n` as it is now, and by how much it `moved`.",
            examples=[[{"org": "kent", "n": 381, "moved": -1}]],
        ),
    ]
    since: Annotated[str, Field(description="The cursor that was given.", examples=["7f3a90c1@0:1200,1:1187"])]
    cursor: Annotated[
        str,
        Field(
            description="The next `since`: these rows are of just this position.", examples=["7f3a90c1@0:1204,1:1187"]
        ),
    ]
    filters: Annotated[dict[str, Any], Field(examples=[_LEAD])]
    measure: Measure


class SpanAnswer(TypedDict):
    """From which event date to which there are disruptions that count."""

    rows: Annotated[
        list[dict[str, str]],
        Field(
            description="Each dimension by its name, `first` and `last`; none where nothing counts.",
            examples=[[{"org": "kent", "first": "2021-07-01", "last": "2022-06-30"}]],
        ),
    ]
    position: Positions
    filters: Annotated[dict[str, Any], Field(examples=[_LEAD])]


class PublicAnswer(TypedDict):
    """Counts for public release."""

    rows: Annotated[
        list[dict[str, Any]],
        Field(
            description="Each dimension by its name, and `n`: null where the cell is hidden.",
            examples=[[{"org": "kent", "pillar": "PREVENT", "n": None}]],
        ),
    ]
    hidden: Annotated[int, Field(description="How many of them are hidden.", examples=[3])]
    hidden_means: Annotated[str, Field(description="What a hidden cell is.")]
    as_at: PastInstant
    known_at: PastInstant
    complete: Annotated[bool, Field(description="The same question has this answer for ever.")]
    filters: dict[str, Any]
    measure: Annotated[str, Field(examples=["2026.1"])]


class StateAnswer(TypedDict):
    """A state of the record."""

    as_at: Annotated[PastInstant, Field(description="As the record stood then (entry time).")]
    known_at: Annotated[Instant, Field(description="As the ledger knew it (append time).")]
    complete: Annotated[bool, Field(description="Nothing can come to it.")]


class CompareAnswer(TypedDict):
    """Then beside now."""

    rows: Annotated[
        list[CompareRow],
        Field(
            description="Each dimension by its name, `then`, `now`, `difference`, and the `causes` that sum to it.",
            examples=[[{"org": "kent", "then": 381, "now": 385, "difference": 4, "causes": {"ENTERED_LATE": 4}}]],
        ),
    ]
    then: StateAnswer
    now: StateAnswer
    position: Annotated[Positions, Field(description="All of it stands on just this position.")]
    complete: Annotated[bool, Field(description="Nothing can come to either state.")]
    complete_through: Annotated[
        str | None, Field(description="Any state known by here is complete; null while none is.")
    ]
    filters: Annotated[dict[str, Any], Field(examples=[_LEAD | {"org": "metropolitan"}])]
    measure: Measure


class MoveRow(AccountRow):
    """One disruption that came into the count or left it, with the account that it came into, or else left."""

    disruption_id: Annotated[str, Field(examples=["KENT/2022/000381"])]
    threat_id: str
    cause: Annotated[str, Field(examples=["ENTERED_LATE"])]
    net: Annotated[int, Field(description="1 where it came, -1 where it left.", examples=[1])]
    moved_at: Annotated[
        str | None, Field(description="Entry instant from which it has; null where it was learnt late.")
    ]


class MoveAnswer(TypedDict):
    """The disruptions that a difference is made of."""

    rows: Annotated[list[MoveRow], Field(description="The first of them, by entry instant.")]
    total: Annotated[int, Field(description="How many there are, listed or not.", examples=[12])]
    difference: Annotated[
        int, Field(description="What all of them sum to: the cell's count of the cause.", examples=[4])
    ]
    position: Positions
    filters: Annotated[dict[str, Any], Field(examples=[{"type": "LEAD", "cause": "ENTERED_LATE", "org": "kent"}])]
