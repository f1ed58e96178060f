"""What a worker waits for in silence is said, by its own name, and no longer than it lasts."""

from collections.abc import Iterator

import pytest

from infra import status
from streams.stalls import NAMED_SECONDS, READING, WRITING, StallReports


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """No trouble before, none after."""
    yield
    status.close_status()


def list_said() -> list[str]:
    return [one["what"] for one in status.list_troubles()]


def test_what_is_waited_for_for_long_is_said_until_it_comes() -> None:
    """Outputs for a second: nothing. For seven seconds: that. Fetches too: both. Then nothing again."""
    waits = {READING: 0.0, WRITING: 1.0}
    stalls = StallReports({READING: lambda: waits[READING], WRITING: lambda: waits[WRITING]})
    assert not stalls.report_stalls()
    assert list_said() == []
    waits[WRITING] = 7.2
    assert stalls.report_stalls()
    assert list_said() == ["outputs have not been acknowledged for 7 s"]
    waits[READING] = NAMED_SECONDS
    assert stalls.report_stalls()
    assert "soc.published is not read: fetches have not been answered for 5 s" in list_said()
    waits.update({READING: 0.0, WRITING: 0.0})
    assert not stalls.report_stalls()
    assert list_said() == []
