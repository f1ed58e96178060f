"""Lag in seconds, and the tally of events: each sample adds to the one before."""

import pytest

from queries.event_tally import EventTally
from queries.lag import LagClock
from sinks.frontier import Frontier
from sinks.store import Store


def test_a_stage_is_as_old_as_what_it_has_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offsets 10, 20 and 30 are there at seconds 0, 10 and 20; the stage reaches 10 at 20, all at 30."""
    now = 0.0
    monkeypatch.setattr("queries.lag.time.monotonic", lambda: now)
    clock = LagClock()
    assert clock.measure_age(10, 10) == 0
    now = 10.0
    assert clock.measure_age(20, 5) == 0
    now = 20.0
    assert clock.measure_age(30, 10) == 10
    assert clock.measure_age(30, 20) == 0
    now = 26.0
    assert clock.measure_age(30, 29) == 6
    assert clock.measure_age(30, 30) == 0


def test_events_are_counted_once_however_often_it_is_looked(store: Store) -> None:
    """Partition 0 first, up to offset 2; then the rest of it, and partition 1."""
    tally = EventTally(store)
    assert tally.count_events({0: Frontier(2, 1, None)}) == {("admitted", ""): 2}
    whole = {0: Frontier(4, 2, None), 1: Frontier(2, 2, None)}
    expected = {("admitted", ""): 5, ("rejected", "SUPPORT_BY_FORCE"): 1}
    assert tally.count_events(whole) == expected
    assert tally.count_events(whole) == expected
