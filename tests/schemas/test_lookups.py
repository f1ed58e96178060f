"""Looking schemas up: once per id, with patience for a registry that lags, and none for whoever makes ids up."""

from typing import Any

import pytest

from schemas.lookups import SchemaLookups, SchemaNotLearnt


class SlowRegistry:
    """A registry on a clock of its own that knows schema 7 only from ``known_at`` on; counts what it is asked."""

    may_lag = True

    def __init__(self, known_at: float) -> None:
        self.known_at = known_at
        self.now = 0.0
        self.asked: list[object] = []

    def find_id(self, name: str) -> int:
        """Nobody asks."""
        raise NotImplementedError(name)

    def find_writer(self, reference: object) -> Any | None:
        """Schema 7, late."""
        self.asked.append(reference)
        return {"seven": True} if reference == 7 and self.now >= self.known_at else None

    def explain_absence(self, reference: object) -> str:
        """The registry's word."""
        return f"no {reference}"

    def pause(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds


def make_lookups(registry: SlowRegistry) -> SchemaLookups:
    """Lookups on the registry's own clock."""
    return SchemaLookups(registry, clock=lambda: registry.now, pause=registry.pause)


def test_what_was_not_asked_for_is_not_learnt() -> None:
    """The event loop never asks: it is told to have it looked up."""
    with pytest.raises(SchemaNotLearnt) as told:
        make_lookups(SlowRegistry(0)).find_writer(7)
    assert told.value.reference == 7


def test_a_schema_that_is_registered_a_little_late_is_found() -> None:
    """After 3 s, within the 10 s that an id is waited for."""
    registry = SlowRegistry(known_at=3.0)
    lookups = make_lookups(registry)
    lookups.learn_schemas({7})
    assert lookups.find_writer(7) == {"seven": True}
    assert registry.now == 3.0


def test_a_schema_that_never_comes_is_absent_after_ten_seconds_and_asked_for_once() -> None:
    """Afterwards nobody is asked for a minute, however many records name it; then once more, without waiting."""
    registry = SlowRegistry(known_at=60.0)
    lookups = make_lookups(registry)
    lookups.learn_schemas({7})
    assert (registry.now, lookups.find_writer(7)) == (10.0, None)
    asked = len(registry.asked)
    lookups.learn_schemas({7})
    assert (len(registry.asked), registry.now) == (asked, 10.0)
    registry.now = 70.0
    with pytest.raises(SchemaNotLearnt):
        lookups.find_writer(7)
    lookups.learn_schemas({7})
    assert (lookups.find_writer(7), registry.now, len(registry.asked)) == ({"seven": True}, 70.0, asked + 1)


def test_ids_of_one_run_are_waited_for_together() -> None:
    """A hundred unknown ids take ten seconds, not a thousand."""
    registry = SlowRegistry(known_at=1.0)
    lookups = make_lookups(registry)
    lookups.learn_schemas({7, *range(100, 200)})
    assert registry.now == 10.0
    assert (lookups.find_writer(7), lookups.find_writer(150)) == ({"seven": True}, None)


def test_made_up_ids_do_not_hold_up_everybody_for_ever() -> None:
    """Six waits in ten minutes, then the registry is taken at its word."""
    registry = SlowRegistry(known_at=9e9)
    lookups = make_lookups(registry)
    for number in range(100, 120):
        lookups.learn_schemas({number})
    assert registry.now == 60.0


def test_pinned_ids_are_final() -> None:
    """Nothing is waited for where nothing can come."""
    registry = SlowRegistry(known_at=1.0)
    registry.may_lag = False
    lookups = make_lookups(registry)
    lookups.learn_schemas({7})
    assert (lookups.find_writer(7), registry.now, lookups.may_lag) == (None, 0.0, False)
