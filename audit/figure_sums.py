"""What the fold's postings add up to for published figures, in one pass for all of them.

Figures cut time: by their periods' first days, their instants, the days on which an organisation's region changes, and
months. Legs that no figure tells apart are added together, so that a leg costs the same however many figures there are,
and memory grows with accounts and instants, not with entries. Sums of one partition are merged into those of others.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from audit.balances import is_counted
from ledger.entries import Account, Leg, ThreatAccount, ThreatLeg
from ledger.facts import Day, Millis
from ledger.instants import count_days, find_uk_day, make_date
from ledger.organisations import ORGANISATIONS, find_region
from ledger.vocabulary import FigureSubject
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS, Dimension
from schemas.figures import FigureCell, PublishedFigure
from schemas.stored import StoredEntry

CutInstants = tuple[int, int]  # the first of the figures' instants that count it, as at and known at, by number


class FigureSums:
    """The sums for these figures."""

    def __init__(self, figures: Iterable[PublishedFigure]) -> None:
        figures = tuple(figures)
        self._as_ats = sorted({one.as_at for one in figures})
        self._known_ats = sorted({one.known_at for one in figures})
        self._cuts = sorted(_list_cuts(figures))
        self._buckets: dict[Day, Day] = {}
        self.legs: Counter[tuple[Account, CutInstants]] = Counter()
        self.threat_legs: Counter[tuple[ThreatAccount, CutInstants]] = Counter()
        self.reached: dict[tuple[int, int], int] = {}  # by partition and number of known_at: the last offset it counts

    def add_entry(self, entry: StoredEntry) -> None:
        """Add an entry's postings; entries of a partition come in the order of their positions."""
        source = entry.source
        self.add_legs(source.partition, source.offset, source.ledger_time, entry.legs, entry.threat_legs)

    def add_legs(
        self,
        partition: int,
        offset: int,
        ledger_time: Millis,
        legs: Sequence[Leg],
        threat_legs: Sequence[ThreatLeg],
    ) -> None:
        """Add the postings of the entry of a position."""
        known = bisect_left(self._known_ats, ledger_time)
        if known == len(self._known_ats) or not (legs or threat_legs):
            return
        self.reached[partition, known] = offset
        for leg in legs:
            as_at = bisect_left(self._as_ats, leg.entered_at)
            if as_at < len(self._as_ats):
                day = self._find_bucket(leg.account.event_date)
                self.legs[leg.account._replace(event_date=day), (as_at, known)] += leg.sign
        for other in threat_legs:
            as_at = bisect_left(self._as_ats, other.entered_at)
            if as_at < len(self._as_ats) and is_counted(other.account):
                self.threat_legs[other.account, (as_at, known)] += other.sign

    def merge_sums(self, other: "FigureSums") -> None:
        """Add the sums of other partitions, made for the same figures."""
        self.legs.update(other.legs)
        self.threat_legs.update(other.threat_legs)
        self.reached.update(other.reached)

    def sum_figure(self, figure: PublishedFigure) -> tuple[FigureCell, ...]:
        """Return the cells that a figure must have.

        Raises:
            KeyError: it has a dimension that there is not.
        """
        is_threats = figure.subject is FigureSubject.THREATS
        found = self._sum_threats(figure) if is_threats else self._sum_disruptions(figure)
        return tuple(FigureCell(values, n) for values, n in sorted(found.items()) if n)

    def find_reached(self, figure: PublishedFigure) -> dict[int, int]:
        """Find by partition the end of what had been received by its ``known_at`` and moved anything."""
        last = bisect_left(self._known_ats, figure.known_at)
        ends: dict[int, int] = {}
        for (partition, known), offset in self.reached.items():
            if known <= last:
                ends[partition] = max(ends.get(partition, 0), offset + 1)
        return ends

    def _find_bucket(self, day: Day) -> Day:
        """Find the first day that no figure tells from this one."""
        found = self._buckets.get(day)
        if found is None:
            month = count_days(make_date(day).replace(day=1))
            number = bisect_right(self._cuts, day)
            found = self._buckets[day] = max(month, self._cuts[number - 1]) if number else month
        return found

    def _sum_disruptions(self, figure: PublishedFigure) -> Mapping[tuple[str, ...], int]:
        by = [DIMENSIONS[name] for name in figure.by]
        wanted, first, last, cut = list_wanted(figure), figure.first_day, figure.last_day, self._find_cut(figure)
        sums: Counter[tuple[str, ...]] = Counter()
        for (account, (as_at, known)), n in self.legs.items():
            inside = first is not None and last is not None and first <= account.event_date <= last
            if inside and as_at <= cut[0] and known <= cut[1] and fits_account(account, wanted):
                sums[tuple(read_dimension(account, one, account.event_date) for one in by)] += n
        return sums

    def _sum_threats(self, figure: PublishedFigure) -> Mapping[tuple[str, ...], int]:
        by, day = [THREAT_DIMENSIONS[name] for name in figure.by], find_uk_day(figure.as_at)
        wanted, cut = list_wanted(figure), self._find_cut(figure)
        sums: Counter[tuple[str, ...]] = Counter()
        for (account, (as_at, known)), n in self.threat_legs.items():
            if as_at <= cut[0] and known <= cut[1] and fits_account(account, wanted):
                sums[tuple(read_dimension(account, one, day) for one in by)] += n
        return sums

    def _find_cut(self, figure: PublishedFigure) -> CutInstants:
        return bisect_left(self._as_ats, figure.as_at), bisect_left(self._known_ats, figure.known_at)


def read_dimension(account: Account | ThreatAccount, dimension: Dimension, day: Day) -> str:
    """Read an account's value of a dimension; ``day`` is the day on which its organisation's region is asked."""
    value = getattr(account, dimension.field)
    if dimension.derived == "region":
        return find_region(value, day)
    if dimension.derived == "month":
        return make_date(value).strftime("%Y-%m")
    return str(value)


def list_wanted(figure: PublishedFigure) -> Mapping[str, str]:
    """List the fields of an account that a figure holds to one value."""
    if figure.subject is FigureSubject.THREATS:
        held = {"owner": figure.organisation}
    else:
        held = {"organisation": figure.organisation, "type": figure.type, "standing": figure.standing}
    return {name: value for name, value in held.items() if value is not None}


def fits_account(account: Account | ThreatAccount, wanted: Mapping[str, str]) -> bool:
    """Tell whether an account has these values."""
    return all(getattr(account, name) == value for name, value in wanted.items())


def _list_cuts(figures: Iterable[PublishedFigure]) -> set[Day]:
    spells = [spell for one in ORGANISATIONS for spell in one.memberships]
    moves = {day for spell in spells for day in (spell.since, spell.until) if day is not None}
    begins = {one.first_day for one in figures if one.first_day is not None}
    return moves | begins | {one.last_day + 1 for one in figures if one.last_day is not None}
