"""The bodies of the read API, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

_ROWS = [{"org": "metropolitan", "pillar": "PURSUE", "n": 6256}, {"org": "metropolitan", "pillar": "PROTECT", "n": 802}]
_POSITION = {"0": 1204, "1": 1187}


class Answer(BaseModel):
    """A balance: its rows, and everything that is needed to get the same rows again."""

    rows: list[dict[str, str | int]] = Field(description="Each dimension by its name, and `n`.", examples=[_ROWS])
    position: dict[str, int] = Field(
        description="Per partition, the first source offset not stored yet.", examples=[_POSITION]
    )
    as_at: str = Field(description="As the record stood then (entry time).", examples=["2022-07-04T22:59:59.999Z"])
    known_at: str = Field(description="As the ledger knew it (append time).", examples=["2022-07-05T09:00:00.000Z"])
    complete: bool = Field(description="All that was published by `known_at` is stored: the answer is for ever.")
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED", "org": "metropolitan"}])
    measure: str = Field(description="The measure and its version.")


class Movement(BaseModel):
    """What the last seconds' entries changed in the counted balances."""

    rows: list[dict[str, str | int]]
    seconds: int = Field(description="How far back the movement goes.", examples=[300])
    newest: str | None = Field(description="Append time of the newest stored event; null when there is none.")
    age_seconds: float | None = Field(description="Seconds between that and this answer.", examples=[0.4])


class Refusal(BaseModel):
    """An event that intake refused."""

    event_id: str | None = Field(description="Null when the event could not be decoded.")
    code: str = Field(examples=["SUPPORT_BY_FORCE"])
    message: str = Field(description="What to do about it; never a value of the record.")
    partition: int
    offset: int


class Refusals(BaseModel):
    """All refusals, in the order of their positions."""

    rows: list[Refusal]
    position: dict[str, int]


class UnderThreat(BaseModel):
    """What lies under one threat; the same reference under two threats is two disruptions."""

    threat_id: str
    entries: list[dict[str, Any]] = Field(description="Its versions, resends included, with their positions.")
    postings: list[dict[str, Any]] = Field(description="Each leg: sign, account, instants, and the position behind it.")
    stands_in: list[dict[str, Any]] = Field(
        description="The accounts whose legs do not cancel; none once withdrawn.",
        examples=[[{"organisation": "kent", "type": "LEAD", "pillar": "PURSUE", "standing": "COUNTED"}]],
    )


class Story(BaseModel):
    """One disruption's story."""

    disruption_id: str
    position: dict[str, int]
    threats: list[UnderThreat]
    refusals: list[dict[str, Any]] = Field(description="Refused events that name it.")


class Positions(BaseModel):
    """How far the store has come, beside how far has been published."""

    stored: dict[str, int] = Field(examples=[_POSITION])
    published: dict[str, int] = Field(examples=[_POSITION])


class Health(BaseModel):
    """Whether the loader runs and keeps up."""

    status: str = Field(description="`ok` or `degraded`.", examples=["ok"])
    loader: str = Field(description="`starting`, `loading`, `waiting`, `stopped`; `elsewhere`: not in this process.")
    unloadable: int = Field(description="Records of the output topics that could not be stored.", examples=[0])
    trouble: str | None = Field(description="What the loader waits for.")
    lag: int | None = Field(description="Published events not stored yet; null when the broker is away.", examples=[0])


class Problem(BaseModel):
    """Problem details (RFC 9457) of a question that could not be answered."""

    type: str = "about:blank"
    title: str = Field(examples=["Misuse"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["--from: '2022' is not a date; write it as 2022-06-30"])
