"""What a threat was assessed as: kind and crime type by event date and entry instant (rule 12).

Of the assessments entered by an instant, a date is judged by the latest that is not after it (ties: the higher
version), or else by the earliest (ties: the lower). So an assessment speaks, from its entry on, for the dates from its
own up to the next one assessed: for one piece of the calendar. Each piece has its spans; what two pieces have in common
they share. Asking costs the logarithm of what is known, adding no more than making room in a list.
"""

from bisect import bisect_left, bisect_right

from ledger.facts import Day, Millis
from ledger.vocabulary import CrimeType
from methodology.standards import EVER, FOREVER

UNKNOWN = CrimeType.UNKNOWN.value


class AssessedSpan:
    """Kind and crime type from an entry instant on, after those of the span before it. Never changed once made.

    Args:
        kind: None in ``UNASSESSED`` alone, which nothing is before.
    """

    __slots__ = ("before", "crime_type", "depth", "far", "kind", "since")

    def __init__(self, since: Millis, kind: str | None, crime_type: str, before: "AssessedSpan | None" = None) -> None:
        self.since = since
        self.kind = kind
        self.crime_type = crime_type
        self.before = self if before is None else before
        self.depth: int = 0 if before is None else before.depth + 1
        self.far = self._find_far()

    def _find_far(self) -> "AssessedSpan":
        """Find a span further back, so that any is found in steps as few as the logarithm of all (a skew-binary
        list).
        """
        last = self.before
        if last is self:
            return self
        far = last.far
        return far.far if last.depth - far.depth == far.depth - far.far.depth else last

    def find_at(self, instant: Millis) -> "AssessedSpan":
        """Find the span in force at an instant."""
        span = self
        while span.since > instant:
            span = span.far if span.far.since > instant else span.before
        return span

    def list_from(self, since: Millis, until: Millis) -> list["AssessedSpan"]:
        """List the span in force at ``since`` and those that begin after it and before ``until``, in order."""
        span = self if until == FOREVER else self.find_at(until - 1)
        found = [span]
        while span.since > since:
            span = span.before
            found.append(span)
        found.reverse()
        return found

    def has_assessed(self, kind: str, crime_type: str) -> bool:
        """Tell whether these are its kind and crime type."""
        return self.kind == kind and self.crime_type == crime_type

    def follow_with(self, since: Millis, kind: str, crime_type: str) -> "AssessedSpan":
        """Give the last span of a piece after one more assessment; of two entered at one instant the later heard
        holds.
        """
        before = self.before if self.since == since else self
        return before if before.has_assessed(kind, crime_type) else AssessedSpan(since, kind, crime_type, before)


UNASSESSED = AssessedSpan(-1, None, UNKNOWN)
"""Before any assessment was entered."""


class AssessedDays:
    """The pieces of one threat's calendar, each with its last span."""

    __slots__ = ("_days", "_spans", "kinds", "since")

    def __init__(self) -> None:
        self._days: list[Day] = []
        """The days assessed for, in order: each begins a piece; the first piece is what is before all of them."""
        self._spans: list[AssessedSpan] = [UNASSESSED]
        self.kinds: tuple[str, ...] = ()
        """Every kind that was ever said."""
        self.since: Millis = FOREVER
        """The instant from which anything is known."""

    def find_last_span(self, day: Day) -> AssessedSpan:
        """Find the last span of the piece that an event date is in."""
        return self._spans[bisect_right(self._days, day)]

    def find_dates(self, assessed_on: Day) -> tuple[Day, Day]:
        """Find the event dates, first to before last, for which an assessment of this day would speak."""
        place = bisect_right(self._days, assessed_on)
        is_earliest = place == 0
        return EVER if is_earliest else assessed_on, self._days[place] if place < len(self._days) else FOREVER

    def add_assessment(self, entered_at: Millis, assessed_on: Day, kind: str, crime_type: str) -> None:
        """Hear one more, entered no earlier than those before it."""
        place = bisect_left(self._days, assessed_on)
        pieces = [place + 1]
        if self._days[place : place + 1] != [assessed_on]:
            self._days.insert(place, assessed_on)
            self._spans.insert(place, self._spans[place])
            pieces += [0] if place == 0 else []
        for piece in pieces:
            self._spans[piece] = self._spans[piece].follow_with(entered_at, kind, crime_type)
        self.since = min(self.since, entered_at)
        if kind not in self.kinds:
            self.kinds = (*self.kinds, kind)
