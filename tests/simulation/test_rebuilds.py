"""Tables built anew in a storm: readers are shown one generation or the other, each of them whole, and never less."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from services import rebuild
from services.rebuild import Rebuild
from services.table_build import TableBuild
from sinks.generations import drop_unnamed, forget_previous, read_state, show_built
from sinks.store import Store
from tests.simulation.breaks import Break, find_seed
from tests.simulation.rebuilding import RebuiltWorld
from tests.simulation.runs import run_seed

pytestmark = pytest.mark.usefixtures("prepared")
SEEDS = 20


def test_the_laws_hold_of_whatever_tables_are_shown() -> None:
    """Through kills at any step of a build and of a switch; and there are switches."""
    worlds = [run_seed(seed, make=RebuiltWorld) for seed in range(SEEDS)]
    rebuilt = [world for world in worlds if isinstance(world, RebuiltWorld)]
    assert sum(world.switches for world in rebuilt) > SEEDS / 4
    assert sum(world.refusals for world in rebuilt) > 0


@contextmanager
def break_equality() -> Iterator[None]:
    """Switch to what is being built, however far it has come."""
    with (
        patch.object(Rebuild, "_hold_build", lambda self, _: self._build),
        patch.object(TableBuild, "await_cover", lambda *_: None),
        patch("tests.simulation.rebuilding.MAY_BE_SHOWN", ("LOADING", "FOLLOWING")),
    ):
        yield


@contextmanager
def break_certificate() -> Iterator[None]:
    """Believe whoever asks that what is built is what was compared."""
    with patch.object(rebuild, "hold_certificate", lambda *_: None):
        yield


@contextmanager
def break_dropping() -> Iterator[None]:
    """Drop the tables of before as soon as others are named."""

    def drop_and_show(store: Store, approved: str, approved_by: str) -> Any:
        state = read_state(store)
        found = show_built(store, approved, approved_by)
        forget_previous(store)
        drop_unnamed(store.pin_generation())
        assert state.building == found.live
        return found

    with patch.object(rebuild, "show_built", drop_and_show):
        yield


@pytest.mark.parametrize("broken", [break_equality, break_certificate, break_dropping], ids=lambda one: one.__name__)
def test_a_step_of_a_switch_that_is_broken_on_purpose_is_caught(broken: Break) -> None:
    """As the steps of intake, loader and sealer are."""
    with broken():
        assert find_seed(RebuiltWorld) is not None
