"""What finds and mends a loss broken on purpose, and caught: disks lose what was synced."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from sinks.integrity import IntegrityCheck, find_lost_legs, find_unfinished
from sinks.session import LoaderSession
from sinks.topics import StoredTopics
from tests.simulation.breaks import Break, find_seed
from tests.simulation.losing import LegLosingWorld, LosingWorld
from tests.simulation.runs import run_seed

pytestmark = pytest.mark.usefixtures("prepared")


@contextmanager
def break_judgement_of_legs() -> Iterator[None]:
    """Take legs past the last entry for a write that was cut off, for ever."""
    inspect = IntegrityCheck.inspect_partitions

    def wait_for_ever(self: Any, partitions: Any, ends: Any, **said: bool) -> dict[int, int]:
        lost = find_lost_legs(self._store, partitions)
        return {} if find_unfinished(self._store, lost) else inspect(self, partitions, ends, **said)

    with patch.object(IntegrityCheck, "inspect_partitions", wait_for_ever):
        yield


@contextmanager
def break_memory_of_damage() -> Iterator[None]:
    """Begin again for what only showed when all was loaded, and know nothing of it then."""
    inspect = IntegrityCheck.inspect_partitions

    def forget_late(self: Any, partitions: Any, ends: Any, **said: bool) -> dict[int, int]:
        self._late = {}
        return inspect(self, partitions, ends, **said)

    with patch.object(IntegrityCheck, "inspect_partitions", forget_late):
        yield


@contextmanager
def break_position() -> Iterator[None]:
    """Stand before a transaction's marker at the end until the next record comes."""
    with patch.object(LoaderSession, "_note_positions", lambda _: None):
        yield


@contextmanager
def break_reading_again() -> Iterator[None]:
    """Go on exactly where the store says that it has come to, though its newest output may be lost."""
    find = StoredTopics.find_left

    def find_exactly(self: Any, starts: Any, come: Any) -> Any:
        return {place: max(at, starts[place]) for place, at in find(self, starts, come).items()}

    with patch.object(StoredTopics, "find_left", find_exactly):
        yield


@contextmanager
def break_forgetting_closings() -> Iterator[None]:
    """Keep the closings that sum what was lost when they were made."""
    with patch("sinks.integrity.forget_closings", lambda *_: None):
        yield


LOSSES: list[Break] = [break_reading_again, break_judgement_of_legs, break_memory_of_damage, break_position]


def lose_rows(seed: int) -> list[str]:
    """Run a seed whose disk loses rows, and list of which tables."""
    world = run_seed(seed, make=LosingWorld)
    assert isinstance(world, LosingWorld)
    return world.lost


@pytest.mark.parametrize("first", [0, 25])
def test_what_a_disk_loses_is_loaded_again(first: int) -> None:
    """The newest entries of a partition, whose legs stay, and a refusal, which leaves none, be it the newest or not."""
    lost = Counter(name for seed in range(first, first + 25) for name in lose_rows(seed))
    assert lost["entries"] > 5 < lost["rejected"]


@pytest.mark.parametrize("broken", LOSSES, ids=lambda one: one.__name__)
def test_a_loss_that_is_not_found_is_caught(broken: Break) -> None:
    """Within so few seeds, as above."""
    with broken():
        assert find_seed(LosingWorld) is not None


def test_legs_that_a_disk_loses_under_a_loader_that_goes_on_are_loaded_again() -> None:
    """In the storm; and nothing that was summed without them stays."""
    worlds = [run_seed(seed, make=LegLosingWorld) for seed in range(25)]
    assert sum(world.lost for world in worlds if isinstance(world, LegLosingWorld)) > 10


def test_closings_of_what_was_lost_that_are_kept_are_caught() -> None:
    """Within so few seeds, as above."""
    with break_forgetting_closings():
        assert find_seed(LegLosingWorld) is not None
