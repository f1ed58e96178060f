"""A loader of a group that cannot take its partitions says so, and takes them when it can."""

import threading
from typing import Any

import pytest

from ledger.errors import Unavailable
from sinks.loader_health import LoaderHealth
from sinks.role import LIVE
from sinks.session import LoaderSession


class Taking(LoaderSession):
    """A session that is asked for its beginning alone; the store is away three times."""

    def __init__(self, health: LoaderHealth) -> None:
        self._health = health
        self._role = LIVE
        self._stop = threading.Event()
        self.seen: list[tuple[str, str | None]] = []

    def _find_starts(self, _: Any, partitions: list[Any]) -> list[Any]:
        self.seen.append((self._health.state, self._health.trouble))
        if len(self.seen) < 4:
            raise Unavailable("the store does not answer")
        return partitions


class Consumer:
    """Remembers what was assigned."""

    assigned: list[Any] | None = None

    def assign(self, partitions: list[Any]) -> None:
        """Remember."""
        self.assigned = partitions


def test_partitions_that_cannot_be_taken_are_a_trouble_until_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting and degraded meanwhile, with the reason; loading and well after."""
    monkeypatch.setattr("sinks.session.RETRY_SECONDS", 0.0)
    health, consumer = LoaderHealth(state="loading"), Consumer()
    session = Taking(health)
    session._take_partitions(consumer, ["a partition"])
    waiting = ("waiting", "partitions cannot be taken: the store does not answer")
    assert session.seen == [("loading", None), waiting, waiting, waiting]
    assert consumer.assigned == ["a partition"]
    assert (health.state, health.trouble, health.degraded) == ("loading", None, False)
