"""What a page looks at: a period of event dates, and the two instants of a past view. Every link keeps it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from ledger.choices import quote_briefly
from ledger.errors import Misuse
from ledger.instants import (
    EARLIEST,
    LATEST,
    count_millis,
    find_period_before,
    find_uk_day,
    find_year_start,
    format_instant,
    make_date,
)
from queries.answer import read_clock
from queries.errors import WrongField
from queries.parsing import parse_date
from queries.period_query import hold_period
from queries.query import WrittenFields

DATE_PARTS: Final = ("day", "month", "year")


def take_parameters(parameters: QueryParams) -> WrittenFields:
    """Take the fields of an address: an empty one was left empty in a form. Raises Misuse where one stands twice."""
    for name, times in Counter(name for name, _ in parameters.multi_items()).items():
        if times > 1:
            raise Misuse(f"{name!r} stands {times} times in the address; give it once")
    return WrittenFields({name: text.strip() or None for name, text in parameters.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A period, both days included, and the instants of a past view; None for live.

    Attributes:
        as_at: what had been entered by then, by the forces' clocks.
        known_at: what the ledger had received by then, by its own clock.
    """

    start: date
    end: date
    as_at: datetime | None = None
    known_at: datetime | None = None

    @classmethod
    def take_fields(cls, fields: WrittenFields, today: date | None = None) -> Self:
        """Take them from the fields of an address; the last twelve months unless asked. Raises WrongField."""
        until = today or find_today()
        found = cls(
            start=take_date(fields, "from") or find_year_start(until),
            end=take_date(fields, "to") or until,
            as_at=fields.take_instant("as_at"),
            known_at=fields.take_instant("known_at"),
        )
        hold_period(found.start, found.end)
        return found

    @property
    def is_live(self) -> bool:
        """Tell whether it shows what is stored now."""
        return self.as_at is None and self.known_at is None

    @property
    def is_of_any_date(self) -> bool:
        """Tell whether its period has every event date."""
        return (self.start, self.end) == (EARLIEST, LATEST)

    def find_year_earlier(self) -> Self:
        """Find the same period a year before, as known by the same instants."""
        return self.choose_period(*find_period_before(self.start, self.end))

    def choose_period(self, start: date, end: date) -> Self:
        """Choose another period, as known by the same instants."""
        return replace(self, start=start, end=end)

    def list_fields(self) -> dict[str, str]:
        """List it as fields of an address."""
        instants = {"as_at": self.as_at, "known_at": self.known_at}
        given = {name: format_instant(one) for name, one in instants.items() if one is not None}
        return {"from": self.start.isoformat(), "to": self.end.isoformat()} | given

    def link_to(self, path: str, fields: Mapping[str, str | None] | None = None) -> str:
        """Link to a page of this view, with fields of its own; those that are None are left out."""
        own = {name: text for name, text in (fields or {}).items() if text is not None}
        return f"{path}?{urlencode(self.list_fields() | own)}"


def take_date(fields: WrittenFields, name: str) -> date | None:
    """Take a date, whole (``from``) or as a form has it (by its day, month and year).

    Raises:
        WrongField: it is none, a part is missing, or both were given.
    """
    whole = fields.take_text(name)
    parts = {part: fields.take_text(f"{name}_{part}") for part in DATE_PARTS}
    missing = [part for part, text in parts.items() if text is None]
    if len(missing) == len(parts):
        return parse_date(whole, name) if whole else None
    if whole:
        raise WrongField(name, "the date is given twice, whole and by its parts: give one")
    if missing:
        raise WrongField(name, f"the date has no {' and no '.join(missing)}: give day, month and year")
    try:
        return parse_date("-".join(f"{parts[part]:0>2}" for part in reversed(DATE_PARTS)), name)
    except WrongField:
        written = quote_briefly(" ".join(filter(None, parts.values())))
        raise WrongField(name, f"{written} is not a date; write its day, month and year as 30 6 2022") from None


def find_today() -> date:
    """Find the day that it is in London."""
    return make_date(find_uk_day(count_millis(read_clock())))
