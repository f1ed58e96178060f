"""The next generation while it is filled, on a real broker and engine."""

import threading

import pytest

from infra.settings import Settings
from services.table_build import TableBuild
from sinks.feed_keeper import FeedKeeper
from sinks.generations import begin_building, make_database
from sinks.loader import Loader
from sinks.role import build_aside
from tests.patience import PATIENCE_SECONDS
from tests.stores import open_migrated


def test_what_ended_its_loader_stays_its_trouble(fresh_topics: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader has a defect; feeds and alerts are kept up beside it, and say nothing that would hide it."""
    turns = threading.Semaphore(0)
    catch_up = FeedKeeper.catch_up

    def count_turn(keeper: FeedKeeper, seconds: float) -> int:
        turns.release()
        return catch_up(keeper, seconds)

    def fail_at_once(_loader: Loader, _stop: threading.Event) -> None:
        raise LookupError("a value of a record")

    monkeypatch.setattr(FeedKeeper, "catch_up", count_turn)
    monkeypatch.setattr(Loader, "run", fail_at_once)
    with open_migrated(fresh_topics) as store:
        number = begin_building(store, 0).building
        make_database(store, number)
        build = TableBuild(fresh_topics, store.open_beside(number), build_aside(number, 0))
        build.start()
        try:
            assert all(turns.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))
            assert build.trouble == "LookupError"
        finally:
            build.stop()
