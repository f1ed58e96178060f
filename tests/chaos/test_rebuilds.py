"""Rebuilds in a storm: service, command and workers are killed, halted and told to cancel, at the steps of a seed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.chaos.conftest import RUNS, SECONDS, SEED, BackgroundPublisher
from tests.chaos.history import HistoryWriter
from tests.chaos.rebuild_breaks import DROPPED_EARLY, NOTED_BEFORE_WRITTEN, SWITCH_BEFORE_EQUALITY, TWO_ROWS
from tests.chaos.rebuild_steps import StepFiles, name_steps
from tests.chaos.rebuild_storm import (
    Blow,
    Generations,
    Onlooker,
    RebuildStorm,
    StepStrike,
    draw_strikes,
    hold_steps,
)
from tests.chaos.verdict import await_stored, hold_laws
from tests.chaos.world import ChaosWorld, run_world
from tests.patience import PATIENCE_SECONDS

FIRST, LATER, LATER_SECONDS = 400, 200, 5.0
SHORT_STRIKES = 2
STRIKE_SECONDS = 2.5  # of the seconds of a storm, for each strike
STORED_SECONDS = 60
MISSED_MOST = 1
READ_STEPS = """
import sys
from pathlib import Path
from infra.settings import load_settings
from sinks.generations import TABLE
from sinks.store import open_store
store = open_store(load_settings(Path(sys.argv[1])))
for row in store.query(f"SELECT sequence, live, building, previous FROM {TABLE} FINAL ORDER BY sequence"):
    print(*row.values())
store.close()
"""
by_hand = pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has them")
pytestmark = pytest.mark.live


def read_steps(world: ChaosWorld) -> list[Generations]:
    """Every row that says which tables are shown, of a ledger that is stopped: numbered from 1, without a gap."""
    command = [sys.executable, "-c", READ_STEPS, str(world.ledger.state)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=STORED_SECONDS)
    rows = [[int(one) for one in line.split()] for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    return [Generations(live, building or None, previous or None) for _, live, building, previous in rows]


def publish_history(world: ChaosWorld, seed: int, count: int, seconds: float) -> BackgroundPublisher:
    """Begin to publish so many records, evenly over that time."""
    planned = list(HistoryWriter(seed, round(time.time() * 1000)).write_records(count))
    world.planned += planned
    return BackgroundPublisher(world.settings, planned, seconds)


@contextmanager
def run_stepped(directory: Path, seed: int, broken: str = "") -> Iterator[tuple[ChaosWorld, StepFiles]]:
    """A whole that waits at steps, with a history that is stored."""
    steps = directory / "steps"
    steps.mkdir()
    with run_world(directory, environment=name_steps(steps, broken), workers=1) as world:
        publish_history(world, seed, FIRST, 0.0).close()
        await_stored(world, STORED_SECONDS)
        yield world, StepFiles(steps)


def strike_rebuilds(directory: Path, seed: int, strikes: Sequence[StepStrike]) -> RebuildStorm:
    """StepStrike rebuilds while events arrive and are read; then hold all that must hold."""
    with run_stepped(directory, seed) as (world, files):
        publisher, storm = (
            publish_history(world, seed + 1_000_000, LATER, LATER_SECONDS),
            RebuildStorm(world, files, seed),
        )
        try:
            see_storm(world, storm, strikes)
        finally:
            publisher.close()
        hold_laws(world)
    hold_steps(read_steps(world), storm.switches)
    assert len(storm.missed) <= max(MISSED_MOST, len(strikes) // 10), f"these steps were not reached: {storm.missed}"
    return storm


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_rebuilds_that_are_struck_at_their_steps_switch_once_or_not_at_all(tmp_path: Path, seed: int) -> None:
    """Readers are shown one generation, and never less than before; nothing is lost or doubled, and replay says so."""
    count = max(SHORT_STRIKES, round(SECONDS / STRIKE_SECONDS)) if "CHAOS_BREAKS" in os.environ else SHORT_STRIKES
    sys.stdout.write(f"\nCHAOS_SEED={seed}, {count} strikes\n")
    strike_rebuilds(tmp_path, seed, list(draw_strikes(seed, count)))


class Sight(NamedTuple):
    """By which strike a break does harm, and what is said of it."""

    strikes: tuple[StepStrike, ...]
    said: str
    ends_seconds: float = PATIENCE_SECONDS


SIGHTS = {
    SWITCH_BEFORE_EQUALITY: Sight((), "shown less"),
    DROPPED_EARLY: Sight((StepStrike(DROPPED_EARLY, Blow.KILL_SERVICE),), "shown less"),
    NOTED_BEFORE_WRITTEN: Sight(
        (StepStrike(NOTED_BEFORE_WRITTEN, Blow.KILL_SERVICE),), r"it has read (\d+) of \1 records, and is LOADING", 25.0
    ),
    TWO_ROWS: Sight((StepStrike(TWO_ROWS, Blow.KILL_SERVICE),), "Generations"),
}


def see_storm(world: ChaosWorld, storm: RebuildStorm, strikes: Sequence[StepStrike]) -> None:
    """StepStrike while somebody reads, and hold what was read."""
    onlooker = Onlooker(world)
    try:
        storm.run_strikes(strikes)
    finally:
        onlooker.close()
    onlooker.hold_seen()


@by_hand
@pytest.mark.parametrize("broken", SIGHTS)
def test_a_step_of_a_rebuild_that_is_taken_out_is_missed(tmp_path: Path, broken: str) -> None:
    """Each by its own sign."""
    with (
        run_stepped(tmp_path, SEED, broken) as (world, files),
        pytest.raises(AssertionError, match=SIGHTS[broken].said),
    ):
        see_storm(world, RebuildStorm(world, files, SEED, SIGHTS[broken].ends_seconds), SIGHTS[broken].strikes)


@by_hand
def test_a_sound_rebuild_outlives_these_strikes(tmp_path: Path) -> None:
    """Or what was seen was no sign of a break. Writing is struck first: a build that is whole may write no more."""
    strikes = [StepStrike("write begun", Blow.KILL_SERVICE), StepStrike("feeds finished", Blow.KILL_SERVICE)]
    assert not strike_rebuilds(tmp_path, SEED, strikes).missed
