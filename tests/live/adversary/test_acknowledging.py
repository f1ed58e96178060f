"""Who may acknowledge a loss, and when: nobody while something of the partition may be in flight."""

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from infra.groups import INTAKE_GROUP
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topics import PUBLISHED, REJECTED
from ledger.errors import Misuse
from streams.acknowledgement import acknowledge_losses, find_losses
from tests.live.adversary.running import DISRUPTIONS, await_true
from tests.patience import PATIENCE_SECONDS

WHY = {"acknowledged-by": "a.smith", "acknowledged-at": "2026-11-25T09:00:00Z", "reason": "retention"}
Command = Callable[..., Any]


@pytest.fixture
def lossy(fresh_topics: Settings) -> Settings:
    """Three records published into partition 0, two of them deleted; no worker has ever run."""
    producer = Producer(fresh_topics.build_kafka_options())
    for number in range(3):
        producer.produce(PUBLISHED, b"event", str(number), partition=0)
    assert producer.flush(PATIENCE_SECONDS) == 0
    client = build_admin_client(fresh_topics)
    for done in client.delete_records([TopicPartition(PUBLISHED, 0, 2)]).values():
        assert done.result(PATIENCE_SECONDS).low_watermark == 2
    return fresh_topics


@pytest.fixture
def command(lossy: Settings, environment_of: Callable[[Settings], dict[str, str]]) -> Command:
    """``command("--yes")``: the command on that loss, as a process without a terminal."""

    def run_command(*options: str, partition: int = 0) -> Any:
        arguments = [DISRUPTIONS, "acknowledge-loss", f"--partition={partition}", "--reason=retention", *options]
        environment = os.environ | environment_of(lossy)
        return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run_command


def test_a_loss_is_acknowledged_without_workers_and_once(lossy: Settings, command: Command) -> None:
    """Offsets 0 and 1; the second command finds nothing lost."""
    assert command().returncode == 2
    assert json.loads(command("--yes", "--json").stdout)["lost"] == [{"first": 0, "last": 1}]
    assert find_losses(lossy, 0) == []
    again = command("--yes")
    assert again.returncode == 2
    assert "nothing is lost in partition 0" in again.stderr
    nowhere = command("--yes", partition=99)
    assert (nowhere.returncode, "no partition 99: soc.published has" in nowhere.stderr) == (2, True)


def test_a_worker_that_does_not_say_that_it_stands_is_not_written_over(lossy: Settings, command: Command) -> None:
    """A member of the group may still hold records that it fetched before they were deleted."""
    options = {"group.id": INTAKE_GROUP, "enable.auto.commit": False}
    member = Consumer(lossy.build_kafka_options() | options)
    member.subscribe([PUBLISHED])
    try:
        await_true(lambda: member.poll(0.2) is None and bool(member.assignment()), 30)
        refused = command("--yes")
        assert refused.returncode == 2
        assert "a worker is at work on partition 0" in refused.stderr
        member.commit(offsets=[TopicPartition(PUBLISHED, 0, 0, "stands")], asynchronous=False)
        assert command("--yes").returncode == 0
    finally:
        member.close()


def test_of_two_commands_at_once_one_is_fenced(lossy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one's transaction belongs to nobody any more: one output is written."""
    shown = find_losses(lossy, 0)

    def acknowledge_meanwhile(*_: object) -> list[Any]:
        acknowledge_losses(lossy, 0, shown, WHY)
        return shown

    calls = iter([acknowledge_meanwhile])

    def find_shown_first(*arguments: Any) -> list[Any]:
        return next(calls, find_losses)(*arguments)

    monkeypatch.setattr("streams.acknowledgement.find_losses", find_shown_first)
    with pytest.raises(Misuse, match="somebody else acknowledges"):
        acknowledge_losses(lossy, 0, shown, WHY | {"acknowledged-by": "b.jones"})
    assert count_rejected(lossy) == 1


def count_rejected(settings: Settings) -> int:
    consumer = Consumer(settings.build_kafka_options() | {"group.id": "test", "enable.partition.eof": True})
    consumer.assign([TopicPartition(REJECTED, 0, 0)])
    found = 0
    while (message := consumer.poll(PATIENCE_SECONDS)) is not None and message.error() is None:
        found += 1
    consumer.close()
    return found
