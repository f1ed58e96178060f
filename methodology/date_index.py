"""Which disruptions of a large book have an event date in a range, at some time from an instant on.

A book of some hundred disruptions is looked through in less time than this takes to keep.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence

from ledger.facts import Day, Millis
from methodology.versions import WITHDRAWN, Version, pair_versions

INDEXED_DISRUPTIONS = 1_000


class DateIndex:
    """The event dates of a book, kept from the first time that a large one is asked for them."""

    def __init__(self, disruptions: Mapping[str, Sequence[Version]]) -> None:
        self._days: list[Day] = []
        self._standing: dict[Day, set[str]] = {}
        """By the date of its last version; a withdrawn one is not there."""
        self._ended: list[tuple[Millis, str, Day]] = []
        """Dates that a disruption had until an instant."""
        for name, versions in disruptions.items():
            for before, version in pair_versions(versions):
                self.replace_version(name, before, version)

    def replace_version(self, name: str, before: Version | None, version: Version) -> None:
        """Hear a disruption's next version."""
        was, now = _find_standing_day(before), _find_standing_day(version)
        if was == now:
            return
        if was is not None:
            self._standing[was].discard(name)
            insort(self._ended, (version.entered_at, name, was))
        if now is not None:
            self._list_day(now).add(name)

    def list_dated(self, first: Day, last: Day, since: Millis) -> Iterable[str]:
        """List the disruptions, each once."""
        found: set[str] = set()
        for day in self._days[bisect_left(self._days, first) : bisect_left(self._days, last)]:
            found |= self._standing[day]
        for _, name, day in self._ended[bisect_right(self._ended, since, key=_end_instant) :]:
            if first <= day < last:
                found.add(name)
        return found

    def _list_day(self, day: Day) -> set[str]:
        names = self._standing.get(day)
        if names is None:
            names = self._standing[day] = set()
            insort(self._days, day)
        return names


def _find_standing_day(version: Version | None) -> Day | None:
    return None if version is None or version.record.change == WITHDRAWN else version.event_date


def _end_instant(ended: tuple[Millis, str, Day]) -> Millis:
    return ended[0]
