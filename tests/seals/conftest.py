"""A log that another may follow."""

from pathlib import Path

import pytest

from tests.seals.log_made import MadeLog


@pytest.fixture
def old(tmp_path: Path) -> MadeLog:
    """A log of two checkpoints, of 10 leaves and of 30."""
    made = MadeLog(tmp_path / "old")
    for end in (10, 30):
        made.fill_positions(0, 0 if end == 10 else 10, end)
        made.sealer.seal_ready()
    return made
