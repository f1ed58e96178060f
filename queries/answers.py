"""The bodies of answers, by their fields: what the read API sends as JSON, and the store gives alike."""

from typing import Any, TypedDict

Positions = dict[str, int]
BalanceRow = dict[str, str | int]


class BalanceAnswer(TypedDict):
    """Counts by dimension, and everything needed to get them again."""

    rows: list[BalanceRow]
    position: Positions
    as_at: str
    known_at: str
    complete: bool
    complete_through: str | None
    filters: dict[str, Any]
    measure: str


class RecordsAnswer(TypedDict):
    """A page of the records behind a figure, the figure (``total``), and where the ``next`` page goes on."""

    rows: list[dict[str, Any]]
    total: int
    next: str | None
    position: Positions
    as_at: str
    known_at: str
    complete: bool
    complete_through: str | None
    filters: dict[str, Any]
    measure: str


class MovementAnswer(TypedDict):
    """By how much counts moved in the last seconds, and how old the newest entry is."""

    rows: list[BalanceRow]
    seconds: int
    since: str
    newest: str | None
    age_seconds: float | None


class ChangeAnswer(TypedDict):
    """The cells whose count is another than at ``since``: ``n`` now, and by how much it ``moved``."""

    rows: list[BalanceRow]
    since: str
    cursor: str
    filters: dict[str, Any]
    measure: str


CompareRow = dict[str, str | int | dict[str, int]]


class StateAnswer(TypedDict):
    """A state of the record: by which instants, and whether it is the same for ever."""

    as_at: str
    known_at: str
    complete: bool


class CompareAnswer(TypedDict):
    """The cells of a comparison: ``then``, ``now``, their ``difference``, and the ``causes`` that sum to it."""

    rows: list[CompareRow]
    then: StateAnswer
    now: StateAnswer
    position: Positions
    complete: bool
    complete_through: str | None
    filters: dict[str, Any]
    measure: str


class SpanAnswer(TypedDict):
    """The ``first`` and the ``last`` event date of what counts, by dimension; no row where nothing does."""

    rows: list[BalanceRow]
    position: Positions
    filters: dict[str, Any]


class RecentAnswer(TypedDict):
    """The entries that the ledger admitted last, newest first."""

    rows: list[dict[str, Any]]
    position: Positions


class MoveAnswer(TypedDict):
    """Disruptions that came into a cell (``net`` 1) or left it (-1), how many in all, and what they sum to."""

    rows: list[dict[str, Any]]
    total: int
    difference: int
    position: Positions
    filters: dict[str, Any]


class RejectionAnswer(TypedDict):
    """Rejected events in the order of positions, how many there are of each code, and whether more exist."""

    rows: list[dict[str, Any]]
    codes: dict[str, int]
    truncated: bool
    position: Positions


class RejectionDeskAnswer(TypedDict):
    """Rejected events, the newest first, how many there are in all and by code and recorder, and where to go on.

    ``answered_by`` of a row are the positions of the events that were sent in its place.
    """

    rows: list[dict[str, Any]]
    total: int
    groups: list[dict[str, Any]]
    next: str | None
    position: Positions


class UnloadableAnswer(TypedDict):
    """Records of the output topics that the store did not take, and how many there are."""

    rows: list[dict[str, Any]]
    total: int
    truncated: bool


class LoadedAgainAnswer(TypedDict):
    """How many of them were loaded, and how many are left."""

    loaded: int
    left: int


class StoryAnswer(TypedDict):
    """One disruption, per threat that its reference lives under, and the rejected events that name it."""

    disruption_id: str
    threats: list[dict[str, Any]]
    refusals: list[dict[str, Any]]
    position: Positions


class AssessmentsAnswer(TypedDict):
    """Positions, instants and versions of a threat's own events, in the order of positions."""

    rows: list[dict[str, Any]]
    position: Positions


class EntryAnswer(TypedDict):
    """What became of one published event, and the event as it was sent.

    ``outcome`` is a verdict, or ``REFUSED`` with its ``code`` and ``message``; ``fields`` are as the schema that wrote
    them has them, null where they cannot be read, and then ``unreadable`` says why. Bytes are hexadecimal.
    """

    partition: int
    offset: int
    outcome: str
    ledger_time: str
    code: str | None
    message: str | None
    record: str | None
    event_id: str | None
    threat_id: str | None
    disruption_id: str | None
    version: int | None
    rules_version: str
    rules_digest: str
    schema_fingerprint: str | None
    software: str
    headers: list[dict[str, Any]]
    fields: dict[str, Any] | None
    unreadable: str | None
    key: str | None
    value: str | None
    original_size: int | None
    original_digest: str | None
    postings: list[dict[str, Any]]


class PositionAnswer(TypedDict):
    """How far is stored, how far published, and where open transactions begin."""

    stored: Positions
    published: Positions
    undecided: Positions


class InvariantAnswer(TypedDict):
    """What must hold of everything that is served, whether it does, and how far that was looked at."""

    status: str
    checked_at: str | None
    position: Positions
    whole: bool
    seconds: float
    trouble: str | None
    invariants: list[dict[str, Any]]


class ClockAnswer(TypedDict):
    """How far this machine's clock is ahead of the brokers', in seconds: between these two."""

    least_ahead: float
    most_ahead: float


class HealthAnswer(TypedDict):
    """Whether all of it works, and every trouble with what to do about it."""

    status: str
    loader: str
    unloadable: int
    trouble: str | None
    lag: int | None
    clock: ClockAnswer | None
    parts: list[dict[str, Any]]
    troubles: list[dict[str, str]]
