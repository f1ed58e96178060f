"""Questions about single records, and about how far and how well the ledger goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Self

from ledger.vocabulary import Code
from queries.cursor import OFFSET_MAX
from queries.errors import WrongField, choose_field
from queries.health_answers import HealthAnswer, InvariantAnswer, PositionAnswer, UnloadableAnswer
from queries.keyset import parse_position
from queries.parsing import REFERENCE, parse_offset, parse_reference
from queries.query import AnswerT_co, Query, WrittenFields
from queries.record_answers import AssessmentsAnswer, EntryAnswer, RejectionAnswer, RejectionDeskAnswer, StoryAnswer

LISTED_MOST: Final = 100_000
LISTED_USUALLY: Final = 10_000
DESK_USUALLY: Final = 50
TABLES: Final = ("entries", "postings", "threat_postings", "rejected")
CLOSINGS: Final = "closings"
PARTITION_LAST: Final = 2**31 - 1
_CODES: Final = dict.fromkeys((one.value for one in Code), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionSearch(Query[AnswerT_co]):
    """What rejected events are asked for by.

    Args:
        org: who recorded it, as the event's source says; not only organisations that there are.
        event_id: as the event has it.
        reference: of the disruption or the threat that it names.
        known_at: those that the ledger had learnt of by then.
        after: the position of the last one that was listed before.
    """

    USUALLY: ClassVar[int] = LISTED_USUALLY

    code: str | None = None
    org: str | None = None
    event_id: str | None = None
    reference: str | None = None
    known_at: datetime | None = None
    after: tuple[int, int] | None = None
    limit: int = LISTED_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        code, limit = fields.take_text("code"), fields.take_whole("limit", LISTED_MOST, cls.USUALLY)
        after = fields.take_text("after")
        return cls(
            code=None if code is None else choose_field("code", code, _CODES),
            limit=limit,
            after=None if after is None else parse_position(after, "after"),
            org=fields.take_text("org"),
            event_id=fields.take_text("event_id"),
            reference=fields.take_text("reference"),
            known_at=fields.take_instant("known_at"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionQuery(RejectionSearch[RejectionAnswer]):
    """The events that intake rejected: the first ``limit`` in the order of positions, and how many there are."""

    PATH: ClassVar[str] = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionDeskQuery(RejectionSearch[RejectionDeskAnswer]):
    """The same for who mends them: the newest first, by code and recorder, and which were answered since."""

    PATH: ClassVar[str] = "refusals"

    USUALLY: ClassVar[int] = DESK_USUALLY


@dataclass(frozen=True, slots=True, kw_only=True)
class UnloadableQuery(Query[UnloadableAnswer]):
    """The records of the output topics that the store did not take."""

    PATH: ClassVar[str] = "unloadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionQuery(Query[StoryAnswer]):
    """One disruption's story.

    Args:
        reference: as the ledger keeps it.
        as_written: as the asker wrote it; rejected events may name it so.
    """

    PATH: ClassVar[str] = "disruptions"

    reference: str
    as_written: str

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        written = fields.take_needed(REFERENCE)
        return cls(reference=parse_reference(written), as_written=written)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentsQuery(Query[AssessmentsAnswer]):
    """Where the assessments of one threat lie: the entries of its own events."""

    PATH: ClassVar[str] = "threats/assessments"

    threat_id: str

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(threat_id=fields.take_needed("threat_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceQuery(Query[AnswerT_co]):
    """A question about one record of a topic, by its place."""

    partition: int
    offset: int

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            partition=parse_offset(fields.take_needed("partition"), "partition", PARTITION_LAST),
            offset=parse_offset(fields.take_needed("offset"), "offset", OFFSET_MAX),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery(PlaceQuery[EntryAnswer]):
    """What became of one position of ``soc.published``, with the event as it was sent."""

    PATH: ClassVar[str] = "entries"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesQuery(Query[list[EntryAnswer]]):
    """The same of several positions at once, in their order; pages alone ask it, of positions that are stored."""

    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionQuery(Query[PositionAnswer]):
    """How far the store has come, beside how far has been published."""

    PATH: ClassVar[str] = "positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthQuery(Query[HealthAnswer]):
    """Whether all of it works, and what to do where it does not."""

    PATH: ClassVar[str] = "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvariantQuery(Query[InvariantAnswer]):
    """Whether what must hold of everything that is served does, and where it does not."""

    PATH: ClassVar[str] = "invariants"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRowsQuery:
    """The stored rows of a table whose source position lies in a range, both offsets included; None bounds nothing.

    Its answer is lines of JSON, handed out as they are read; ``packed``, all of it as one file of Avro.
    """

    table: str
    partition: int | None = None
    threat_id: str | None = None
    first: int | None = None
    last: int | None = None
    packed: bool = False

    def __post_init__(self) -> None:
        """Refuse a table that is none of those, and a range that is none."""
        bounds = {self.partition, self.first, self.last}
        if self.packed and (self.table == CLOSINGS or None in bounds or self.threat_id is not None):
            raise WrongField("packed", "give a table of rows, partition, first and last: a range is packed as a whole")
        choose_field("table", self.table, dict.fromkeys((*TABLES, CLOSINGS), ""))
        asked = (self.partition, self.threat_id, self.first, self.last)
        if self.table == CLOSINGS and asked != (None, None, None, None):
            raise WrongField("table", "closings are of all partitions: ask without partition, threat and offsets")
        if self.last is not None and self.first is not None and self.last < self.first:
            raise WrongField("first", f"it ({self.first}) is after last ({self.last})")

    @property
    def path(self) -> str:
        """Where the read API answers it, under ``/v1/``."""
        return f"stored/{self.table}"

    @property
    def filters(self) -> dict[str, str]:
        """The bounds that are given, as the read API takes them."""
        named = {"partition": self.partition, "threat_id": self.threat_id, "first": self.first, "last": self.last}
        given = {name: str(value) for name, value in named.items() if value is not None}
        return given | {"packed": "true"} if self.packed else given
