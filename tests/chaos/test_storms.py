"""A storm over a running whole: whatever is killed, halted, filled, stalled or cut off, the laws hold afterwards."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.disk import mount_disk
from tests.chaos.world import run_world

DISK_SIZE = "500m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, bool]]:
    """A directory to work in, and whether it is a disk by itself, that can be filled."""
    with mount_disk(tmp_path / "disk", DISK_SIZE) as cannot:
        if cannot:
            sys.stdout.write(f"a disk cannot be mounted here, so none is filled: {cannot}\n")
        yield tmp_path / "disk", not cannot


def test_the_laws_hold_after_a_storm_over_one_broker_and_a_small_disk(
    small_disk: tuple[Path, bool], storm: Callable[..., None]
) -> None:
    """Worker, service and broker killed, halted and restarted, network and disk at their worst, clocks ahead."""
    directory, is_disk = small_disk
    with run_world(directory) as world:
        storm(world, directory if is_disk else None)
