"""Looking at the topics beside the work: what a look raises is told, whatever it is."""

import asyncio

import pytest

from ledger.errors import Misuse, Unavailable
from streams import standstill
from streams.standstill import keep_looking


def test_a_look_that_has_a_defect_is_told_and_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """The world's fault is waited out, a standstill is handed on, and then the third look fails for good."""
    monkeypatch.setattr(standstill, "WATCH_SECONDS", 0.0)
    looks = [Unavailable("away"), Misuse("another topic"), KeyError("soc.published")]
    stood: list[str] = []
    failed: list[tuple[str, str]] = []

    async def end_look() -> None:
        raise looks.pop(0)

    async def stand_all(error: Misuse) -> None:
        stood.append(str(error))

    def note_failure(what: str, error: Exception) -> None:
        failed.append((what, type(error).__name__))

    asyncio.run(keep_looking(end_look, stand_all, note_failure))
    assert (looks, stood, failed) == ([], ["another topic"], [("topics cannot be looked at", "KeyError")])
