"""A running ledger for the strangers' tests; what a test breaks for good it breaks on a ledger of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.adversary.running import RunningLedger


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLedger]:
    """The ledger of a module's tests, on two partitions."""
    made = RunningLedger(tmp_path_factory.mktemp("ledger"))
    try:
        yield made.start_up()
    finally:
        made.kill_up()


@pytest.fixture
def own_ledger(tmp_path: Path) -> Iterator[Callable[..., RunningLedger]]:
    """``own_ledger({"DISRUPTIONS_PARTITIONS": "1"})``: a ledger of one test, not started yet."""
    made: list[RunningLedger] = []

    def start_ledger(environment: dict[str, str] | None = None) -> RunningLedger:
        directory = tmp_path / f"ledger-{len(made)}"
        directory.mkdir()
        made.append(RunningLedger(directory, environment))
        return made[-1]

    yield start_ledger
    for one in made:
        one.kill_up()
