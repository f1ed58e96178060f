"""The grains of closings: which event dates one closing balance takes together. Pure.

A grain cuts the calendar at certain days, and keeps of an event date the last cut before it or at it. A question that
tells event dates apart at such cuts alone has the same answer from a closing as from the postings, with the same SQL.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

from ledger.instants import EPOCH


class Grain(StrEnum):
    """How finely a closing tells event dates apart.

    EVER: not at all. MONTH: into the first day of each month and the rest of it, so that months, and the periods that
    begin and end with them, can be told, by the inclusive reading and by the literal one (rule 11).
    """

    EVER = "EVER"
    MONTH = "MONTH"

    def has_cut(self, cut: date) -> bool:
        """Tell whether days before ``cut`` are kept apart from that day and those after it."""
        return cut <= FIRST_DAY or (self is Grain.MONTH and cut.day in MONTH_CUTS)


FIRST_DAY: Final = EPOCH.date()  # of all event dates: an earlier one is refused
MONTH_CUTS: Final = (1, 2)
KEPT_DATE: Final = {
    Grain.EVER: f"if(event_date < toDate32('{FIRST_DAY}'), toDate32('1900-01-01'), toDate32('{FIRST_DAY}'))",
    Grain.MONTH: "event_date - greatest(toDayOfMonth(event_date) - 2, 0)",
}
"""SQL for what each grain keeps of an event date."""


def find_coarsest(cuts: Iterable[date], *, by_month: bool) -> Grain | None:
    """Find the grain that tells apart what a question tells apart, with the fewest accounts; None where none does."""
    wanted = list(cuts)
    grains = (Grain.MONTH,) if by_month else (Grain.EVER, Grain.MONTH)
    return next((grain for grain in grains if all(grain.has_cut(cut) for cut in wanted)), None)
