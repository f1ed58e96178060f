"""Questions about how well recorders record: signs to ask about, and the records behind those that no filter finds."""

from dataclasses import dataclass
from typing import ClassVar, Final, Self

from methodology.signals import SignalKind
from queries.balance_queries import take_organisation
from queries.choices import choose_organisation
from queries.errors import choose_field
from queries.feed_answers import SignalAnswer, SignalRecordsAnswer
from queries.period_query import PeriodQuery, hold_period, take_period
from queries.query import WrittenFields

RECORDS_MOST: Final = 1_000
RECORDS_USUALLY: Final = 100
LISTED: Final = (SignalKind.LATE_ENTRY, SignalKind.UNFIT_THREATS, SignalKind.SUPPORT_BY_FORCE)
_LISTED: Final = {one.value: "" for one in LISTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalQuery(PeriodQuery[SignalAnswer]):
    """The signs of weak recording that recorders show in a period, both days included, as at an instant.

    Args:
        org: one recorder alone; None for all.
    """

    PATH: ClassVar[str] = "signals"

    org: str | None = None

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(**take_period(fields), org=take_organisation(fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRecordsQuery(PeriodQuery[SignalRecordsAnswer]):
    """The first ``limit`` records behind a sign of one recorder, of those signs that no filter of records finds."""

    PATH: ClassVar[str] = "signals/records"

    signal: str
    org: str
    limit: int = RECORDS_USUALLY

    def __post_init__(self) -> None:
        """Refuse a period that is none, and a sign whose records are a filter's."""
        hold_period(self.start, self.end)
        choose_field("signal", self.signal, _LISTED)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            signal=fields.take_needed("signal"),
            org=choose_organisation(fields.take_needed("org")),
            **take_period(fields),
            limit=fields.take_whole("limit", RECORDS_MOST, RECORDS_USUALLY),
        )
