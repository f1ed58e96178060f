"""Activities: disruptions of one threat with the same recorder and activity reference share one pillar (rule 5).

The first entered disruption that is not withdrawn leads and sets it. First entered is by version 1, a tie by disruption
id: its *rank*. Which activity a disruption belongs to, with which pillar, is as of its version at the instant asked
for, so it *stays* on a side of an activity from one entry instant to another, and whoever of those staying has the
lowest rank leads.

Who leads from an instant on is told by the few at the head of each side and by the stays that ended after that instant:
none when an event is heard in the order of entry. Where only one pillar can lead nobody else is looked at.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from ledger.facts import Day, Millis
from methodology.standards import FOREVER
from methodology.stays import NOBODY, ActivitySide, Rank, Stay

SideKey = tuple[str, Day]
"""A pillar, and the first day of the standard by which the event date is judged."""


class ActivityLead(NamedTuple):
    """Who leads an activity from an instant on: NOBODY and None while nobody is known to."""

    since: Millis
    rank: Rank
    pillar: str | None


class PillarShift(NamedTuple):
    """From ``since`` to before ``until`` the pillar of an activity is to be another than it was."""

    since: Millis
    until: Millis
    stood: str
    stands: str


_Placed = tuple[Stay, str, ActivitySide]
"""A stay, its pillar and where it is kept."""


class Activity:
    """The sides of one activity: who stays on which, from when to when."""

    __slots__ = ("_sides",)

    def __init__(self) -> None:
        self._sides: dict[SideKey, ActivitySide] = {}

    def enter_side(self, key: SideKey, rank: Rank, since: Millis) -> None:
        """Let a disruption begin to stay on a side."""
        side = self._sides.get(key)
        if side is None:
            side = self._sides[key] = ActivitySide()
        side.begin_stay(rank, since)

    def leave_side(self, key: SideKey, rank: Rank, until: Millis) -> None:
        """Let a disruption leave the side that it is on."""
        self._sides[key].end_stay(rank, until)

    def list_standards(self) -> set[Day]:
        """List the first days of the standards by which any of it is judged."""
        return {standard for _, standard in self._sides}

    def list_leads(self, since: Millis, but: Rank = NOBODY, pillar: str | None = None) -> list[ActivityLead]:
        """List who leads from ``since`` on, one disruption left out of it.

        Args:
            pillar: when it is given, NOBODY stands for all while none of another pillar can lead.
        """
        sides = self._sides.items()
        spans = [side.find_span(since, but) for (named, _), side in sides if named != pillar]
        begins = min((first for first, _ in spans), default=FOREVER)
        found = [ActivityLead(since, NOBODY, None)] if begins > since else []
        if begins == FOREVER:
            return found
        ceases = max(last for first, last in spans if first < FOREVER)
        here = [(stay, named, side) for (named, _), side in sides for stay in side.list_heads(begins, but)]
        first = min((stay.rank for stay, _, _ in here if stay.since <= begins), default=NOBODY)
        for (named, _), side in sides:
            ended = side.leading.list_between(begins, ceases, first)
            here += [(stay, named, side) for stay in ended if stay.rank != but]
        return [*found, *_sweep_stays(begins, ceases, here)]

    def list_moved_stays(
        self, shifts: list[PillarShift], but: Rank, standards: Iterable[Day]
    ) -> Iterator[tuple[Stay, str, PillarShift]]:
        """List the stays of other disruptions, with their pillar, that a shift makes second or second no more.

        Args:
            shifts: in order, none overlapping another.
            standards: first days of those standards under which it can make a difference.
        """
        for (pillar, standard), side in self._sides.items():
            own = [shift for shift in shifts if pillar in (shift.stood, shift.stands)]
            if not own or standard not in standards:
                continue
            for stay in side.list_between(own[0].since, own[-1].until):
                if stay.rank != but:
                    for shift in _list_overlapping(own, stay):
                        yield stay, pillar, shift


def list_shifts(leads: list[ActivityLead], rank: Rank, before: str | None, after: str | None) -> list[PillarShift]:
    """List where the pillar of an activity is another, once the disruption of this rank, in it with one pillar, is in
    it with another; None is not in it. It leads where its rank is lower than that of whoever else would.
    """
    found: list[PillarShift] = []
    follows = False  # nothing lies between the shift found last and here
    ends = [*(one.since for one in leads[1:]), FOREVER]
    for lead, until in zip(leads, ends, strict=False):
        if lead.pillar is None:
            continue
        stood, stands = before or lead.pillar, after or lead.pillar
        if lead.rank < rank or stood == stands:
            follows = False
        elif follows and found[-1][2:] == (stood, stands):
            found[-1] = found[-1]._replace(until=until)
        else:
            found.append(PillarShift(lead.since, until, stood, stands))
            follows = True
    return found


def _sweep_stays(instant: Millis, ceases: Millis, stays: list[_Placed]) -> Iterator[ActivityLead]:
    """Find, from one instant to another, the lowest rank of those that stay; an ended stay that is found to be behind
    another for good is not looked at again.
    """
    coming = sorted(stays, key=_key_by_beginning, reverse=True)
    here: list[_Placed] = []
    led: tuple[Rank, str | None] | None = None
    while instant < ceases:
        while here and here[0][0].until <= instant:
            heappop(here)
        while coming and coming[-1][0].since <= instant:
            _add_stay(here, coming.pop())
        rank, until, pillar = (here[0][0].rank, here[0][0].until, here[0][1]) if here else (NOBODY, FOREVER, None)
        if led != (rank, pillar):
            led = rank, pillar
            yield ActivityLead(instant, rank, pillar)
        instant = min(until, coming[-1][0].since if coming else FOREVER)
    if ceases < FOREVER:
        yield ActivityLead(ceases, NOBODY, None)


def _add_stay(here: list[_Placed], coming: _Placed) -> None:
    stay, _, side = coming
    first = here[0][0] if here else None
    if first is None or first.rank > stay.rank or first.until < stay.until:
        heappush(here, coming)
    elif first.until < FOREVER:
        side.hide_stay(stay)


def _list_overlapping(shifts: list[PillarShift], stay: Stay) -> Iterator[PillarShift]:
    place = bisect_right(shifts, stay.since, key=_get_shift_end)
    while place < len(shifts) and shifts[place].since < stay.until:
        yield shifts[place]
        place += 1


def _get_shift_end(one: PillarShift) -> Millis:
    return one.until


def _key_by_beginning(placed: _Placed) -> tuple[Millis, Rank]:
    return placed[0].since, placed[0].rank
