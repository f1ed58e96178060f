"""What one version of a disruption does to the others of its activities (rule 5).

It moves those, and only those, of which the activity's pillar becomes another than their own, or becomes their own. A
disruption that leads nowhere, or leads where the same pillar led before it, moves none and looks at none.
"""

from typing import NamedTuple

from ledger.facts import Day, Millis
from methodology.activity import Lead, SideKey, list_shifts
from methodology.book import Book
from methodology.standards import FOREVER, STANDARDS
from methodology.stays import Rank
from methodology.timeline import ALONE, Difference, Seconds, list_pieces
from methodology.versions import ActivityKey, Membership, list_in_force


class Part(NamedTuple):
    """What an event changes of one disruption in one activity: its sides before and after, None while it is in none."""

    activity: ActivityKey
    before: SideKey | None
    after: SideKey | None


def list_parts(was: Membership | None, now: Membership | None) -> list[Part]:
    """List the activities that a version leaves, joins or remains in."""
    if was is not None and now is not None and was.activity == now.activity:
        return [Part(was.activity, was.side, now.side)]
    left = [] if was is None else [Part(was.activity, was.side, None)]
    return left if now is None else [*left, Part(now.activity, None, now.side)]


def list_leads(book: Book, part: Part, rank: Rank, since: Millis) -> list[Lead]:
    """List who else would lead, from ``since`` on; nobody of interest before anything is known of the threat, or where
    another pillar makes no difference.
    """
    activity, begins = book.find_activity(part.activity, rank[1]), max(since, book.assessed.since)
    if activity is None or begins == FOREVER:
        return []
    sides = [side for side in (part.before, part.after) if side is not None]
    standards = activity.list_standards() | {standard for _, standard in sides}
    if standards.isdisjoint(_find_exposed(book)):
        return []
    pillars = {pillar for pillar, _ in sides}
    return activity.list_leads(begins, rank, pillars.pop() if len(pillars) == 1 else None)


def list_seconds(leads: list[Lead], rank: Rank, pillar: str) -> Seconds:
    """List where the disruption of this rank and pillar is behind one of another pillar."""
    return [(lead.since, lead.rank < rank and lead.pillar != pillar) for lead in leads] or ALONE


def move_peers(book: Book, part: Part, rank: Rank, leads: list[Lead], difference: Difference) -> None:
    """Work out what the disruption of this rank moves by its change in an activity."""
    before, after = (None if side is None else side[0] for side in (part.before, part.after))
    shifts = list_shifts(leads, rank, before, after)
    if not shifts:
        return
    for stay, pillar, shift in book.activities[part.activity].list_moved(shifts, rank, _find_exposed(book)):
        name = stay.rank[1]
        begins, ends = max(stay.since, shift.since), min(stay.until, shift.until)
        stood, stands = [(begins, shift.stood != pillar)], [(begins, shift.stands != pillar)]
        for version, since, until in list_in_force(book.disruptions[name], begins, ends):
            turn = book.assessed.last_turn(version.event_date)
            pieces = zip(
                list_pieces(version, turn, since, until, stood),
                list_pieces(version, turn, since, until, stands),
                strict=True,
            )
            for left, taken in pieces:
                if left != taken:
                    difference.add_piece(name, left, -1)
                    difference.add_piece(name, taken, 1)


def _find_exposed(book: Book) -> list[Day]:
    """Find the standards under which a second pillar can matter: those that permit a kind that was ever said."""
    return [
        one.since
        for one in STANDARDS
        if one.one_pillar_per_activity and not one.permitted_kinds.isdisjoint(book.assessed.kinds)
    ]
