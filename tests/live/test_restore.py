"""A broker that really lost its data, and a store that has everything: the topics are made again as they were."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from confluent_kafka import Producer

from audit.topic_reader import TopicReader
from infra import topic_admin
from infra.partitioning import place_key
from infra.settings import Settings, load_settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import find_highs
from infra.topics import CHECKPOINTS, ENTRIES, FIGURES, PUBLISHED, REJECTED
from ledger.bounds import HEADERS_MAX
from ledger.errors import Misuse, Unavailable
from local import child_processes
from local.broker import Broker
from schemas.figures import encode_figure
from schemas.registry import pin_ids
from schemas.restored import ORIGINAL_GONE
from services.restore import restore_topics
from services.restore_bundle import BundleRestoreSource
from services.restore_mark import MARK
from services.restore_plan import RestoredRecord
from tests.facts import make_disruption, make_threat
from tests.live.audited import (
    CODEC,
    SESSION_SECONDS,
    THREATS,
    AuditedStack,
    Start,
    groups_are_gone,
    run_audited,
)
from tests.patience import PATIENCE_SECONDS, PATIENT, await_truth
from tests.services import bundled

PARTITIONS = 2
TOPICS = (PUBLISHED, ENTRIES, REJECTED)
Record = tuple[Any, ...]
Topics = dict[tuple[str, int], list[Record]]


def publish_in_transactions(settings: Settings) -> None:
    """Forty disruptions, each a transaction of its own, every fifth aborted; and a record with too many headers."""
    options = settings.build_kafka_options() | {"transactional.id": "force", "partitioner": "murmur2_random"}
    producer = Producer(options)
    producer.init_transactions(30)
    for number in range(40):
        producer.begin_transaction()
        fact = make_disruption(
            event_id=str(UUID(int=9_000 + number)).upper(), threat_id="T-1", disruption_id=f"E-{number}"
        )
        producer.produce(PUBLISHED, CODEC.encode_fact(fact), fact.threat_id, headers=[("ce_id", None), ("x", b"\xff")])
        producer.flush(PATIENCE_SECONDS)
        (producer.abort_transaction if number % 5 == 0 else producer.commit_transaction)(30)
    plain = Producer(settings.build_kafka_options())
    plain.produce(PUBLISHED, b"packed", b"T-1", 0, headers=[("x", b"")] * 1_001)
    assert plain.flush(PATIENCE_SECONDS) == 0


def read_topics(settings: Settings) -> Topics:
    """Every record of the topics. Offsets and ledger times of what was published; of outputs, their order."""
    found: Topics = {}
    for topic in TOPICS:
        reader = TopicReader(settings, topic)
        for partition in range(PARTITIONS):
            records = list(reader.read_records(partition, *reader.find_bounds(partition)))
            times = accumulate((one.appended_at for one in records), max)
            places = [(one.offset, at) for one, at in zip(records, times, strict=True)]
            found[topic, partition] = [
                (*(place if topic == PUBLISHED else ()), one.key, one.value, one.headers)
                for place, one in zip(places, records, strict=True)
            ]
        reader.close()
    return found


def seal_story(whole: AuditedStack) -> int:
    """Seal what was published until now, with a figure; how many leaves."""
    producer = Producer(whole.settings.build_kafka_options())
    producer.produce(FIGURES, encode_figure(bundled.make_figure(2), pin_ids()), partition=0)
    assert producer.flush(10) == 0
    leaves, file = THREATS * 7 + 2, whole.settings.state / "seals" / "checkpoint"
    environment = whole.environment | {"DISRUPTIONS_SEAL_INTERVAL_SECONDS": "0.2"}
    sealer = whole.child("services.sealer", "--state", str(whole.settings.state), environment=environment)
    await_truth(lambda: file.exists() and file.read_text().split("\n")[1] == str(leaves))
    child_processes.stop_child(sealer)
    return leaves


def publish_last(settings: Settings) -> None:
    """In partition 1: a threat, a refused event, and one that is admitted after it."""
    name = next(one for one in (f"L-{number}" for number in range(99)) if place_key(one.encode(), PARTITIONS) == 1)
    ids = (str(UUID(int=0xAC0000 + number)) for number in range(9))
    facts = (
        make_threat(event_id=next(ids), threat_id=name),
        make_disruption(event_id=next(ids), threat_id=name, disruption_id="L", type="SUPPORT", benefits="btp"),
        make_disruption(event_id=next(ids), threat_id=name, disruption_id="L"),
    )
    producer = Producer(settings.build_kafka_options())
    for fact in facts:
        producer.produce(PUBLISHED, CODEC.encode_fact(fact), fact.threat_id, 1)
    assert producer.flush(PATIENCE_SECONDS) == 0


def hold_times(settings: Settings, records: list[Record]) -> None:
    """An instant is found where it was, though markers of transactions are younger than what follows them."""
    reader, (offset, at) = TopicReader(settings, PUBLISHED), records[len(records) // 2][:2]
    first = next(one[0] for one in records if one[1] >= at)
    assert reader.find_offset(0, at, offset + 1) == first
    reader.close()


def ask_counts(whole: AuditedStack) -> Any:
    """The live balances."""
    asked = {"by": "org,type,pillar,month,standing"}
    found = httpx.get(f"{whole.environment['DISRUPTIONS_READ_API']}/v1/counts", params=asked, **PATIENT)
    return found.json()["rows"]


def begin_restore(whole: AuditedStack) -> subprocess.Popen[bytes]:
    """``disruptions audit restore --json``, as a process."""
    script = str(Path(sys.executable).with_name("disruptions"))
    command = [script, "audit", "restore", "--json", "--state", str(whole.settings.state)]
    environment = {**os.environ, **whole.environment}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def is_midway(settings: Settings) -> bool:
    """Whether some of what was published is there again."""
    try:
        return find_highs(build_admin_client(settings), [(PUBLISHED, 0)])[PUBLISHED, 0] > 5
    except Unavailable:
        return False


def kill_midway(whole: AuditedStack) -> None:
    """Begin a restore, and kill it when it has written a part of what was published."""
    restore = begin_restore(whole)
    while not is_midway(whole.settings) and restore.poll() is None:
        time.sleep(0.05)
    assert restore.poll() is None, restore.communicate()
    restore.send_signal(signal.SIGKILL)
    restore.communicate()
    assert (whole.settings.state / MARK).exists()


def finish_restore(whole: AuditedStack) -> dict[str, Any]:
    """Restore to the end; what it says. Exit 1: of one refused record nobody kept the original."""
    said, errors = (restore := begin_restore(whole)).communicate(timeout=120)
    assert restore.returncode == 1, errors.decode()
    assert not (whole.settings.state / MARK).exists()
    found: dict[str, Any] = json.loads(said)
    return found


def lose_refusal(whole: AuditedStack, topics: Topics) -> tuple[int, Topics]:
    """Take the last refusal of partition 1 from the store, as if it was never loaded; what the topics must hold."""
    refused = [CODEC.decode_rejection(one[1]).source.offset for one in topics[REJECTED, 1]]
    lost = refused[-1]
    whole.tamper_rows(f"DELETE FROM rejected WHERE partition = 1 AND offset = {lost}")  # noqa: S608  (a number of ours)
    kept = {
        (PUBLISHED, 1): [one for one in topics[PUBLISHED, 1] if one[0] < lost],
        (REJECTED, 1): topics[REJECTED, 1][:-1],
        (ENTRIES, 1): [one for one in topics[ENTRIES, 1] if CODEC.decode_entry(one[1]).source.offset < lost],
    }
    return lost, topics | kept


def put_stand_in(records: list[Record]) -> None:
    """Put what a restore puts in the place of the record with too many headers."""
    (at,) = [number for number, one in enumerate(records) if len(one[-1]) > HEADERS_MAX]
    records[at] = (*records[at][:2], None, None, ((ORIGINAL_GONE, None),))


def test_a_lost_cluster_is_made_again_from_the_store(
    tmp_path: Path, child: Start, environment_of: Callable[[Settings], dict[str, str]]
) -> None:
    """Killed on its way, from a store that lacks a refusal. Bytes, offsets, times and balances are those of before."""
    directory = tmp_path / "broker"
    broker = Broker(directory).start()
    values = {"kafka_bootstrap_servers": broker.bootstrap_servers, "partitions": PARTITIONS}
    chosen = values | {"session_timeout_seconds": SESSION_SECONDS}
    settings = load_settings(tmp_path / "state").model_copy(update=chosen)
    try:
        with run_audited(settings, child, environment_of(settings)) as whole:
            sealed = seal_story(whole)
            publish_in_transactions(settings)
            publish_last(settings)
            await_truth(whole.is_stored)
            before, counts = read_topics(settings), ask_counts(whole)
            child_processes.stop_child(whole.worker)
            child_processes.stop_child(whole.service)
            lost, wanted = lose_refusal(whole, before)
            put_stand_in(wanted[PUBLISHED, 0])
            broker.kill()
            shutil.rmtree(directory)
            broker = Broker(directory, port=int(broker.bootstrap_servers.rpartition(":")[2])).start()
            kill_midway(whole)
            body = finish_restore(whole)
            found = read_topics(settings)
            again = [one for one in found[PUBLISHED, 1] if one[0] >= lost]
            assert [one[2:] for one in again] == [one[2:] for one in before[PUBLISHED, 1] if one[0] > lost]
            assert found | {(PUBLISHED, 1): found[PUBLISHED, 1][: -len(again)]} == wanted
            hold_times(settings, found[PUBLISHED, 0])
            assert body["replay"]["kinds"] == {"EVIDENCE_GONE": 1}
            assert body["seal"] == {"leaves": sealed, "figures_gone": 1, "difference": None}
            assert (body["published_again"], len(body["originals_gone"])) == (len(again), 1)
            whole.start_worker()
            whole.start_service()
            whole.publish(iter([make_threat(event_id=str(UUID(int=1)), threat_id="T-99")]))
            await_truth(whole.is_stored)
            assert ask_counts(whole) == counts
            code, replay = whole.run_replay()
            assert (code, replay["kinds"]) == (1, {"EVIDENCE_GONE": 1})
            child_processes.stop_child(whole.service)
            shutil.rmtree(settings.state / "clickhouse")
            whole.start_service()
            await_truth(whole.is_stored)
            assert ask_counts(whole) == counts
            child_processes.stop_child(whole.worker)
            child_processes.stop_child(whole.service)
            refused = begin_restore(whole)
            assert "holds records" in refused.communicate(timeout=60)[1].decode()
            assert refused.returncode == 2
    finally:
        broker.stop()


def test_topics_are_made_again_from_a_bundle(settings_for: Callable[..., Settings], tmp_path: Path) -> None:
    """Checkpoints and figures too; then every topic is as the ledger needs it, and nothing is restored twice."""
    ledger = bundled.make_sealed()
    ledger.figures.append(bundled.make_figure(2))
    bundled.write_bundle(tmp_path / "bundle", ledger.make_source(ledger.seal_at(*bundled.CUTS)))
    settings = settings_for(partitions=PARTITIONS)
    topic_admin.delete_topics(settings)
    await_truth(lambda: groups_are_gone(settings))
    source = BundleRestoreSource(tmp_path / "bundle", pin_ids(), PARTITIONS)
    report = restore_topics(settings, source, None)
    assert (report.records[PUBLISHED], report.records[CHECKPOINTS], report.records[FIGURES]) == (16, 3, 1)
    for topic in source.topics:
        reader = TopicReader(settings, topic)
        for partition in range(PARTITIONS):
            found = reader.read_records(partition, *reader.find_bounds(partition))
            assert [RestoredRecord(*one[:5]) for one in found] == list(source.read_topic(topic, partition)), topic
        reader.close()
    topic_admin.verify_topics(settings)
    with pytest.raises(Misuse, match="holds records"):
        restore_topics(settings, source, None)
