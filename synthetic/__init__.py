"""A seeded, plausible national year, whose London totals are the published ones. Nothing here counts anything."""

from synthetic.lines import write_year
from synthetic.mistakes import PlannedEvent
from synthetic.seasons import Season, refuse_unfinished
from synthetic.year import make_national_year

__all__ = ["PlannedEvent", "Season", "make_national_year", "refuse_unfinished", "write_year"]
