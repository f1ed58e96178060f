"""Questions by which a force holds its own list of events against the ledger's: by days of entry, and by event ids.

Days are London's. An event is of the day on which it was *entered* (``entered_at``), by the recorder's clock.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Self

from ledger.identity import UUID_CHARACTERS, parse_event_id
from queries.choices import choose_organisation
from queries.errors import WrongField
from queries.period_query import hold_period
from queries.query import Query, WrittenFields
from queries.reconcile_answers import EventFatesAnswer, ReconcileAnswer

IDS_MOST: Final = 200
"""So many event ids go into one address."""
FATES_MOST: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileQuery(Query[ReconcileAnswer]):
    """How many of a recorder's events of these days of entry arrived, and which numbers did not."""

    PATH: ClassVar[str] = "reconcile"

    org: str
    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse a period that is none."""
        hold_period(self.start, self.end)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        org = choose_organisation(fields.take_needed("org"))
        return cls(org=org, **_take_days(fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFatesQuery(Query[EventFatesAnswer]):
    """What became of each of a recorder's events of these days of entry, a page at a time.

    Args:
        after: the last event id of the page before; None begins.
    """

    PATH: ClassVar[str] = "reconcile/events"

    org: str
    start: date
    end: date
    after: str | None = None
    limit: int = FATES_MOST

    def __post_init__(self) -> None:
        """Refuse a period that is none."""
        hold_period(self.start, self.end)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        org, after = choose_organisation(fields.take_needed("org")), fields.take_text("after")
        limit = fields.take_whole("limit", FATES_MOST, FATES_MOST)
        return cls(
            org=org, after=None if after is None else _hold_id("after", after), limit=limit, **_take_days(fields)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFatesQuery(Query[EventFatesAnswer]):
    """What became of events, by their ids: whoever recorded them, and whenever."""

    PATH: ClassVar[str] = "reconcile/ids"

    ids: tuple[str, ...]

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        written = fields.take_needed("ids")
        if len(written) > IDS_MOST * (UUID_CHARACTERS + 1):
            raise WrongField("ids", f"give at most {IDS_MOST} event ids at once")
        return cls(ids=tuple(_hold_id("ids", one.strip()) for one in written.split(",")))


def _take_days(fields: WrittenFields) -> dict[str, date]:
    """Take ``day``, or ``from`` and ``to``. Raises WrongField."""
    day = fields.take_optional_day("day")
    if day is not None:
        return {"start": day, "end": day}
    start, end = fields.take_optional_day("from"), fields.take_optional_day("to")
    if start is None or end is None:
        raise WrongField("day", "say which day of entry, or from and to")
    return {"start": start, "end": end}


def _hold_id(field: str, text: str) -> str:
    if parse_event_id(text) is None:
        raise WrongField(field, "an event id is a UUID, written with its hyphens")
    return text.lower()
