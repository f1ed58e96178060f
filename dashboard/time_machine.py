"""The time machine: a page as the record stood, and as the ledger knew it, at a past instant; by its address alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from dashboard.view import DATE_PARTS, View
from ledger.instants import find_end_of_day, format_instant, load_london
from queries.compare_queries import refuse_future

INSTANTS: Final = ("as_at", "known_at")
PERIOD: Final = ("from", "to")
OF_VIEWS: Final = frozenset({*INSTANTS, *PERIOD, *(f"{name}_{part}" for name in PERIOD for part in DATE_PARTS)})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMachine:
    """What a page says of the past that it shows, and the form that chooses another.

    Attributes:
        path: of the page.
        address: the fields of its address as they were written.
        through: the instant through which the ledger is complete; None while there is none.
    """

    view: View
    path: str
    address: Mapping[str, str]
    through: datetime | None

    def list_kept(self) -> dict[str, str]:
        """List the fields that the form keeps: the period, and the page's own."""
        period = {name: text for name, text in self.view.list_fields().items() if name not in INSTANTS}
        return period | self.list_own()

    def list_written(self) -> dict[str, str]:
        """List the instants of the view as the form shows them."""
        return {name: write_instant(getattr(self.view, name)) for name in INSTANTS}

    def is_complete(self) -> bool:
        """Tell whether the address shows the same figures for ever: known at an instant that is complete."""
        known_at = self.view.known_at
        return known_at is not None and self.through is not None and known_at <= self.through

    def link_live(self) -> str:
        """Link to the page as it is now."""
        live = replace(self.view, as_at=None, known_at=None)
        return live.link_to(self.path, self.list_own())

    def link_fixed(self) -> str | None:
        """Link to the same past as it is known now, for ever; None where it is fixed, or cannot be."""
        if self.view.known_at is not None or self.through is None:
            return None
        return replace(self.view, known_at=self.through).link_to(self.path, self.list_own())

    def link_comparison(self) -> str:
        """Link to this past beside the record of now."""
        written = {f"then_{name}": getattr(self.view, name) for name in INSTANTS}
        then = {name: format_instant(one) for name, one in written.items() if one is not None}
        return replace(self.view, as_at=None, known_at=None).link_to("/compare", then)

    def list_own(self) -> dict[str, str]:
        """List the fields of the address that are the page's own."""
        return {name: text for name, text in self.address.items() if name not in OF_VIEWS and text.strip()}


def hold_past_view(view: View) -> None:
    """Refuse a view of the future. Raises WrongField."""
    refuse_future({name: one for name in INSTANTS if (one := getattr(view, name)) is not None})


def write_instant(instant: datetime | None) -> str:
    """Write an instant as a person would give it: as a date where it is the end of one in London."""
    if instant is None:
        return ""
    day = instant.astimezone(load_london()).date()
    return day.isoformat() if find_end_of_day(day) == instant else format_instant(instant)
