"""A history that is written into one engine."""

from collections.abc import Iterator

import pytest

from tests.queries.histories_stored import StoredHistory, open_history


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredHistory]:
    """One engine for the module."""
    with open_history(tmp_path_factory.mktemp("state")) as opened:
        yield opened
