"""The stand-ins of a simulation, put in place once for all runs of a test module."""

from collections.abc import Iterator

import pytest

from tests.simulation.runs import prepare_runs


@pytest.fixture(scope="module")
def prepared() -> Iterator[None]:
    """Runs may begin."""
    with prepare_runs():
        yield
