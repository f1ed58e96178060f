"""Restores in a storm: they and the broker under them are killed at moments of a seed, again and again."""

import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from infra.settings import load_settings
from local.broker import Broker
from tests.chaos.conftest import RUNS, SEED
from tests.live.restore_drill import RestoreDrill

KILLS = 12
PARTITIONS = 3
SOMETIMES = 0.4
STORMS = 15

Start = Callable[..., RestoreDrill]

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("CHAOS_BREAKS" not in os.environ, reason="minutes: `make chaos`; CI has tests/live"),
]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[list[Broker]]:
    """Brokers of one place, one after another; the last one runs."""
    (tmp_path / "state").mkdir()
    brokers = [Broker(tmp_path / "broker").start()]
    yield brokers
    brokers[-1].stop()


@pytest.fixture
def drill(tmp_path: Path, running: list[Broker]) -> Start:
    """``drill(seed, *breaks)``: a ledger to be restored into it."""
    address = running[0].bootstrap_servers
    chosen = {"kafka_bootstrap_servers": address, "partitions": PARTITIONS}
    settings = load_settings(tmp_path / "state").model_copy(update=chosen)
    environment = {"DISRUPTIONS_PARTITIONS": str(PARTITIONS), "KAFKA_BOOTSTRAP_SERVERS": address}
    return partial(RestoreDrill, settings, environment)


@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_restores_and_their_broker_killed_again_and_again_end_as_an_undisturbed_one(
    tmp_path: Path, running: list[Broker], drill: Start, seed: int
) -> None:
    """Every record where it was, with its time, once; and whoever was refused on the way was told what to do."""
    rng = random.Random(seed)
    port = int(running[0].bootstrap_servers.rpartition(":")[2])

    def strike_broker() -> bool:
        if strikes := len(running) == 1 or rng.random() < SOMETIMES:
            running[-1].kill()
            running.append(Broker(tmp_path / "broker", port=port).start())
        return strikes

    made = drill(seed)
    made.run_storm(KILLS, strike_broker)
    made.prove_end()
    assert len(running) > 1, "the broker was never killed"


@pytest.mark.parametrize("breaks", [("end",), ("begun",), ("mark",)], ids="+".join)
def test_a_step_of_a_restore_that_is_broken_on_purpose_is_caught(drill: Start, breaks: tuple[str, ...]) -> None:
    """What lies there is written once more; or gone on from, whatever it is; or nobody knows whose topics they are.

    A storm may happen to kill where the step makes no difference: of several, one must show it.
    """

    def restore_and_prove(seed: int) -> None:
        made = drill(seed, *breaks)
        made.lose_cluster()
        made.run_storm(KILLS)
        made.prove_end()

    for seed in range(SEED, SEED + STORMS):
        try:
            restore_and_prove(seed)
        except AssertionError:
            return
    pytest.fail(f"{STORMS} storms from seed {SEED} on do not show it")
