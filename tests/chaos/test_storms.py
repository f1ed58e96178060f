"""One broker and a small disk: an entry cut in two by a kill, then a storm of everything; the laws hold afterwards."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from infra.partitioning import place_key
from infra.topics import ENTRIES, PUBLISHED
from schemas.parts import list_parts
from schemas.stored import StoredEntry
from tests.chaos.disk import mount_disk
from tests.chaos.history import PlannedRecord, plan_record
from tests.chaos.verdict import hold_laws
from tests.chaos.world import PARTITIONS, ChaosWorld, run_world
from tests.facts import make_disruption, make_threat
from tests.live.audited import CODEC
from tests.live.intake_proof import read_all

DISK_SIZE = "500m"
WAITING = 11_000  # disruptions of one threat that is not known yet: 22,000 legs when it is, three parts
CROWD, PIECE_SECONDS = "T-crowd", 0.1
PARTITION = place_key(CROWD.encode(), PARTITIONS)
WITHIN_SECONDS = 60.0


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bool]]:
    """A directory to work in, and whether it is a disk by itself, that can be filled."""
    place = tmp_path_factory.mktemp("storm") / "disk"
    with mount_disk(place, DISK_SIZE) as cannot:
        if cannot:
            sys.stdout.write(f"a disk cannot be mounted here, so none is filled: {cannot}\n")
        yield place, not cannot


@pytest.fixture(scope="module")
def world(small_disk: tuple[Path, bool]) -> Iterator[ChaosWorld]:
    """One broker, two workers, a service."""
    with run_world(small_disk[0]) as made:
        yield made


def publish_crowd(world: ChaosWorld) -> None:
    """Disruptions by Norfolk that await their threat; each is in an account of its standing."""
    producer = Producer(world.settings.build_kafka_options() | {"enable.idempotence": True, "linger.ms": 50})
    for number in range(WAITING):
        names = {"event_id": str(UUID(int=number)), "disruption_id": f"D-{number:0150}"}  # long: no batch has two parts
        fact = make_disruption(**names, threat_id=CROWD, recorded_by="norfolk")
        publish_fact(world, producer, plan_record(fact))
    assert producer.flush(WITHIN_SECONDS) == 0


def publish_fact(world: ChaosWorld, producer: Producer, record: PlannedRecord) -> None:
    """One record, which is planned from now on."""
    world.planned.append(record)
    producer.produce(PUBLISHED, record.value, record.key, PARTITION)
    producer.poll(0)


def list_written(world: ChaosWorld) -> list[StoredEntry]:
    """The records of the one entry that has several, as they lie in the topic."""
    read = (CODEC.decode_entry(one.value()) for one in read_all(world.settings, ENTRIES).get(PARTITION, []))
    return [one for one in read if one.part.parts > 1]


@pytest.mark.live
def test_an_entry_that_a_kill_cut_between_two_parts_is_written_to_its_end(world: ChaosWorld) -> None:
    """On a slow network the first part is there when its worker is killed; another worker writes those that lack."""
    publish_crowd(world)
    assert world.ledger.run_command("wait", "--timeout", "90").returncode == 0
    parts = len(list_parts(2 * WAITING))
    world.network.delay_links(None, PIECE_SECONDS)
    producer = Producer(world.settings.build_kafka_options())
    known = make_threat(event_id=str(UUID(int=WAITING)), threat_id=CROWD, owner="norfolk")
    publish_fact(world, producer, plan_record(known))
    assert producer.flush(WITHIN_SECONDS) == 0
    await_first_part(world)
    cut_off(world)
    written = len(list_written(world))
    assert 0 < written < parts, "the kill lay before or behind all parts, so this proves nothing"
    world.network.delay_links((), 0.0)
    hold_laws(world)
    found = [one.part.part for one in list_written(world)]
    assert found == [0, 1, 2], "what was written already is not written again"
    counted = world.ledger.ask_json("counts", "--by", "org")["rows"]
    assert {row["org"]: row["n"] for row in counted}["norfolk"] == WAITING


def await_first_part(world: ChaosWorld) -> None:
    """Return as soon as a part is in the topic: what was stored before is not read again."""
    consumer = Consumer(world.settings.build_kafka_options() | {"group.id": "parts", "fetch.wait.max.ms": 20})
    try:
        place = TopicPartition(ENTRIES, PARTITION, WAITING)
        consumer.assign([place])
        found = consumer.poll(WITHIN_SECONDS)
        assert found is not None
        assert CODEC.decode_entry(found.value()).part.parts > 1
    finally:
        consumer.close()


def cut_off(world: ChaosWorld) -> None:
    """Kill both workers, whichever it is, and whatever they had on the way."""
    workers = [name for name in world.list_parts() if name.startswith("worker")]
    processes = [world.find_process(name) for name in workers]
    ports = set().union(*(world.list_ports(name) for name in workers))
    for process in processes:
        process.suspend()
    world.network.reset_links(ports | set().union(*(world.list_ports(name) for name in workers)))
    for process in processes:
        process.kill()


def test_the_laws_hold_after_a_storm_over_one_broker_and_a_small_disk(
    world: ChaosWorld, small_disk: tuple[Path, bool], storm: Callable[..., None]
) -> None:
    """Worker, service and broker killed, halted and restarted, network and disk at their worst, clocks ahead."""
    directory, is_disk = small_disk
    storm(world, directory if is_disk else None)
