"""A client that does not find its way back to the broker, as librdkafka's did after a machine had stood still: whoever
keeps one asks with another next time.

What keeps such a client away cannot be made on purpose; one of an address where nobody is stays away as well.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topics import PUBLISHED
from ledger.errors import Unavailable
from queries.broker_presence import AWAY_SECONDS
from queries.published import Published
from sinks.topics import StoredTopics
from streams.watch import TopicWatch
from tests.stores import open_migrated


@pytest.fixture
def first_away(fresh_topics: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The first client that anybody makes is of nobody's address; questions are given a second."""
    nowhere = fresh_topics.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:1"})
    for module in ("queries.published", "sinks.topics", "streams.watch"):
        made = iter([nowhere])

        def build_next(settings: Settings, made: Any = made) -> Any:
            return build_admin_client(next(made, settings))

        monkeypatch.setattr(f"{module}.build_admin_client", build_next)
    monkeypatch.setattr("infra.topic_identity.CALL_TIMEOUT_SECONDS", 1.0)
    return fresh_topics


def ask_twice(question: Callable[[], Any]) -> Any:
    """Ask once without an answer, and again after the broker may be asked again."""
    with pytest.raises(Unavailable):
        question()
    time.sleep(AWAY_SECONDS)
    return question()


def test_what_is_published_is_asked_with_another_client(first_away: Settings) -> None:
    """Four partitions, in which nothing lies."""
    published = Published(first_away)
    tails = ask_twice(lambda: published.find_tails({}))
    assert {number: tail.high for number, tail in tails.items()} == {0: 0, 1: 0, 2: 0, 3: 0}
    published.close()


def test_stored_topics_are_held_with_another_client(first_away: Settings) -> None:
    """The loader's question, and that of every answer."""
    with open_migrated(first_away) as store:
        topics = StoredTopics(first_away, store)
        ask_twice(topics.hold_topics)
        assert topics.find_ends([(PUBLISHED, 0)]) == {(PUBLISHED, 0): 0}


def test_a_worker_looks_at_its_topics_with_another_client(first_away: Settings) -> None:
    """And judges on."""
    watch = TopicWatch(first_away)
    assert PUBLISHED in ask_twice(lambda: watch.hold_topics(time.monotonic()))
    assert watch.find_deleted([0, 1]) == []
