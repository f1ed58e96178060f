"""Questions whose answer is a balance, or how balances moved. Lead and support are never added."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Self, TypedDict

from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS
from queries.answers import BalanceAnswer, ChangeAnswer, MovementAnswer
from queries.choices import choose_dimensions, choose_organisation, choose_standing, choose_type
from queries.cursor import Cursor
from queries.errors import WrongField
from queries.period_query import hold_period, take_period
from queries.query import AnswerT_co, Query, WrittenFields

SECONDS_MOST: Final = 86_400
SECONDS_USUALLY: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionSum(Query[AnswerT_co]):
    """What every sum of disruptions is asked by.

    Args:
        by: the dimensions, by name.
        org: one recording organisation, by its code; None for all.
        type: ``lead`` or ``support``; None for lead, or for both apart where ``type`` is a dimension.
    """

    by: tuple[str, ...] = ()
    org: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountQuery(DisruptionSum[BalanceAnswer]):
    """Live balances of the disruptions that count."""

    PATH: ClassVar[str] = "counts"

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(**take_sum_fields(fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractQuery(DisruptionSum[BalanceAnswer]):
    """The disruptions of a period, both days included, as at an instant: the same answer for ever once complete."""

    PATH: ClassVar[str] = "extract"

    start: date
    end: date
    as_at: datetime | None = None
    known_at: datetime | None = None
    standing: str | None = None

    def __post_init__(self) -> None:
        """Refuse a period that is none."""
        hold_period(self.start, self.end)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            **take_period(fields),
            **take_sum_fields(fields),
            standing=take_standing(fields),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatQuery(Query[BalanceAnswer]):
    """The threat count of rule 8."""

    PATH: ClassVar[str] = "threats"

    by: tuple[str, ...] = ()
    org: str | None = None
    as_at: datetime | None = None
    known_at: datetime | None = None

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        by = fields.take_names("by")
        choose_dimensions(by, THREAT_DIMENSIONS)
        return cls(
            by=by,
            org=take_organisation(fields),
            as_at=fields.take_instant("as_at"),
            known_at=fields.take_instant("known_at"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementQuery(DisruptionSum[MovementAnswer]):
    """By how much the counted balances moved through what the ledger learnt in the last ``seconds``, or later."""

    PATH: ClassVar[str] = "movement"

    seconds: float = SECONDS_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(**take_sum_fields(fields), seconds=fields.take_whole("seconds", SECONDS_MOST, SECONDS_USUALLY))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuery(DisruptionSum[ChangeAnswer]):
    """Which live balances have another value than at a cursor, and which they have now."""

    PATH: ClassVar[str] = "changes"

    since: Cursor

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(since=fields.take_cursor("since"), **take_sum_fields(fields))


class SumFields(TypedDict):
    """The fields that every ``DisruptionSum`` has."""

    by: tuple[str, ...]
    org: str | None
    type: str | None


def take_sum_fields(fields: WrittenFields) -> SumFields:
    """Take what every sum of disruptions is asked by. Raises WrongField."""
    by = fields.take_names("by")
    choose_dimensions(by, DIMENSIONS)
    return {"by": by, "org": take_organisation(fields), "type": take_type(fields, by)}


def take_organisation(fields: WrittenFields) -> str | None:
    """Take an organisation, where one was given. Raises WrongField."""
    asked = fields.take_text("org")
    return None if asked is None else choose_organisation(asked)


def hold_one_recorder(org: str | None, region: str | None) -> None:
    """Refuse an organisation and a region at once. Raises WrongField."""
    if org is not None and region is not None:
        raise WrongField("region", "an organisation is asked for already; give one of the two")


def take_type(fields: WrittenFields, by: tuple[str, ...]) -> str | None:
    """Take the type as it was asked for. Raises WrongField."""
    asked = fields.take_text("type")
    choose_type(asked, by)
    return asked


def take_standing(fields: WrittenFields) -> str | None:
    """Take the standing as it was asked for. Raises WrongField."""
    asked = fields.take_text("standing")
    choose_standing(asked)
    return asked
