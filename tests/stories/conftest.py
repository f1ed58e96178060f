"""The ledger's own language for stories: what a force says, and what an inspector reads as at and as known at a day.

A story is folded by the methodology alone. ``says`` publishes an event that is entered, and learnt, at noon of a day;
``figure`` is what an extraction counts, as at and known at the ends of days.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest

from ledger.entries import Leg
from ledger.facts import DisruptionFact, Fact
from ledger.vocabulary import Code
from methodology.book import Book
from methodology.posting import Posted, post_event
from tests.facts import DAY_MILLIS, make_disruption, make_threat

EPOCH = date(1970, 1, 1)


def count_day(text: str) -> int:
    """A date as the fold holds it."""
    return (date.fromisoformat(text) - EPOCH).days


def count_noon(text: str) -> int:
    """Noon of a day, UTC, in milliseconds."""
    return count_day(text) * DAY_MILLIS + DAY_MILLIS // 2


def count_end(text: str) -> int:
    """The end of a day, in milliseconds (stories happen in winter or stay clear of midnight)."""
    return (count_day(text) + 1) * DAY_MILLIS - 1


@dataclass
class Story:
    """One threat's book, and every leg with the instant at which the ledger learnt of it."""

    book: Book = field(default_factory=lambda: Book("T-1"))
    legs: list[tuple[int, Leg]] = field(default_factory=list)
    events: int = 0

    def assess_threat(self, kind: str, *, on: str, entered: str, learnt: str | None = None, **changes: object) -> None:
        """The Metropolitan Police assess threat T-1."""
        said = {"version": len(self.book.assessments) + 1, "kind": kind, "assessed_on": count_day(on)}
        self._admit(make_threat(**self._read_standing(said | changes, entered)), learnt or entered)

    def record_disruption(
        self, change: str, disruption: str, *, entered: str, learnt: str | None = None, **changes: object
    ) -> None:
        """The Metropolitan Police record, amend, reassess or withdraw a disruption; the event is admitted."""
        fact = self._make_disruption(change, disruption, entered, changes)
        self._admit(fact, learnt or entered)

    def refuse_disruption(self, change: str, disruption: str, *, entered: str, **changes: object) -> Code:
        """The same, refused: the code."""
        outcome = post_event(
            self.book, self._make_disruption(change, disruption, entered, changes), count_noon(entered)
        )
        assert not isinstance(outcome, Posted)
        return outcome.code

    def sum_figure(self, *, as_at: str, known_at: str | None = None, type: str = "LEAD", **account: str) -> int:
        """How many disruptions count, in the accounts with these fields."""
        wanted = {"standing": "COUNTED", "type": type} | account
        return sum(
            leg.sign
            for learnt, leg in self.legs
            if learnt <= count_end(known_at or as_at) and leg.entered_at <= count_end(as_at)
            if all(getattr(leg.account, name) == value for name, value in wanted.items())
        )

    def count_standings(self, *, as_at: str) -> dict[str, int]:
        """How many disruptions stand where."""
        counts: Counter[str] = Counter()
        for learnt, leg in self.legs:
            if learnt <= count_end(as_at) and leg.entered_at <= count_end(as_at):
                counts[leg.account.standing] += leg.sign
        return {standing: n for standing, n in counts.items() if n}

    def _make_disruption(
        self, change: str, disruption: str, entered: str, changes: dict[str, object]
    ) -> DisruptionFact:
        version = len(self.book.disruptions.get(disruption, ())) + 1
        said = {"change": change, "disruption_id": disruption, "version": version}
        changes = {k: count_day(str(v)) if k == "event_date" else v for k, v in changes.items()}
        return make_disruption(**self._read_standing(said | changes, entered))

    def _read_standing(self, fields: dict[str, object], entered: str) -> dict[str, object]:
        self.events += 1
        return fields | {"event_id": str(UUID(int=self.events)), "threat_id": "T-1", "entered_at": count_noon(entered)}

    def _admit(self, fact: Fact, learnt: str) -> None:
        outcome = post_event(self.book, fact, count_noon(learnt))
        assert isinstance(outcome, Posted), outcome
        self.legs += [(count_noon(learnt), leg) for leg in outcome.legs]


@pytest.fixture
def story() -> Story:
    """An untold story."""
    return Story()
