"""The audit as the judge of crashes: whatever is killed and sent again, the ledger agrees with its replay."""

import random
import time

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from bench.fold import make_mix
from infra import topic_admin
from infra.groups import LOADER_GROUP
from infra.settings import Settings
from infra.topics import ENTRIES, REJECTED
from local import child_processes
from tests.live.audited import READY_SECONDS, AuditedStack
from tests.patience import await_truth

EVENTS = 3_000
KILLS = 4


@pytest.mark.parametrize("seed", [11])
def test_worker_and_loader_killed_at_random_moments_leave_a_ledger_that_agrees(whole: AuditedStack, seed: int) -> None:
    """3,000 events, sent twice, with worker and loader killed again and again: nothing lost, and twice is once."""
    rng = random.Random(seed)
    facts = [fact for _, fact in make_mix(EVENTS, seed)]
    for kill in range(KILLS):
        whole.publish(iter(facts if kill in (0, KILLS - 1) else ()))
        time.sleep(rng.uniform(0.1, 1.5))
        if rng.random() < 0.5:
            child_processes.kill_child(whole.worker)
            whole.start_worker()
        else:
            child_processes.kill_child(whole.service)
            whole.start_service()
    await_truth(whole.is_stored)
    code, body = whole.run_replay()
    assert code == 0, body
    assert not body["notes"]
    judged = sum(one["entries"] + one["rejections"] for one in body["partitions"])
    assert judged == sum(one["published_end"] for one in body["partitions"])


def test_a_loader_set_back_to_the_beginning_leaves_a_ledger_that_agrees(whole: AuditedStack) -> None:
    """An operator rewinds the loader's group: everything is loaded again, nothing counts twice."""
    child_processes.stop_child(whole.service)
    await_truth(lambda: rewind_group(whole.settings))
    whole.start_service()
    await_truth(whole.is_stored)
    code, body = whole.run_replay()
    assert code == 0, body


def rewind_group(settings: Settings) -> bool:
    """Whether the loader's group could be set back: a member with a name of its own stays until its session ends."""
    places = [TopicPartition(topic, p, 0) for topic in (ENTRIES, REJECTED) for p in range(settings.partitions)]
    asked = [ConsumerGroupTopicPartitions(LOADER_GROUP, places)]
    client = topic_admin.build_admin_client(settings)  # kept until the answer is in: its end cancels it
    try:
        done = client.alter_consumer_group_offsets(asked)[LOADER_GROUP].result(READY_SECONDS)
    except KafkaException:
        return False
    return not any(one.error for one in done.topic_partitions)
