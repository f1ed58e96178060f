"""What live movement reads of the store, of health and of the broker. Every call may wait, and has a thread for it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dashboard.live_events import CELL, TYPE, LiveEvent, LiveState
from queries.alerts import StandingAlertsQuery
from queries.balance_queries import ChangeQuery
from queries.basis import Basis
from queries.cursor import Cursor, format_cursor
from queries.record_queries import HealthQuery
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What health and completeness said last; None before, and where nobody can tell."""

    troubles: int | None = None
    alerts: int | None = None
    lag: int | None = None
    complete_through: datetime | None = None


class LiveReading:
    """Reads, one after the other, what the hub tells all who watch.

    Attributes:
        vitals: what was said last.
    """

    def __init__(self, answers: StoreAnswers) -> None:
        self._answers = answers
        self.vitals = Vitals()

    def take_snapshot(self) -> Snapshot:
        """Take a moment of the store, of all that was written before. Raises Unavailable."""
        return self._answers.take_snapshot()

    def read_changes(self, snapshot: Snapshot, since: Cursor) -> LiveEvent:
        """Read what changed from a cursor to this moment. Raises WrongField: it is ahead, or another's; Unavailable."""
        found = self._answers.answer_at(snapshot, ChangeQuery(since=since, by=(*CELL, TYPE)))
        return LiveEvent(since=found["since"], cursor=found["cursor"], rows=found["rows"])

    def read_health(self) -> None:
        """Read what is the matter, and how many events are not stored."""
        found = self._answers.answer_query(HealthQuery())
        self.vitals = replace(self.vitals, troubles=len(found["troubles"]), lag=found["lag"])

    def read_alerts(self) -> None:
        """Read how many alerts stand. Raises Unavailable."""
        self.vitals = replace(self.vitals, alerts=self._answers.answer_query(StandingAlertsQuery()))

    def read_completeness(self) -> None:
        """Read how far it is complete: of the store as it is now. Raises Unavailable."""
        through = self._answers.take_snapshot().find_complete_through()
        self.vitals = replace(self.vitals, complete_through=through)

    def compose_state(self, snapshot: Snapshot) -> LiveState:
        """Compose how the ledger does at a moment, by what was said last."""
        return compose_state(snapshot, self.vitals, self._answers.margin)


def compose_state(snapshot: Snapshot, vitals: Vitals, margin: timedelta) -> LiveState:
    """Compose how the ledger does at a moment of the store."""
    return LiveState(
        cursor=format_cursor(snapshot.cursor),
        newest=Basis(snapshot).newest,
        complete_through=vitals.complete_through,
        margin=margin,
        troubles=vitals.troubles,
        alerts=vitals.alerts,
        lag=vitals.lag,
    )
