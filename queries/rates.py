"""Rates: the control chart of a question, on one moment of the store, from two reads (rule 14).

1. The weeks: counts by event week and entry delay. 2. The denominator: the threats of rule 8 that are active at the end
of the period. Delays are measured back from the instant that is looked at: the earlier of the two instants that the
answer names, as a week later than that is not over, or not known to be; so who asks again by them gets the same.
"""

from datetime import datetime
from typing import NamedTuple

from ledger.instants import count_days, count_millis, find_end_of_day, find_uk_day
from methodology.baselines import NATION, find_first_needed
from methodology.control_chart import build_chart, find_recorders
from methodology.dimensions import THREAT_DIMENSIONS
from methodology.entry_delay import list_learnt
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
    through = snapshot.find_complete_through()
    known_at = basis.find_known_at(through)
    looked_at = find_looked_at(query, min(Basis(snapshot).as_at, basis.as_at, known_at))
    found = _count_weeks(snapshot, query, basis, looked_at)
    of = query.org or query.region or NATION
    recorders = find_recorders(found.recorded, looked_at.weeks)
    chart = build_chart(found.counts, looked_at.weeks, looked_at.newest, recorders, of)
    threats_at = min(looked_at.seen, find_end_of_day(query.end))
    figures = RateFigures(query, looked_at.seen, threats_at, _count_threats(snapshot, query, threats_at))
    return write_body(figures, chart, Standpoint(basis.position, basis.as_at, known_at, through))


def find_looked_at(query: RateQuery, seen: datetime) -> LookedAt:
    """Find what a question looks at from an instant."""
    newest = find_week(find_uk_day(count_millis(seen) + 1)) - 1
    weeks = list_whole_weeks(DaySpan(count_days(query.start), count_days(query.end)))
    return LookedAt(seen, newest, range(weeks.start, max(weeks.start, min(weeks.stop, newest + 1))))


def _count_weeks(snapshot: Snapshot, query: RateQuery, basis: Basis, looked_at: LookedAt) -> WeeklyCounts:
    """Count the weeks shown, and those before them that are learnt from or that a baseline may need."""
    weeks, newest = looked_at.weeks, looked_at.newest
    if not weeks:
        return WeeklyCounts({}, ())
    question = WeeklyQuestion(query)
    basis.bound_rows(question)
    first = min(find_first_needed(weeks, query.org or query.region or NATION), list_learnt(newest).start)
    needed = range(first, newest + 1)
    return question.count_weeks(snapshot.store, needed, newest, count_millis(looked_at.seen))


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
