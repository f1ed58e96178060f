"""A seeded, plausible national year, whose London totals are the published ones. Nothing here counts anything."""

from producers.synthetic.lines import write_year
from producers.synthetic.mistakes import Sent
from producers.synthetic.seasons import Season, refuse_unfinished
from producers.synthetic.year import national_year

__all__ = ["Season", "Sent", "national_year", "refuse_unfinished", "write_year"]
