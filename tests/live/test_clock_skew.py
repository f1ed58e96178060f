"""The clock of this machine against a real broker's: they are one, and then one that is said to be behind."""

import pytest
from confluent_kafka import Message, Producer

from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED
from queries.published import open_published
from queries.watch import Sample, Watch
from tests.live.loader_proof import Outputs, run_loader, wait_until_stored
from tests.patience import PATIENCE_SECONDS
from tests.sinks.records import count_millis_of, make_entry
from tests.stores import open_migrated


def publish_event(settings: Settings) -> int:
    """Publish one record into partition 0; when the broker appended it."""
    appended: list[int] = []

    def note_time(_: object, message: Message) -> None:
        appended.append(message.timestamp()[1])

    producer = Producer(settings.build_kafka_options())
    producer.produce(PUBLISHED, b"an event", b"T1", 0, on_delivery=note_time)
    assert producer.flush(PATIENCE_SECONDS) == 0
    return appended[0]


def measure_by(settings: Settings, behind: int) -> Sample:
    """Ask, publish, judge it by a clock that is so many milliseconds behind, store it, ask again."""
    with open_migrated(settings) as store:
        published = open_published(settings, store)
        watch = Watch(settings, store, published)
        with run_loader(settings, store):
            assert watch.take_sample().skew is None
            learnt = publish_event(settings) - behind
            producer = Producer(settings.build_kafka_options())
            producer.produce(ENTRIES, make_entry(0, 0, (learnt - count_millis_of(0)) / 60_000), b"T1", 0)
            assert producer.flush(PATIENCE_SECONDS) == 0
            wait_until_stored(store, Outputs({0: 1}, {}))
        sample = watch.take_sample()
        published.close()
    return sample


@pytest.mark.parametrize(("behind", "is_eaten"), [(0, False), (20_000, True)])
def test_health_measures_the_clock_and_is_red_once_the_margin_is_eaten(
    fresh_topics: Settings, behind: int, *, is_eaten: bool
) -> None:
    """With one clock, 0 lies between least and most; with one 20 s behind, the margin of 5 s is too small."""
    sample = measure_by(fresh_topics, behind)
    assert sample.skew is not None
    assert sample.skew.least <= behind <= sample.skew.most
    assert sample.skew.least > behind - 10_000, "no later than this slow machine explains"
    assert any("this machine's clock is" in one["what"] for one in sample.troubles) == is_eaten
