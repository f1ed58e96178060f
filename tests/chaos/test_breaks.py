"""Each protection taken out on purpose: the storm that a sound ledger outlives leaves a sign that it was needed.

CI has one of them, ``make chaos`` all; one by its name: ``CHAOS_BREAKS=1 pytest tests/chaos/test_breaks.py -k insert``.
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import psutil
import pytest

from tests.chaos.breaks import name_break
from tests.chaos.conftest import BackgroundPublisher
from tests.chaos.driver import ChaosDriver
from tests.chaos.history import HistoryWriter
from tests.chaos.schedule import Fault, FaultKind
from tests.chaos.verdict import find_holes, find_positions, hold_laws, hold_outcomes
from tests.chaos.world import ChaosWorld, run_world

SEED, RECORDS, SECONDS = 7, 1_200, 7.0
SOUND_SECONDS, BROKEN_SECONDS = 90, 12
STORMS = 5
WORKERS, SERVICE, SEALER = ("worker-1", "worker-2"), "service", "sealer"

Sign = Callable[[ChaosWorld], bool]


class Strike(NamedTuple):
    """What is done to the whole, what is found afterwards where the protection was taken out, and what whole it is."""

    faults: tuple[Fault, ...]
    sign: Sign
    options: Mapping[str, int] = MappingProxyType({})


def kill_often(*targets: str, first: float = 1.5) -> tuple[Fault, ...]:
    """Kill all of these, three times while records come."""
    return tuple(Fault(first + later, FaultKind.KILL, one) for later in (0.0, 2.0, 4.0) for one in targets)


def lacks_outputs(world: ChaosWorld) -> bool:
    """Whether an output lacks in the topics while one after it is there."""
    return bool(find_holes(world, world.planned))


def was_judged_otherwise(world: ChaosWorld) -> bool:
    """Whether records were judged otherwise than they had to be."""
    with pytest.raises(AssertionError, match="are judged otherwise"):
        hold_outcomes(world, find_positions(world, world.planned))
    return True


def lacks_rows(world: ChaosWorld) -> bool:
    """Whether all outputs are in the topics, and not all of them in the store."""
    with pytest.raises(AssertionError, match="lost"):
        hold_outcomes(world, find_positions(world, world.planned))
    return not find_holes(world, world.planned)


def seals_no_more(world: ChaosWorld) -> bool:
    """Whether all outputs are in the topics and in the store, and some of them are sealed, and not the others."""
    positions = find_positions(world, world.planned)
    hold_outcomes(world, positions)
    return bool(0 < world.ledger.ask_json("audit", "seals")["size"] < len(positions))


def hangs_still(world: ChaosWorld) -> bool:
    """Whether the service is halted for good."""
    return bool(world.find_process(SERVICE).status() == psutil.STATUS_STOPPED)


ALONE: Final = {
    "workers": 1,
    "partitions": 1,
}  # runs of one partition follow each other, and its snapshot is taken again
STRIKES: Final = {
    "empty books": Strike(kill_often(*WORKERS), was_judged_otherwise),
    "commit before outputs": Strike(kill_often(*WORKERS), lacks_outputs),
    "snapshot before acknowledgement": Strike(kill_often(WORKERS[0]), lacks_outputs, ALONE),
    "progress before insert": Strike(kill_often(SERVICE), lacks_rows),
    "places past what waits": Strike(kill_often(SEALER, first=3.5), seals_no_more),
    "nobody is watched": Strike((Fault(3.0, FaultKind.HANG, SERVICE),), hangs_still),
}
QUICK: Final = "empty books"
SLOW: Final = [one for one in STRIKES if one != QUICK]
by_hand = pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos` has them")
pytestmark = pytest.mark.live


def strike_world(world: ChaosWorld, strike: Strike) -> None:
    """Publish a history while the faults happen."""
    seed = SEED + len(world.planned)
    planned = list(HistoryWriter(seed, round(time.time() * 1000)).write_records(RECORDS))
    publisher = BackgroundPublisher(world.settings, planned, SECONDS)
    try:
        ChaosDriver(world, None, at_work=True).run_schedule(strike.faults)
    finally:
        publisher.close()
    world.planned += planned


def see_break(directory: Path, name: str) -> None:
    """Have a broken whole struck: the laws do not hold, and the sign of this break is there."""
    with run_world(directory, environment=name_break(name), **STRIKES[name].options) as world:
        strike_world(world, STRIKES[name])
        with pytest.raises(AssertionError):
            hold_laws(world, BROKEN_SECONDS)
        assert STRIKES[name].sign(world)
        with suppress(LookupError, psutil.Error):
            world.find_process(SERVICE).resume()


def test_a_ledger_that_forgets_its_books_does_not_outlive_a_storm(tmp_path: Path) -> None:
    """Workers that begin with empty books refuse corrections of what they admitted before they were killed."""
    see_break(tmp_path, QUICK)


@by_hand
@pytest.mark.parametrize("name", SLOW)
def test_a_ledger_without_a_protection_does_not_outlive_a_storm(tmp_path: Path, name: str) -> None:
    """Each leaves its own sign. A kill may fall where nothing needed the protection: of several storms one shows it."""
    for number in range(STORMS):
        storm = tmp_path / str(number)
        storm.mkdir()
        try:
            see_break(storm, name)
        except (AssertionError, pytest.fail.Exception):
            continue
        return
    pytest.fail(f"{STORMS} storms do not show it")


@by_hand
@pytest.mark.parametrize("options", [{}, ALONE], ids=["all", "alone"])
def test_a_sound_ledger_outlives_all_of_these_strikes(tmp_path: Path, options: Mapping[str, int]) -> None:
    """Or what was seen was no sign of a break."""
    with run_world(tmp_path, **options) as world:
        for strike in STRIKES.values():
            if strike.options == options:
                strike_world(world, strike)
                hold_laws(world, SOUND_SECONDS)
