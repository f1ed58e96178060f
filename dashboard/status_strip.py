"""The strip on every page: on which position the whole screen stands, how far it is complete, what is the matter.

It says instants, not ages: a page without scripts says them as truly an hour later. Scripts add the ages.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cachetools import TTLCache, cached

from dashboard.live_events import LiveState
from dashboard.live_reading import Vitals, compose_state
from dashboard.rendering import format_moment
from ledger.instants import load_london
from queries.answer import read_clock
from queries.health_answers import HealthAnswer
from queries.record_queries import HealthQuery
from queries.snapshot import Snapshot
from queries.store_answers import StoreAnswers

HEALTH_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusStrip:
    """What the strip of one page says.

    Attributes:
        state: of the moment that the page stands on.
        drawn: when.
        reached: the sum of the position's offsets: one number for people, which only grows.
    """

    state: LiveState
    drawn: datetime
    reached: int

    @property
    def is_behind(self) -> bool:
        """Tell whether the figures lag behind what is published."""
        return self.state.is_behind(self.drawn)

    def describe_instant(self, instant: datetime) -> str:
        """Describe an instant by its time of day, and by its date where that is another than the drawing's."""
        local, drawn = (one.astimezone(load_london()) for one in (instant, self.drawn))
        return f"{local:%H:%M:%S %Z}" if local.date() == drawn.date() else format_moment(instant)


class StatusSource:
    """Reads what strips say; health at most once a second, however many pages are drawn."""

    def __init__(self, answers: StoreAnswers) -> None:
        self._answers = answers
        self.read_health = cached(TTLCache(1, HEALTH_SECONDS), condition=threading.Condition())(self._ask_health)

    def read_strip(self, snapshot: Snapshot) -> StatusStrip:
        """Read the strip of a page that stands on this moment."""
        health, through = self.read_health(), snapshot.find_complete_through()
        vitals = Vitals(troubles=len(health["troubles"]), lag=health["lag"], complete_through=through)
        return StatusStrip(
            state=compose_state(snapshot, vitals, self._answers.margin),
            drawn=read_clock(),
            reached=sum(snapshot.position.values()),
        )

    def _ask_health(self) -> HealthAnswer:
        return self._answers.answer_query(HealthQuery())
