"""A transactional producer in memory: what is open of a producer that was shut out is aborted by the next one."""

from typing import Any

from confluent_kafka import KafkaError, KafkaException

from tests.simulation.clients import DEATH, ask_broker
from tests.simulation.kernel import find_running
from tests.simulation.log import MemoryLog

LOST_ANSWER = 0.02


class MemoryTransactions:
    """In the place of ``confluent_kafka.Producer``, where it has a transactional id: one at a time is not fenced."""

    def __init__(self, log: MemoryLog, options: dict[str, Any]) -> None:
        self._log = log
        self._name = options["transactional.id"]
        self._epoch = 0
        self._offsets: list[int] = []
        self._place = "", 0

    def init_transactions(self, _seconds: float) -> None:
        """Take the id over."""
        ask_broker(self._log)
        epoch, open_ones = self._log.transactions.get(self._name, (0, []))
        for place, offsets in open_ones:
            self._log.find_partition(*place).end_transaction(offsets, commit=False)
        self._epoch = epoch + 1
        self._log.transactions[self._name] = self._epoch, []

    def begin_transaction(self) -> None:
        """Begin."""
        self._offsets = []

    def produce(self, topic: str, value: bytes, key: bytes, partition: int) -> None:
        """Append one record, which nobody sees before it is committed."""
        self._hold_epoch()
        self._place = topic, partition
        log = self._log.find_partition(topic, partition)
        self._offsets.append(log.append(int(find_running().now * 1000), key, value))
        log.open_transaction(self._offsets)
        self._log.transactions[self._name][1].append((self._place, self._offsets))

    def commit_transaction(self, _seconds: float) -> None:
        """Commit; the answer may be lost, and the process may die before it and after."""
        ask_broker(self._log)
        self._hold_epoch()
        self._log.transactions[self._name][1].clear()
        self._log.find_partition(*self._place).end_transaction(self._offsets, commit=True)
        kernel = find_running()
        kernel.note_line(f"{kernel.current.name} publishes {self._offsets} of {self._place[0]}")
        for hold in self._log.hold_published:
            hold(self._place, self._offsets[-1])
        if kernel.strikes_now(4 * DEATH):
            kernel.current.end_now("after a commit")
        if kernel.strikes_now(LOST_ANSWER):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "the answer was lost"))

    def _hold_epoch(self) -> None:
        if self._log.transactions[self._name][0] != self._epoch:
            raise KafkaException(KafkaError(KafkaError._FENCED, "another took over"))
