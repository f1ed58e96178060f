"""Questions that put the record of then beside the record of now.

``then`` and ``now`` are instants of both clocks: as at, and as known at. ``then_as_at`` and ``then_known_at`` (and the
same of ``now``) give one clock apart; a clock that no field gives is not bounded. Without any, ``now`` is live.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Self

from ledger.instants import format_instant
from queries.answers import CompareAnswer
from queries.balance_queries import DisruptionSum, hold_period, take_sum_fields
from queries.errors import WrongField
from queries.query import WrittenFields

LIVE = "the record as it is now"


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
    """The disruptions of a period that counted then, those that count now, and the difference by cause."""

    PATH: ClassVar[str] = "compare"

    start: date
    end: date
    then: RecordState
    now: RecordState = RecordState()

    def __post_init__(self) -> None:
        """Refuse a period that is none, a then that is none, and a then that comes after now."""
        hold_period(self.start, self.end)
        if self.then.instant is None:
            raise WrongField("then", "it is missing: say as at which instant, such as 2022-07-04")
        later = {"as_at": (self.then.as_at, self.now.as_at), "known_at": (self.then.known_at, self.now.known_at)}
        for clock, (then, now) in later.items():
            if now is not None and (then is None or then > now):
                shown = LIVE if then is None else format_instant(then)
                raise WrongField(
                    f"then_{clock}",
                    f"then ({shown}) comes after now ({format_instant(now)}) by this clock: give an earlier one",
                )

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            start=fields.take_day("from"),
            end=fields.take_day("to"),
            then=take_state(fields, "then"),
            now=take_state(fields, "now"),
            **take_sum_fields(fields),
        )


def take_state(fields: WrittenFields, name: str) -> RecordState:
    """Take a state of the record by both clocks, or by each apart. Raises WrongField."""
    both = fields.take_instant(name)
    as_at, known_at = fields.take_instant(f"{name}_as_at"), fields.take_instant(f"{name}_known_at")
    return RecordState(as_at=as_at or both, known_at=known_at or both)
