"""Questions that put the record of then beside the record of now.

``then`` and ``now`` are instants of both clocks: as at, and as known at. ``then_as_at`` and ``then_known_at`` (and the
same of ``now``) give one clock apart; a clock that no field gives is not bounded. Without any, ``now`` is live.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Self

from ledger.instants import format_instant
from methodology.causes import CAUSE_SENTENCES
from queries.answer import read_clock
from queries.answers import CompareAnswer, MoveAnswer
from queries.balance_queries import DisruptionSum, hold_one_recorder, take_sum_fields
from queries.errors import WrongField, choose_field
from queries.listed_queries import RecordsQuery, take_cell, take_region
from queries.period_query import hold_period
from queries.query import Query, WrittenFields

LIVE: Final = "the record as it is now"
MOVES_USUALLY: Final = 200
MOVES_MOST: Final = 10_000
_CAUSES: Final = {one.value: "" for one in CAUSE_SENTENCES}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordState:
    """A state of the record: what had been entered by ``as_at`` and learnt by ``known_at``; None bounds nothing."""

    as_at: datetime | None = None
    known_at: datetime | None = None

    @property
    def instant(self) -> datetime | None:
        """The instant that "by then" means: by the recorders' clocks where it is bounded, else by the ledger's."""
        return self.as_at or self.known_at

    def list_fields(self, name: str) -> dict[str, datetime]:
        """List the instants that it is given by, as ``then_as_at`` and ``then_known_at``."""
        given = {f"{name}_as_at": self.as_at, f"{name}_known_at": self.known_at}
        return {field: one for field, one in given.items() if one is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareQuery(DisruptionSum[CompareAnswer]):
    """The disruptions of a period that counted then, those that count now, and the difference by cause.

    Args:
        region: of the organisations of one region alone, by its name; None for all, or where ``org`` is given.
    """

    PATH: ClassVar[str] = "compare"

    start: date
    end: date
    then: RecordState
    now: RecordState = RecordState()
    region: str | None = None

    def __post_init__(self) -> None:
        """Refuse a period that is none, a then that is none, a then that comes after now, and two recorders at once."""
        hold_period(self.start, self.end)
        hold_one_recorder(self.org, self.region)
        hold_order(self.then, self.now)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            start=fields.take_day("from"),
            end=fields.take_day("to"),
            then=take_state(fields, "then"),
            now=take_state(fields, "now"),
            region=take_region(fields),
            **take_sum_fields(fields),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveQuery(Query[MoveAnswer]):
    """Which disruptions a difference is made of: the first of those that a cause brought into a cell or took out.

    Args:
        cell: the records among which it looks: they count, in the period, and so on.
        cause: one cause; None for every one.
    """

    PATH: ClassVar[str] = "compare/moves"

    cell: RecordsQuery
    then: RecordState
    now: RecordState = RecordState()
    cause: str | None = None

    def __post_init__(self) -> None:
        """Refuse states as ``CompareQuery`` does."""
        hold_order(self.then, self.now)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        cause = fields.take_text("cause")
        return cls(
            cell=RecordsQuery(limit=fields.take_whole("limit", MOVES_MOST, MOVES_USUALLY), **take_cell(fields)),
            then=take_state(fields, "then"),
            now=take_state(fields, "now"),
            cause=None if cause is None else choose_field("cause", cause, _CAUSES),
        )


def hold_order(then: RecordState, now: RecordState) -> None:
    """Refuse a then that is none, or that comes after now by a clock. Raises WrongField."""
    if then.instant is None:
        raise WrongField("then", "it is missing: say as at which instant, such as 2022-07-04")
    for clock, early, late in (("as_at", then.as_at, now.as_at), ("known_at", then.known_at, now.known_at)):
        if late is not None and (early is None or early > late):
            shown = LIVE if early is None else format_instant(early)
            sentence = f"then ({shown}) comes after now ({format_instant(late)}) by this clock: give an earlier one"
            raise WrongField(f"then_{clock}", sentence)


def hold_past(then: RecordState, now: RecordState) -> None:
    """Refuse states that are still to come. Raises WrongField: names the field."""
    refuse_future(then.list_fields("then") | now.list_fields("now"))


def refuse_future(instants: Mapping[str, datetime]) -> None:
    """Refuse instants that are still to come, by the names of their fields. Raises WrongField."""
    clock = read_clock()
    for field, instant in instants.items():
        if instant > clock:
            sentence = f"{format_instant(instant)} is still to come: give an instant that is past, or none for live"
            raise WrongField(field, sentence)


def take_state(fields: WrittenFields, name: str) -> RecordState:
    """Take a state of the record by both clocks, or by each apart. Raises WrongField."""
    both = fields.take_instant(name)
    as_at, known_at = fields.take_instant(f"{name}_as_at"), fields.take_instant(f"{name}_known_at")
    return RecordState(as_at=as_at or both, known_at=known_at or both)
