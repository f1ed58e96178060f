"""The events of ``disruptions synth``, as many as are wanted: one national year, and copies of it on other threats."""

from collections.abc import Iterator
from functools import cache

from confluent_kafka import Producer
from msgspec.structs import replace

from infra.settings import Settings
from infra.topics import PUBLISHED
from ledger.facts import DisruptionFact, Fact
from producers.drafts import make_headers
from schemas.codec import Codec
from schemas.conversion import make_fact
from schemas.registry import pin_ids
from synthetic.year import make_national_year

SEED, YEAR = 1, 2022


@cache
def make_year() -> tuple[Fact, ...]:
    """Make the facts of the year, in order of sending."""
    return tuple(make_fact(sent.event) for sent in make_national_year(SEED, YEAR))


def make_years(events: int, first_copy: int) -> Iterator[Fact]:
    """Make so many events; each copy has threats and event ids of its own."""
    year = make_year()
    for number in range(events):
        copy, at = divmod(number, len(year))
        fact = year[at]
        named = f"{fact.threat_id}-{first_copy + copy}"
        yield replace(fact, threat_id=named, event_id=f"{first_copy + copy:08x}{fact.event_id[8:]}")


def count_events(disruptions: int) -> int:
    """Count the events that hold so many disruptions."""
    year = make_year()
    distinct = len({(one.threat_id, one.disruption_id) for one in year if isinstance(one, DisruptionFact)})
    return disruptions * len(year) // distinct


def publish_years(settings: Settings, events: int, first_copy: int) -> None:
    """Publish them as a force does, keyed by threat, with all headers."""
    codec = Codec(pin_ids())
    options = {"partitioner": "murmur2_random", "linger.ms": 20, "batch.size": 262_144, "acks": "all"}
    producer = Producer(settings.build_kafka_options() | options)
    for fact in make_years(events, first_copy):
        value = codec.encode_fact(fact)
        producer.produce(PUBLISHED, value, fact.threat_id.encode(), headers=make_headers(fact))
        producer.poll(0)
    producer.flush()
