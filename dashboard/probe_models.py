"""The bodies of what machines ask of the process, and of what must hold, as OpenAPI documents them."""

from pydantic import BaseModel, Field

from dashboard.response_models import POSITION_EXAMPLE, PartTrouble


class Probe(BaseModel):
    """Whether this process lives, or may be asked."""

    status: str = Field(description="`ok`, or `failing`.", examples=["ok"])
    troubles: list[PartTrouble] = Field(description="Why not, and what to do; empty when it is.")


class BreachPlace(BaseModel):
    """Where an invariant is broken: `/v1/stored/postings` opens it by these."""

    partition: int = Field(description="Partition of `soc.published`.", examples=[3])
    offset: int = Field(description="Source offset there.", examples=[1187])


class InvariantState(BaseModel):
    """One thing that must hold, and where it does not."""

    name: str = Field(examples=["ONE_ACCOUNT"])
    meaning: str = Field(examples=["a disruption stands in at most one account, and in none less than no times"])
    breaches: int = Field(description="How many there are; 0 where it holds.", examples=[0])
    places: list[BreachPlace] = Field(description="The first of them, where they have one.")
    remedy: str | None = Field(description="What to do; null where it holds.")


class InvariantBody(BaseModel):
    """What must hold of everything that is served, and whether it does."""

    status: str = Field(description="`ok`, `breached`, or `unknown` before the first look.", examples=["ok"])
    checked_at: str | None = Field(description="When it was last looked at.", examples=["2022-07-05T09:00:00.000Z"])
    position: dict[str, int] = Field(description="The moment of the store looked at.", examples=[POSITION_EXAMPLE])
    whole: bool = Field(description="Whether every partition has been looked at since the start.")
    seconds: float = Field(description="How long the newest look took.", examples=[0.1])
    trouble: str | None = Field(description="Why it could not be looked at; null where it could.")
    invariants: list[InvariantState]
