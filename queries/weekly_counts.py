"""Lead disruptions by event week and entry delay, and who recorded them: one read of the postings."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.facts import Millis
from ledger.instants import MILLIS_PER_DAY, make_date
from methodology.dimensions import DIMENSIONS
from methodology.entry_delay import HORIZON_WEEKS
from methodology.measures import COUNTED, LEAD
from methodology.weeks import FIRST_MONDAY, WEEK_DAYS, Week, span_week
from queries.question import Question
from queries.rate_query import RateQuery
from sinks.store import Store

_COLUMNS: Final = f"""intDiv(toInt32(event_date) - ({FIRST_MONDAY}), {WEEK_DAYS}) AS week,
    intDiv({{seen:Int64}} - toUnixTimestamp64Milli(entered_at), {WEEK_DAYS * MILLIS_PER_DAY}) AS ago,
    greatest(0, least({HORIZON_WEEKS}, {{newest:Int32}} - week - ago)) AS delay"""


class WeeklyCounts(NamedTuple):
    """What came into the figure less what went out, by event week and entry delay; and who recorded in which week."""

    counts: Mapping[tuple[Week, int], int]
    recorded: Sequence[tuple[str, Week]]


class WeeklyQuestion(Question):
    """A question of counted lead disruptions, by week."""

    def __init__(self, query: RateQuery) -> None:
        super().__init__("postings", (), "event_date")
        for one in (LEAD, COUNTED):
            self.hold_field(one.field, one.operator, one.value)
        self.hold_organisation("organisation", query.org)
        if query.region is not None:
            self.hold_derived(DIMENSIONS["region"], query.region)
        for field, value in query.selected.items():
            if value is not None:
                self.hold_field(field, "=", value)

    def count_weeks(self, store: Store, needed: range, newest: Week, seen: Millis) -> WeeklyCounts:
        """Count the weeks ``needed``.

        Args:
            newest: the newest week that has ended at the instant ``seen``, from which delays are measured back.
        """
        first, last = make_date(span_week(needed.start).first), make_date(span_week(needed.stop - 1).last)
        parameters = self._parameters | {"first": first, "last": last}
        parameters |= {"newest": newest, "seen": seen}
        return _sort_rows(store.query(self._write_weekly(), parameters))

    def _write_weekly(self) -> str:
        within = ["event_date >= {first:Date32} AND event_date <= {last:Date32}", *self._held, *self._bounds]
        return (
            "SELECT organisation, week, delay, sum(sign) AS n"  # noqa: S608  (names of ours alone; values are parameters)
            f" FROM (SELECT organisation, sign, {_COLUMNS} FROM {self._table} FINAL PREWHERE {' AND '.join(within)})"
            " GROUP BY GROUPING SETS ((week, delay), (organisation, week)) HAVING n != 0"
        )


def _sort_rows(rows: list[dict[str, Any]]) -> WeeklyCounts:
    """Sort the two kinds of row: those of a week name no organisation."""
    counts = {(row["week"], row["delay"]): row["n"] for row in rows if not row["organisation"]}
    return WeeklyCounts(counts, [(row["organisation"], row["week"]) for row in rows if row["organisation"]])
