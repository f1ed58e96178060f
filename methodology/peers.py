"""What one version of a disruption does to the others of its activities (rule 5).

It moves those, and only those, of which the activity's pillar becomes another than their own, or becomes their own. A
disruption that leads nowhere, or leads where the same pillar led before it, moves none and looks at none.
"""

from typing import NamedTuple

from ledger.facts import Day, Millis
from methodology.activity import ActivityLead, SideKey, list_shifts
from methodology.book import Book
from methodology.standards import FOREVER, STANDARDS
from methodology.stays import Rank
from methodology.timeline import ALONE, SecondPillars, TimelineDifference, list_account_spans
from methodology.versions import ActivityKey, ActivityMembership, list_in_force


class ActivityChange(NamedTuple):
    """What an event changes of one disruption in one activity: its sides before and after, None while it is in none."""

    activity: ActivityKey
    before: SideKey | None
    after: SideKey | None


def list_activity_changes(was: ActivityMembership | None, now: ActivityMembership | None) -> list[ActivityChange]:
    """List the activities that a version leaves, joins or remains in."""
    if was is not None and now is not None and was.activity == now.activity:
        return [ActivityChange(was.activity, was.side, now.side)]
    left = [] if was is None else [ActivityChange(was.activity, was.side, None)]
    return left if now is None else [*left, ActivityChange(now.activity, None, now.side)]


def list_other_leads(book: Book, moved: ActivityChange, rank: Rank, since: Millis) -> list[ActivityLead]:
    """List who else would lead, from ``since`` on; nobody of interest before anything is known of the threat, or where
    another pillar makes no difference.
    """
    activity, begins = book.find_activity(moved.activity, rank[1]), max(since, book.assessed.since)
    if activity is None or begins == FOREVER:
        return []
    sides = [side for side in (moved.before, moved.after) if side is not None]
    standards = activity.list_standards() | {standard for _, standard in sides}
    if standards.isdisjoint(_find_exposed(book)):
        return []
    pillars = {pillar for pillar, _ in sides}
    return activity.list_leads(begins, rank, pillars.pop() if len(pillars) == 1 else None)


def list_second_pillars(leads: list[ActivityLead], rank: Rank, pillar: str) -> SecondPillars:
    """List where the disruption of this rank and pillar is behind one of another pillar."""
    return [(lead.since, lead.rank < rank and lead.pillar != pillar) for lead in leads] or ALONE


def move_peers(
    book: Book, moved: ActivityChange, rank: Rank, leads: list[ActivityLead], difference: TimelineDifference
) -> None:
    """Work out what the disruption of this rank moves by its change in an activity."""
    before, after = (None if side is None else side[0] for side in (moved.before, moved.after))
    shifts = list_shifts(leads, rank, before, after)
    if not shifts:
        return
    for stay, pillar, shift in book.activities[moved.activity].list_moved_stays(shifts, rank, _find_exposed(book)):
        name = stay.rank[1]
        begins, ends = max(stay.since, shift.since), min(stay.until, shift.until)
        stood, stands = [(begins, shift.stood != pillar)], [(begins, shift.stands != pillar)]
        for version, since, until in list_in_force(book.disruptions[name], begins, ends):
            span = book.assessed.find_last_span(version.event_date)
            spans_of_both = zip(
                list_account_spans(version, span, since, until, stood),
                list_account_spans(version, span, since, until, stands),
                strict=True,
            )
            for left, taken in spans_of_both:
                if left != taken:
                    difference.add_span(name, left, -1)
                    difference.add_span(name, taken, 1)


def _find_exposed(book: Book) -> list[Day]:
    """Find the standards under which a second pillar can matter: those that permit a kind that was ever said."""
    return [
        one.since
        for one in STANDARDS
        if one.one_pillar_per_activity and not one.permitted_kinds.isdisjoint(book.assessed.kinds)
    ]
