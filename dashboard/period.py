"""The form that chooses a page's period: presets, two dates, what to say of days to come, and what was wrong. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from dashboard.rendering import format_day
from dashboard.view import DATE_PARTS, View
from ledger.instants import find_year_start
from queries.errors import WrongField

DATES: Final[Mapping[str, str]] = MappingProxyType({"from": "First day", "to": "Last day"})
YEAR_ENDS: Final = ((6, 30), (3, 31))
QUARTER_MONTHS: Final = 3


class Preset(NamedTuple):
    """A period by its name."""

    name: str
    view: View


class DateField(NamedTuple):
    """A date of the form: its three parts as they are shown, and what is wrong with it, where anything is."""

    name: str
    label: str
    parts: Mapping[str, str]
    fault: str | None = None

    def list_items(self) -> list[dict[str, object]]:
        """List the parts as the design system's date input takes them."""
        wrong = " govuk-input--error" if self.fault else ""
        widths = {"day": 2, "month": 2, "year": 4}
        return [
            {
                "id": f"{self.name}_{part}",
                "name": f"{self.name}_{part}",
                "label": part.capitalize(),
                "classes": f"govuk-input--width-{widths[part]}{wrong}",
                "value": self.parts[part],
            }
            for part in DATE_PARTS
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodForm:
    """The form of a page that can be shown."""

    view: View
    today: date

    def list_presets(self) -> list[Preset]:
        """List the periods that are asked for most, as seen at the same instants."""
        years = [find_year_end(self.today, *one) for one in YEAR_ENDS]
        spans = [
            ("Last 12 months", find_year_start(self.today), self.today),
            *((f"Year ending {format_day(end)}", find_year_start(end), end) for end in years),
            ("This quarter", find_quarter_start(self.today), self.today),
        ]
        return [Preset(name, self.view.choose_period(start, end)) for name, start, end in spans]

    def list_dates(self) -> list[DateField]:
        """List the two dates, filled in."""
        found = zip(DATES.items(), (self.view.start, self.view.end), strict=True)
        return [DateField(name, label, split_date(day)) for (name, label), day in found]

    def list_kept(self) -> dict[str, str]:
        """List the fields that the form keeps: the instants of a past view."""
        return {name: text for name, text in self.view.list_fields().items() if name not in DATES}

    def describe_future(self) -> str | None:
        """Say what of the period has not happened yet; None where all of it has begun and ended."""
        if self.view.start > self.today:
            return f"This period has not begun: it starts on {format_day(self.view.start)}. Choose one that has."
        if self.view.end > self.today:
            return (
                f"This period has not ended: it goes on until {format_day(self.view.end)}. What is counted here goes "
                "up to today; the same period a year before is whole."
            )
        return None


class RefusedPeriod(NamedTuple):
    """A period that is none, as it was asked for."""

    field: str
    sentence: str
    dates: list[DateField]
    kept: dict[str, str]


def find_refused_period(error: WrongField, asked: Mapping[str, str]) -> RefusedPeriod | None:
    """Find what is wrong with the period of an address; None where something else is."""
    if error.field not in DATES:
        return None
    faults = {error.field: error.sentence[:1].upper() + error.sentence[1:]}
    dates = [DateField(name, label, _take_parts(name, asked), faults.get(name)) for name, label in DATES.items()]
    filled = {*DATES, *(f"{name}_{part}" for name in DATES for part in DATE_PARTS)}
    kept = {name: text for name, text in asked.items() if name not in filled}
    return RefusedPeriod(error.field, faults[error.field], dates, kept)


def _take_parts(name: str, asked: Mapping[str, str]) -> dict[str, str]:
    try:
        return split_date(date.fromisoformat(asked.get(name, "")))
    except ValueError:
        return {part: asked.get(f"{name}_{part}", "") for part in DATE_PARTS}


def split_date(day: date) -> dict[str, str]:
    """Split a date into the parts that the form has."""
    return {"day": str(day.day), "month": str(day.month), "year": str(day.year)}


def find_year_end(today: date, month: int, day: int) -> date:
    """Find the last such day that is over."""
    found = date(today.year, month, day)
    return found if found < today else date(today.year - 1, month, day)


def find_quarter_start(today: date) -> date:
    """Find the first day of the quarter that today lies in; of the year and of the financial year they are the same."""
    return date(today.year, (today.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS + 1, 1)
