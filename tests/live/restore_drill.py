"""Whoever kills a restore, and the broker under it, at moments that a seed chooses; and what must be there at last."""

import os
import random
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions

from audit.topic_reader import TopicReader
from infra import topic_admin
from infra.groups import ALERTS_GROUP, INTAKE_GROUP, LOADER_GROUP
from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import find_highs
from infra.topics import ALERTS, ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from local import child_processes
from services.restore_mark import MARK
from services.restore_plan import RestoredRecord
from tests.live.audited import groups_are_gone
from tests.live.restoring import AWAY, make_ledger
from tests.patience import PATIENCE_SECONDS, await_truth

RESTORING = Path(__file__).parent / "restoring.py"
DONE_SECONDS = PATIENCE_SECONDS
TRIES = 2  # some are refused, and none of those is killed
AFTER = 0.2  # of the kills: what is written is read back, handed over, published again
MIDDLE = 0.5  # of what is to be written, before which the first one is killed: no storm may end without a kill
LATER_SECONDS = 0.3
REFUSED_MOST = 4  # in a row, while nobody disturbs it
OUTLIVES = 0.5  # of the restores under which the broker was killed: they go on, or say what to do
GROUPS = {INTAKE_GROUP: (PUBLISHED,), LOADER_GROUP: (ENTRIES, REJECTED), ALERTS_GROUP: (ALERTS,)}
REMEDY = "restore again, with the same command"


class RestoreDrill:
    """One ledger, restored into one broker again and again.

    Attributes:
        kills: how many restores were killed while they were at work.
        refusals: what those said that ended by themselves before they were done.
    """

    def __init__(self, settings: Settings, environment: dict[str, str], seed: int, *breaks: str) -> None:
        self.settings, self.seed = settings, seed
        self.kills, self.refusals = 0, list[str]()
        self._environment, self._breaks = environment, breaks
        self._rng = random.Random(seed)
        self._started = 0
        self._ledger = make_ledger(seed, settings.partitions)
        self._client = build_admin_client(settings)

    def lose_cluster(self) -> None:
        """Lose every topic, and what groups had committed."""
        topic_admin.delete_topics(self.settings)
        await_truth(lambda: groups_are_gone(self.settings))

    def begin_restore(self) -> child_processes.ChildProcess:
        """Begin one, or go on with one."""
        self._started += 1
        log = self.settings.state / f"restoring-{self._started}.log"
        command = [sys.executable, str(RESTORING), str(self.settings.state), str(self.seed), *self._breaks]
        return child_processes.spawn_child(command, log, self._environment | {"PYTHONPATH": os.getcwd()})

    def run_storm(self, kills: int, strike: Callable[[], bool] = lambda: False) -> None:
        """Kill so many, each at some part of its work, and let the next one go on, until one is done."""
        is_done = False
        for _ in range(TRIES * kills):
            is_done = self.disturb_restore(strike)
            if is_done or self.kills == kills:
                break
        if not is_done:
            self.finish_restore()
        assert self.kills > 0
        assert not (self.settings.state / MARK).exists()

    def finish_restore(self) -> None:
        """Restore without a disturbance, if need be several times: a broker that was killed has to come back."""
        for _ in range(REFUSED_MOST):
            if (process := self.begin_restore()).wait(DONE_SECONDS) != AWAY:
                break
            self.refusals.append(self.read_last())
        assert process.returncode == 0, self.read_last()

    def disturb_restore(self, strike: Callable[[], bool] = lambda: False) -> bool:
        """Begin one and kill it once a part of what is left is written, or of what comes after; is it done before?"""
        process = self.begin_restore()
        self._await_written(process, 0)
        written = self._count_written()
        share = self._rng.random() * (1 + AFTER if self.kills else MIDDLE)
        self._await_written(process, written + int(share * (self._ledger.count_offsets() - written)))
        time.sleep(self._rng.uniform(0.0, LATER_SECONDS if self.kills else 0.0))
        strikes = process.poll() is None and strike()  # a lone broker that crashes later may undo what it was told
        if strikes and self.kills and self._rng.random() < OUTLIVES:
            process.wait(DONE_SECONDS)
        if process.poll() is None:
            self.kills += 1
            child_processes.kill_child(process)
            return False
        if process.returncode == AWAY:
            self.refusals.append(self.read_last())
        return process.returncode == 0

    def _await_written(self, process: child_processes.ChildProcess, offsets: int) -> None:
        """Wait until it is at work and so many offsets lie in the topics; or it has ended."""
        deadline = time.monotonic() + DONE_SECONDS
        while process.poll() is None and not (self._is_at_work() and self._count_written() >= offsets):
            assert time.monotonic() < deadline, "it does not begin"
            time.sleep(0.01)

    def _count_written(self) -> int:
        """Count the offsets that lie in the topics; 0 while there are none, or the broker is away."""
        try:
            return sum(find_highs(self._client, self._ledger.records).values())
        except Unavailable:
            return 0

    def read_last(self) -> str:
        """What the last one said."""
        return (self.settings.state / f"restoring-{self._started}.log").read_text()

    def prove_end(self) -> None:
        """Everything lies where it must, once; what nobody judged was published again; and it is a ledger again."""
        topic_admin.verify_topics(self.settings)
        for topic in self._ledger.topics:
            reader = TopicReader(self.settings, topic)
            for partition in range(self.settings.partitions):
                self._prove_partition(reader, topic, partition)
            reader.close()
        for group, topics in GROUPS.items():
            assert {place for place in self._read_committed(group) if place[0] not in topics} == set()
        for refusal in self.refusals:
            assert REMEDY in refusal, refusal

    def _prove_partition(self, reader: TopicReader, topic: str, partition: int) -> None:
        low, high = reader.find_bounds(partition)
        found = [RestoredRecord(*one[:5]) for one in reader.read_records(partition, low, high)]
        wanted = [one for one in self._ledger.records[topic, partition] if one.offset >= low]
        assert found[: len(wanted)] == wanted, (topic, partition)
        if topic != PUBLISHED:
            assert (low, len(found)) == (0, len(wanted)), (topic, partition)
            return
        assert low == self._ledger.find_low(partition), f"partition {partition} begins at {low}"
        end = self._ledger.find_end(topic, partition)
        again, judged_again = found[len(wanted) :], self._ledger.past[partition]
        assert all(one.offset >= end for one in again), (topic, partition)
        hold_repeats([one.value for one in again], [one.value for one in judged_again])
        committed = self._read_committed(INTAKE_GROUP)[topic, partition]
        assert committed == end

    def _read_committed(self, group: str) -> dict[tuple[str, int], int]:
        client = build_admin_client(self.settings)
        asked: list[Any] = [ConsumerGroupTopicPartitions(group)]
        found = client.list_consumer_group_offsets(asked, request_timeout=30.0)[group].result()
        return {(one.topic, one.partition): one.offset for one in found.topic_partitions}

    def _is_at_work(self) -> bool:
        return (self.settings.state / MARK).exists()


def hold_repeats(found: list[bytes | None], wanted: list[bytes | None]) -> None:
    """What is wanted lies there in its order, perhaps several times; of a try that was cut off, its beginning."""
    begins = [place for place, one in enumerate(found) if one == wanted[0]]
    tries = [found[begin:end] for begin, end in pairwise((*begins, len(found)))]
    assert begins[:1] == [0]
    assert wanted in tries
    assert [one for one in tries if one != wanted[: len(one)]] == []
