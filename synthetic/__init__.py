"""A seeded, plausible national year, whose London totals are the published ones. Nothing here counts anything."""

from synthetic.lines import write_year
from synthetic.mistakes import Sent
from synthetic.seasons import Season, refuse_unfinished
from synthetic.year import national_year

__all__ = ["Season", "Sent", "national_year", "refuse_unfinished", "write_year"]
