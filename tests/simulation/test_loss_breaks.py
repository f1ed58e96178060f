"""What finds and mends a loss broken on purpose, and caught: disks lose what was synced."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from sinks.batch import BatchSorter, SortedBatch
from sinks.progress import ReadExtent, read_starts
from tests.simulation.breaks import Break, find_seed
from tests.simulation.kernel import Defect
from tests.simulation.losing import LegLosingWorld, LosingWorld, RowLosingWorld
from tests.simulation.runs import run_seed
from tests.simulation.world import World

pytestmark = pytest.mark.usefixtures("prepared")


@contextmanager
def break_reach() -> Iterator[None]:
    """Go on where it was written down to go on, however far the store reaches now."""

    def forget_reaches(store: Any) -> dict[Any, ReadExtent]:
        return {place: one._replace(reach=0) for place, one in read_starts(store).items()}

    with patch("sinks.session.read_starts", forget_reaches):
        yield


@contextmanager
def break_reading_all_again() -> Iterator[None]:
    """Go back a few records from where loading had come to, as was done before, however far the store reaches."""

    def go_back(store: Any) -> dict[Any, ReadExtent]:
        return {place: ReadExtent(max(one.offset - 2, 0), 0) for place, one in read_starts(store).items()}

    with patch("sinks.session.read_starts", go_back):
        yield


@contextmanager
def break_reach_of_repeats() -> Iterator[None]:
    """Take what is read for no further than what of it is new: a record that is held is nothing to be read again."""
    add = BatchSorter._add_run

    def add_new(self: Any, batch: SortedBatch, place: Any, run: Any) -> None:
        before = self.places[place].reach
        add(self, batch, place, run)
        new = [one.source.offset + 1 for one in batch.records if (one.topic, one.partition) == place]
        self.places[place].reach = max([before, *new])
        batch.read[place] = batch.read[place]._replace(reach=self.places[place].reach)

    with patch.object(BatchSorter, "_add_run", add_new):
        yield


@contextmanager
def break_shortened_chain() -> Iterator[None]:
    """Look for legs and holes alone under a loader that goes on: the newest output has none."""
    with patch("sinks.integrity.find_shortened", lambda *_: {}):
        yield


@contextmanager
def break_forgetting_closings() -> Iterator[None]:
    """Keep the closings that sum what was lost when they were made."""
    with patch("sinks.integrity.forget_closings", lambda *_: None):
        yield


LOSSES: list[tuple[Break, type[World]]] = [
    (break_reach, LosingWorld),
    (break_reach_of_repeats, LosingWorld),
    (break_shortened_chain, RowLosingWorld),
]


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


@pytest.mark.parametrize(("broken", "make"), LOSSES, ids=lambda one: one.__name__)
def test_a_loss_that_is_not_found_is_caught(broken: Break, make: type[World]) -> None:
    """Within so few seeds, as above."""
    with broken():
        assert find_seed(make) is not None


@pytest.mark.parametrize("seed", [76, 522])
def test_a_repeat_is_not_stored_in_place_of_the_first_output(seed: int) -> None:
    """Another version of the software wrote it, and it lies near the end, where the first does not."""
    run_seed(seed, make=LosingWorld)
    with break_reading_all_again(), pytest.raises(Defect, match="the row is another than the first output"):
        run_seed(seed, make=LosingWorld)


def test_anything_that_a_disk_loses_is_loaded_again() -> None:
    """Rows of any table, as often as it likes, under a loader that goes on or has just ended."""
    worlds = [run_seed(seed, make=RowLosingWorld) for seed in range(25)]
    assert sum(world.lost > 3 for world in worlds if isinstance(world, RowLosingWorld)) > 10


def test_legs_that_a_disk_loses_under_a_loader_that_goes_on_are_loaded_again() -> None:
    """In the storm; and nothing that was summed without them stays."""
    worlds = [run_seed(seed, make=LegLosingWorld) for seed in range(25)]
    assert sum(world.lost for world in worlds if isinstance(world, LegLosingWorld)) > 10


def test_closings_of_what_was_lost_that_are_kept_are_caught() -> None:
    """Within so few seeds, as above."""
    with break_forgetting_closings():
        assert find_seed(LegLosingWorld) is not None
