"""The clock of this machine against a real broker's: they are one, and then one that is told otherwise."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topics import CLOCK, ENTRIES, PUBLISHED
from ledger.instants import count_millis
from queries.answer import read_clock
from queries.published import open_published
from queries.watch import Sample, Watch
from tests.live.loader_proof import Outputs, run_loader, wait_until_stored
from tests.patience import PATIENCE_SECONDS
from tests.sinks.records import count_millis_of, make_entry
from tests.stores import open_migrated

DAY_SECONDS = 86_400
DAY_MILLIS = 1000 * DAY_SECONDS


@pytest.fixture
def put_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """``put_clock(7)``: whoever asks what time it is on this machine is told one that is seven seconds ahead."""

    def put_ahead(seconds: int) -> None:
        monkeypatch.setattr("queries.watch.read_clock", lambda: read_clock() + timedelta(seconds=seconds))

    return put_ahead


def publish_event(settings: Settings, **own: int) -> int:
    """Publish one record into partition 0; the time that it has."""
    appended: list[int] = []

    def note_time(_: object, message: Message) -> None:
        appended.append(message.timestamp()[1])

    producer = Producer(settings.build_kafka_options())
    producer.produce(PUBLISHED, b"an event", b"T1", 0, on_delivery=note_time, **own)
    assert producer.flush(PATIENCE_SECONDS) == 0
    return appended[0]


def measure_by(settings: Settings, **own: int) -> Sample:
    """Ask, publish, judge it, store it, ask again."""
    with open_migrated(settings) as store:
        published = open_published(settings, store)
        watch = Watch(settings, store, published)
        with run_loader(settings, store):
            assert watch.take_sample().skew is None
            learnt = publish_event(settings, **own)
            producer = Producer(settings.build_kafka_options())
            producer.produce(ENTRIES, make_entry(0, 0, (learnt - count_millis_of(0)) / 60_000), b"T1", 0)
            assert producer.flush(PATIENCE_SECONDS) == 0
            wait_until_stored(store, Outputs({0: 1}, {}))
        sample = watch.take_sample()
        published.close()
    return sample


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, ""),
        (20, "this machine's clock is"),
        (2 * DAY_SECONDS, "this machine's clock is"),
        (
            -2 * DAY_SECONDS,
            "in partition 0: this machine's clock is behind, or a broker's",
        ),
    ],
)
def test_health_measures_the_clock_and_is_red_once_the_margin_is_eaten(
    fresh_topics: Settings, put_clock: Callable[[int], None], ahead: int, said: str
) -> None:
    """With one clock, 0 lies between least and most; the margin is 5 s, and two days off is found as 20 s are."""
    put_clock(ahead)
    sample = measure_by(fresh_topics)
    assert sample.skew is not None
    assert sample.skew.least <= ahead * 1000 <= sample.skew.most
    assert sample.skew.least > ahead * 1000 - 10_000, "no later than this slow machine explains"
    found = [one for one in sample.troubles if "clock" in one["what"]]
    assert [said in one["what"] for one in found] == [True] * bool(said)
    assert all("NTP" in one["remedy"] for one in found)


def test_a_record_that_has_an_old_time_from_its_writer_shows_no_clock(fresh_topics: Settings) -> None:
    """A restore writes so, while the topic keeps the writers' clocks; the topic has its broker's again afterwards."""
    keep_times(fresh_topics, "CreateTime")
    sample = measure_by(fresh_topics, timestamp=count_millis(read_clock()) - 2 * DAY_MILLIS)
    assert sample.skew is None
    assert not [one for one in sample.troubles if "clock" in one["what"]]


def keep_times(settings: Settings, clock: str) -> None:
    """Let ``soc.published`` keep times by this clock."""
    changed = ConfigEntry(CLOCK, clock, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, PUBLISHED, incremental_configs=[changed])
    client = build_admin_client(settings)
    (done,) = client.incremental_alter_configs([resource]).values()
    done.result(PATIENCE_SECONDS)
