"""Rates: the control chart of a question, on one moment of the store, from two reads (rule 14).

1. The weeks: counts by event week and entry delay. 2. The denominator: the threats of rule 8 that are active at the end
of the period. Delays are measured back from the instant that is looked at: the earliest of ``as_at``, ``known_at`` and
now, as a week later than that is not over.
"""

from datetime import datetime
from typing import NamedTuple

from ledger.instants import count_days, count_millis, find_end_of_day, find_uk_day
from methodology.baselines import NATION, find_first_needed
from methodology.control_chart import Recorders, build_chart
from methodology.dimensions import THREAT_DIMENSIONS
from methodology.weeks import DaySpan, Week, find_week, list_whole_weeks
from queries.balances import begin_threats
from queries.basis import Basis
from queries.rate_answers import RateAnswer
from queries.rate_body import RateFigures, Standpoint, write_body
from queries.rate_query import RateQuery
from queries.snapshot import Snapshot
from queries.weekly_counts import WeeklyCounts, WeeklyQuestion


class LookedAt(NamedTuple):
    """What is looked at: the instant, the newest week that has ended by then, and the whole weeks of the period."""

    seen: datetime
    newest: Week
    weeks: range


def answer_rates(snapshot: Snapshot, query: RateQuery) -> RateAnswer:
    """Answer with the chart of a recorder's weeks."""
    snapshot.begin_completeness()
    basis = Basis(snapshot, query.as_at, query.known_at)
    looked_at = find_looked_at(query, Basis(snapshot).as_at)
    found = _count_weeks(snapshot, query, basis, looked_at)
    of = query.org or query.region or NATION
    chart = build_chart(found.counts, looked_at.weeks, looked_at.newest, found.recorders, of)
    threats_at = min(looked_at.seen, find_end_of_day(query.end))
    figures = RateFigures(query, looked_at.seen, threats_at, _count_threats(snapshot, query, threats_at))
    through = snapshot.find_complete_through()
    return write_body(figures, chart, Standpoint(basis.position, basis.find_known_at(through), through))


def find_looked_at(query: RateQuery, now: datetime) -> LookedAt:
    """Find what a question looks at."""
    seen = min(one for one in (now, query.as_at, query.known_at) if one is not None)
    newest = find_week(find_uk_day(count_millis(seen) + 1)) - 1
    weeks = list_whole_weeks(DaySpan(count_days(query.start), count_days(query.end)))
    return LookedAt(seen, newest, range(weeks.start, max(weeks.start, min(weeks.stop, newest + 1))))


def _count_weeks(snapshot: Snapshot, query: RateQuery, basis: Basis, looked_at: LookedAt) -> WeeklyCounts:
    """Count the weeks shown, and those before them that are learnt from or that a baseline may need."""
    weeks, newest = looked_at.weeks, looked_at.newest
    if not weeks:
        return WeeklyCounts({}, Recorders({}, ()))
    question = WeeklyQuestion(query)
    basis.bound_rows(question)
    needed = range(find_first_needed(weeks, query.org or query.region or NATION), weeks.stop)
    return question.count_weeks(snapshot.store, needed, weeks.start, newest, count_millis(looked_at.seen))


def _count_threats(snapshot: Snapshot, query: RateQuery, at: datetime) -> int:
    """Count the active threats of whom, and of what, is asked for; pillars are of disruptions alone."""
    question = begin_threats(at)
    Basis(snapshot, at, query.known_at).bound_rows(question)
    question.hold_organisation("owner", query.org)
    if query.region is not None:
        question.hold_derived(THREAT_DIMENSIONS["region"], query.region)
    for field in ("kind", "crime_type"):
        value = query.selected[field]
        if value is not None:
            question.hold_field(field, "=", value)
    return sum(int(row["n"]) for row in question.ask_store(snapshot.store))
