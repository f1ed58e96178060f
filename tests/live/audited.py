"""What the audit is tried on: a small story published to a real broker, a worker, a loader, and the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from confluent_kafka import Consumer, Producer, TopicPartition

from infra import topic_admin
from infra.settings import Settings
from infra.topics import ENTRIES, PUBLISHED
from ledger.errors import Unavailable
from ledger.facts import Fact
from local import child_processes
from local.ports import find_free_port
from schemas.codec import Codec
from schemas.registry import pin_ids
from tests.facts import make_disruption, make_threat
from tests.patience import PATIENCE_SECONDS, PATIENT, await_truth

READY_SECONDS = 60
SESSION_SECONDS = 2.0
CODEC = Codec(pin_ids())
THREATS = 12
Start = Callable[..., child_processes.ChildProcess]

SQL = """
import sys
from pathlib import Path
from infra.settings import load_settings
from sinks.connections import open_connection
client = open_connection(load_settings(Path(sys.argv[1])))
for statement in sys.argv[2:]:
    client.command(statement, settings={"mutations_sync": 2})
client.close()
"""


def make_story() -> Iterator[Fact]:
    """Twelve threats with three disruptions each: one amended, one withdrawn; the last event of each is refused."""
    for number in range(THREATS):
        ids = (str(UUID(int=number * 100 + one)) for one in range(1, 100))
        name = f"T-{number}"
        yield make_threat(event_id=next(ids), threat_id=name)
        for reference in ("A", "B", "C"):
            yield make_disruption(event_id=next(ids), threat_id=name, disruption_id=reference)
        yield make_disruption(
            event_id=next(ids), threat_id=name, disruption_id="A", version=2, change="AMENDED", pillar="PREVENT"
        )
        yield make_disruption(event_id=next(ids), threat_id=name, disruption_id="B", version=2, change="WITHDRAWN")
        yield make_disruption(event_id=next(ids), threat_id=name, disruption_id="D", type="SUPPORT", benefits="btp")


@dataclass
class AuditedStack:
    """A worker, a loader with its read API, and the command line."""

    settings: Settings
    environment: dict[str, str]
    child: Start
    worker: child_processes.ChildProcess | None = None
    service: child_processes.ChildProcess | None = None

    def start_worker(self) -> None:
        """Start a stream worker, without waiting for it."""
        arguments = ("--state", str(self.settings.state), "--name", "worker-1")
        self.worker = self.child("streams.worker", *arguments, environment=self.environment)

    def start_service(self) -> None:
        """Start loader and read API, and wait until they answer."""
        port = find_free_port()
        arguments = ("--state", str(self.settings.state), "--port", str(port))
        self.service = self.child("services.store", *arguments, environment=self.environment)
        self.environment["DISRUPTIONS_READ_API"] = f"http://127.0.0.1:{port}"
        await_truth(lambda: self.read_positions() is not None)

    def read_positions(self) -> dict[str, dict[str, int]] | None:
        """How far the store has come, beside how far has been published; None while nobody answers."""
        try:
            answer = httpx.get(f"{self.environment['DISRUPTIONS_READ_API']}/v1/positions", **PATIENT)
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == httpx.codes.OK else None

    def is_stored(self) -> bool:
        """Whether everything published is stored."""
        found = self.read_positions()
        return found is not None and found["stored"] == found["published"]

    def change_rows(self, *statements: str) -> None:
        """Change what is stored while nobody holds the store, then start the service again."""
        assert self.service is not None
        child_processes.stop_child(self.service)
        self.tamper_rows(*statements)
        self.start_service()

    def tamper_rows(self, *statements: str) -> None:
        """Change what is stored, behind everybody's back."""
        command = [sys.executable, "-c", SQL, str(self.settings.state), *statements]
        subprocess.run(command, check=True, env={**os.environ, **self.environment}, timeout=READY_SECONDS)

    def run_replay(self, *options: str) -> tuple[int, dict[str, Any]]:
        """Exit code and body of ``disruptions audit replay --json``."""
        script = str(Path(sys.executable).with_name("disruptions"))
        command = [
            script,
            "audit",
            "replay",
            "--json",
            "--limit",
            "1000",
            "--state",
            str(self.settings.state),
            *options,
        ]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, check=False, capture_output=True, env=environment, timeout=READY_SECONDS)
        assert done.returncode in (0, 1), done.stderr.decode()
        return done.returncode, json.loads(done.stdout)

    def publish(self, facts: Iterator[Fact]) -> None:
        """Publish facts as Java clients would place them, and one value that is no event at all."""
        producer = Producer(self.settings.build_kafka_options() | {"partitioner": "murmur2_random", "acks": "all"})
        for fact in facts:
            producer.produce(PUBLISHED, CODEC.encode_fact(fact), fact.threat_id)
        producer.produce(PUBLISHED, b"not an event", b"T-0")
        assert producer.flush(READY_SECONDS) == 0


def groups_are_gone(settings: Settings) -> bool:
    """Whether the groups could be deleted: a member with a name of its own stays until its session ends."""
    try:
        topic_admin.delete_groups(settings)
    except Unavailable:
        return False
    return True


@contextmanager
def run_audited(settings: Settings, child: Start, environment: dict[str, str]) -> Iterator[AuditedStack]:
    """The story published, admitted and stored, on fresh topics; stopped politely at the end."""
    topic_admin.delete_topics(settings)
    await_truth(lambda: groups_are_gone(settings))
    topic_admin.create_topics(settings)
    made = AuditedStack(settings, environment, child)
    made.publish(make_story())
    made.start_worker()
    made.start_service()
    await_truth(made.is_stored)
    yield made
    for process in (made.worker, made.service):
        if process is not None:
            child_processes.stop_child(process)


def read_entries(settings: Settings) -> Iterator[tuple[int, bytes]]:
    """Every record of soc.entries with its partition."""
    consumer = Consumer(settings.build_kafka_options() | {"group.id": "test", "enable.auto.commit": False})
    try:
        for partition in range(settings.partitions):
            _, end = consumer.get_watermark_offsets(TopicPartition(ENTRIES, partition), timeout=PATIENCE_SECONDS)
            consumer.assign([TopicPartition(ENTRIES, partition, 0)])
            yield from ((partition, message.value()) for message in consumer.consume(end, timeout=PATIENCE_SECONDS))
    finally:
        consumer.close()
