"""The bodies of the read API, as OpenAPI documents them."""

from typing import Any

from pydantic import BaseModel, Field

_ROWS = [{"org": "metropolitan", "pillar": "PURSUE", "n": 6256}, {"org": "metropolitan", "pillar": "PROTECT", "n": 802}]
POSITION_EXAMPLE = {"0": 1204, "1": 1187}


class BalanceBody(BaseModel):
    """A balance: its rows, and everything that is needed to get the same rows again."""

    rows: list[dict[str, str | int]] = Field(description="Each dimension by its name, and `n`.", examples=[_ROWS])
    position: dict[str, int] = Field(
        description="Per partition, the first source offset not stored yet; the rows are those of just this position.",
        examples=[POSITION_EXAMPLE],
    )
    as_at: str = Field(description="As the record stood then (entry time).", examples=["2022-07-04T22:59:59.999Z"])
    known_at: str = Field(description="As the ledger knew it (append time).", examples=["2022-07-05T09:00:00.000Z"])
    complete: bool = Field(
        description="Nothing can come to it: as at and known at these instants, the answer is the same for ever."
    )
    complete_through: str | None = Field(
        description="Any `known_at` up to here is complete; null while the broker cannot be asked, or none is.",
        examples=["2022-07-05T09:00:00.000Z"],
    )
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED", "org": "metropolitan"}])
    measure: str = Field(description="The measure and its version.")


class MovementBody(BaseModel):
    """What the last seconds' entries changed in the counted balances."""

    rows: list[dict[str, str | int]]
    seconds: int = Field(description="How far back the movement goes.", examples=[300])
    since: str = Field(description="The ledger time from which it goes.", examples=["2022-07-05T08:55:00.000Z"])
    newest: str | None = Field(description="Ledger time of the newest stored event; null when there is none.")
    age_seconds: float | None = Field(description="Seconds between that and this answer.", examples=[0.4])


class Changes(BaseModel):
    """The live balances that are others than at a cursor."""

    rows: list[dict[str, str | int]] = Field(
        description="Each dimension by its name, `n` as it is now, and by how much it `moved`.",
        examples=[[{"org": "kent", "n": 381, "moved": -1}]],
    )
    since: str = Field(description="The cursor that was given.", examples=["7f3a90c1@0:1200,1:1187"])
    cursor: str = Field(
        description="The next `since`: these rows are of just this position.", examples=["7f3a90c1@0:1204,1:1187"]
    )
    filters: dict[str, Any] = Field(examples=[{"type": "LEAD", "standing": "COUNTED"}])
    measure: str = Field(description="The measure and its version.")


class AccountBody(BaseModel):
    """Where a disruption stands, or a leg moved it: the balance that it is in."""

    organisation: str = Field(examples=["kent"])
    type: str = Field(examples=["LEAD"])
    pillar: str = Field(examples=["PURSUE"])
    kind: str = Field(examples=["OCG"])
    crime_type: str = Field(examples=["DRUGS"])
    category: str = Field(examples=["MAJOR"])
    event_date: str = Field(examples=["2022-06-14"])
    standing: str = Field(examples=["COUNTED"])


class IntakeRejection(BaseModel):
    """An event that intake rejected."""

    event_id: str | None = Field(description="Null when the event could not be decoded.")
    code: str = Field(examples=["SUPPORT_BY_FORCE"])
    message: str = Field(description="What to do about it; never a value of the record.")
    partition: int
    offset: int
    original_size: int | None = Field(description="Bytes of the original, where it is not kept.", examples=[None])
    original_digest: str | None = Field(description="SHA-256 of the original, where it is not kept.", examples=[None])


class IntakeRejections(BaseModel):
    """Rejections in the order of their positions, and how many there are."""

    rows: list[IntakeRejection] = Field(description="The first `limit` of them.")
    codes: dict[str, int] = Field(
        description="How many there are of each code, listed or not, most first.", examples=[{"MISROUTED": 12}]
    )
    truncated: bool = Field(description="There are more than `rows` lists.", examples=[False])
    position: dict[str, int] = Field(examples=[POSITION_EXAMPLE])


class EntryBody(BaseModel):
    """One version of a disruption as it was admitted, or a resend of one."""

    threat_id: str
    version: int
    verdict: str = Field(examples=["ADMITTED"])
    event_id: str
    organisation: str
    entered_at: str = Field(examples=["2022-06-15T08:05:00.000Z"])
    ledger_time: str = Field(examples=["2022-06-15T08:05:01.250Z"])
    partition: int
    offset: int
    rules_version: str = Field(description="Version of the rules that judged it.", examples=["2026.1"])
    rules_digest: str = Field(description="SHA-256 of those rules.")
    software: str = Field(description="Name and version of the software that judged it.")


class StoredLeg(AccountBody):
    """One leg: which account it moved by one, and which event made it."""

    threat_id: str
    sign: int = Field(description="1 or -1.", examples=[1])
    entered_at: str = Field(examples=["2022-06-15T08:05:00.000Z"])
    ledger_time: str = Field(examples=["2022-06-15T08:05:01.250Z"])
    partition: int
    offset: int
    leg: int
    event_id: str


class NamedRejection(IntakeRejection):
    """A rejected event that names the disruption."""

    ledger_time: str = Field(examples=["2022-06-15T08:05:01.250Z"])
    threat_id: str | None


class UnderThreat(BaseModel):
    """What lies under one threat; the same reference under two threats is two disruptions."""

    threat_id: str
    entries: list[EntryBody] = Field(description="Its versions, resends included, with their positions.")
    postings: list[StoredLeg] = Field(description="Each leg: sign, account, instants, and the position behind it.")
    stands_in: list[AccountBody] = Field(description="The accounts whose legs do not cancel; none once withdrawn.")


class StoryBody(BaseModel):
    """One disruption's story."""

    disruption_id: str = Field(description="The reference as the ledger keeps it.", examples=["KENT/2022/000381"])
    position: dict[str, int]
    threats: list[UnderThreat]
    refusals: list[NamedRejection] = Field(description="Rejected events that name it.")


class SetAside(BaseModel):
    """Where such a record lies, and why it was not taken."""

    topic: str = Field(examples=["soc.entries"])
    partition: int
    offset: int
    reason: str
    quarantined_at: str = Field(examples=["2022-07-04T22:59:59.999Z"])


class Unloadable(BaseModel):
    """Records of the output topics that the store did not take."""

    rows: list[SetAside] = Field(description="The first of them, in the order of topics and offsets.")
    total: int = Field(description="How many there are, listed or not.", examples=[3])
    truncated: bool = Field(description="There are more than `rows` lists.", examples=[False])


class LoadedAgainBody(BaseModel):
    """What came of loading them again."""

    loaded: int = Field(description="Records that are stored now.", examples=[3])
    left: int = Field(description="Records that the store still does not take.", examples=[0])


class PositionBody(BaseModel):
    """How far the store has come, beside how far has been published."""

    stored: dict[str, int] = Field(examples=[POSITION_EXAMPLE])
    published: dict[str, int] = Field(
        description="Past the last record that can be read; equal to `stored` when all of it is stored.",
        examples=[POSITION_EXAMPLE],
    )
    undecided: dict[str, int] = Field(
        description="Partitions with an open transaction, and where it begins: nothing from there on is published yet.",
        examples=[{}],
    )


class TroubleFound(BaseModel):
    """Something that somebody should look at."""

    what: str = Field(examples=["the snapshot of partition 3 cannot be written (database or disk is full)"])
    remedy: str = Field(description="What to do about it; more in docs/operating.md.")


class PartTrouble(TroubleFound):
    """The same, with the part that has it."""

    part: str = Field(description="A part by its name, or `disk`, `loader`, `intake`, `broker`, `store`, `registry`.")


class LastEnd(BaseModel):
    """How a part's process ended last."""

    at: str
    why: str = Field(description="What it said, or the signal or exit code.", examples=["killed by SIGKILL ..."])


class PartHealth(BaseModel):
    """One process of the ledger."""

    name: str = Field(examples=["worker-1"])
    state: str = Field(
        description="`starting`, `taking` (partitions), `working`, `waiting` (for the world), `silent` (it hangs), "
        "`restarting`, `stopped`."
    )
    troubles: list[TroubleFound]
    restarts: int = Field(description="How often `up` has started it again.")
    since: str | None = Field(description="Start of its present process, or its end.")
    last_end: LastEnd | None = Field(description="Null when it has never ended.")


class ClockAhead(BaseModel):
    """How far this machine's clock is ahead of the brokers', by what was appended in the last minutes; below 0: behind.

    Between the two. Above the margin of completeness, `least_ahead` is a trouble.
    """

    least_ahead: float = Field(description="Seconds.", examples=[-0.2])
    most_ahead: float = Field(description="Seconds.", examples=[0.4])


class Health(BaseModel):
    """Whether all of it works, and what to do where it does not."""

    status: str = Field(description="`ok`, or `degraded` when there is any trouble.", examples=["ok"])
    loader: str = Field(description="`starting`, `loading`, `waiting`, `stopped`; `elsewhere`: not in this process.")
    unloadable: int = Field(description="Records of the output topics that could not be stored.", examples=[0])
    trouble: str | None = Field(description="What the loader waits for.")
    lag: int | None = Field(
        description="Published events not stored yet, as of two seconds ago; null when broker or store is away.",
        examples=[0],
    )
    clock: ClockAhead | None = Field(description="Null while nothing came in the last minutes that shows it.")
    parts: list[PartHealth] = Field(description="What runs on this state directory; `up` knows all of its own.")
    troubles: list[PartTrouble] = Field(description="Every trouble there is; empty when `status` is `ok`.")


class Problem(BaseModel):
    """Problem details (RFC 9457) of a question that could not be answered."""

    type: str = "about:blank"
    title: str = Field(examples=["Misuse"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["from: '2022' is not a date; write it as 2022-06-30"])
    field: str | None = Field(default=None, description="The parameter at fault, where one is.", examples=["from"])
