"""A storm over a cluster of three brokers with three copies of everything, of which two must be in sync."""

from collections.abc import Callable
from pathlib import Path

from tests.chaos.world import run_world


def test_the_laws_hold_after_a_storm_over_a_cluster_that_loses_one_broker_at_a_time(
    tmp_path: Path, storm: Callable[..., None]
) -> None:
    """Three brokers, three copies of which two must be in sync: killed, halted and restarted one at a time."""
    with run_world(tmp_path, brokers=3) as world:
        storm(world, None)
