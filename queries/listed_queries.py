"""The question which records a figure is made of: whatever a figure is asked by, a list of its records is."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Self

from ledger.choices import quote_briefly
from ledger.organisations import UNKNOWN_REGION, list_regions
from ledger.vocabulary import Category, CrimeType, Pillar, ThreatKind
from methodology.assessed import UNKNOWN
from queries.balance_queries import take_organisation, take_standing, take_type
from queries.errors import WrongField, choose_field
from queries.keyset import LIST_BEGINS, ListPlace, parse_place
from queries.period_query import PeriodQuery
from queries.query import WrittenFields
from queries.record_answers import RecordsAnswer

RECORDS_MOST: Final = 100_000
RECORDS_USUALLY: Final = 100
_MONTH: Final = re.compile(r"(?!0000)\d{4}-(0[1-9]|1[0-2])", re.ASCII)
REGIONS: Final = dict.fromkeys((*list_regions(), UNKNOWN_REGION), "")


def _list_symbols(vocabulary: type[StrEnum], *more: str) -> dict[str, str]:
    return dict.fromkeys((*(one.value for one in vocabulary), *more), "")


ACCOUNT_VALUES: Final = {
    "pillar": _list_symbols(Pillar),
    "kind": _list_symbols(ThreatKind, UNKNOWN),
    "crime_type": _list_symbols(CrimeType),
    "category": _list_symbols(Category),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsQuery(PeriodQuery[RecordsAnswer]):
    """The disruptions behind a figure: those whose legs add up to it, by its own fields.

    Args:
        month: of the event date, ``2022-06``.
        threat_id: the threat that they are of; a figure has none.
        after: the place of the last record that was listed before; None begins.
    """

    PATH: ClassVar[str] = "records"

    org: str | None = None
    region: str | None = None
    type: str | None = None
    pillar: str | None = None
    kind: str | None = None
    crime_type: str | None = None
    category: str | None = None
    standing: str | None = None
    month: str | None = None
    threat_id: str | None = None
    after: ListPlace | None = None
    limit: int = RECORDS_USUALLY

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            as_at=fields.take_instant("as_at"),
            known_at=fields.take_instant("known_at"),
            standing=take_standing(fields),
            threat_id=fields.take_text("threat_id"),
            after=parse_place(fields.take_text("after") or LIST_BEGINS, "after"),
            limit=fields.take_whole("limit", RECORDS_MOST, RECORDS_USUALLY),
            **take_cell(fields),
        )

    def list_account(self) -> dict[str, str]:
        """List the fields of the postings that it is held to."""
        held = {name: getattr(self, name) for name in (*ACCOUNT_VALUES, "threat_id")}
        return {name: value for name, value in held.items() if value is not None}

    def find_period(self) -> tuple[date, date]:
        """Find the days that it asks for: those of the month that are in the period; none where the two do not meet."""
        if self.month is None:
            return self.start, self.end
        first = date.fromisoformat(f"{self.month}-01")
        after = (first + timedelta(days=31)).replace(day=1)
        return max(self.start, first), min(self.end, after - timedelta(days=1))


def take_cell(fields: WrittenFields) -> dict[str, Any]:
    """Take what holds records to one cell of a table, whatever it stands for. Raises WrongField."""
    return {
        "start": fields.take_day("from"),
        "end": fields.take_day("to"),
        "org": take_organisation(fields),
        "region": take_listed(fields, "region", REGIONS),
        "type": take_type(fields, ()),
        "month": _take_month(fields),
        **{name: take_listed(fields, name, known) for name, known in ACCOUNT_VALUES.items()},
    }


def take_listed(fields: WrittenFields, field: str, known: dict[str, str]) -> str | None:
    """Take a field that is one of the known values. Raises WrongField."""
    asked = fields.take_text(field)
    return None if asked is None else choose_field(field, asked, known)


def take_region(fields: WrittenFields) -> str | None:
    """Take a region, by its name: one of those that organisations have. Raises WrongField."""
    return take_listed(fields, "region", dict.fromkeys(list_regions(), ""))


def _take_month(fields: WrittenFields) -> str | None:
    asked = fields.take_text("month")
    if asked is None or (_MONTH.fullmatch(asked) and asked < "2299-12"):
        return asked
    raise WrongField("month", f"{quote_briefly(asked)} is not a month; write it as 2022-06")
