"""Clients of the topics in memory, in the place of librdkafka's and aiokafka's: what the code under test calls of them.

Each call lets others go first, may find the broker away, and may be the last thing that its process does.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from infra.topics import ENTRIES, PUBLISHED, REJECTED
from tests.simulation.kernel import Process, find_running
from tests.simulation.log import LoggedRecord, MemoryLog, Wire

DEATH, OUTAGE, REFUSAL = 0.005, 0.006, 0.005


class BrokerMessage:
    """As librdkafka gives it: a record, or an error in its place."""

    def __init__(self, topic: str, partition: int, record: LoggedRecord | None, code: int | None = None) -> None:
        self._place = topic, partition
        self._record = record
        self._code = code

    def topic(self) -> str:
        """Its topic."""
        return self._place[0]

    def partition(self) -> int:
        """Its partition there."""
        return self._place[1]

    def error(self) -> KafkaError | None:
        """What is the matter, if anything."""
        return None if self._code is None else KafkaError(self._code)

    def __getattr__(self, name: str) -> Callable[[], Any]:
        found = getattr(self._record, name)
        return lambda: (1, found) if name == "timestamp" else found


def ask_broker(log: MemoryLog) -> None:
    """Take the time of a request. Raises KafkaException; the process that asks may die of it."""
    kernel = find_running()
    kernel.pass_time(0.01)
    if kernel.strikes_now(DEATH):
        kernel.current.end_now("at a request")
    if log.away or kernel.strikes_now(OUTAGE):
        kernel.pause_fiber(0.1)
        raise KafkaException(KafkaError(KafkaError._TRANSPORT, "the broker is away"))


class MemoryProducer:
    """In the place of ``confluent_kafka.Producer``."""

    def __init__(self, log: MemoryLog, options: dict[str, Any]) -> None:
        self._log = log
        self._process: Process = find_running().current
        self._told = options["on_delivery"]
        self._wires: dict[tuple[str, int], Wire] = {}
        self._unsettled = 0

    def produce(
        self, topic: str, value: bytes, key: bytes | None, partition: int, headers: list[tuple[str, bytes]] | None
    ) -> None:
        """Put one record on its wire."""
        assert self._process.alive
        place = topic, partition
        wire = self._wires.get(place) or self._wires.setdefault(
            place, self._log.open_wire(self._process, topic, partition)
        )
        if find_running().strikes_now(REFUSAL):
            self._told(KafkaError(KafkaError.NOT_ENOUGH_REPLICAS), None)
            return
        self._unsettled += 1
        wire.waiting.append((key, value, tuple(headers or ()), self._settle_record))

    def _settle_record(self) -> None:
        self._unsettled -= 1

    def poll(self, seconds: float) -> int:
        """Let time pass."""
        find_running().pause_fiber(seconds)
        return 0

    def flush(self, seconds: float) -> int:
        """Wait until all is acknowledged; how much is not."""
        if find_running().strikes_now(DEATH):
            find_running().current.end_now("awaiting acknowledgements")
        find_running().wait_until(lambda: not self._unsettled, seconds)
        find_running().pass_time(0.02)
        return self._unsettled

    def __len__(self) -> int:
        return self._unsettled


class MemoryConsumer:
    """In the place of ``confluent_kafka.Consumer``: for recovery, which polls, and for the loader, which consumes."""

    def __init__(self, log: MemoryLog, options: dict[str, Any]) -> None:
        self._log = log
        self._group = options["group.id"]
        self._tells_ends = options.get("enable.partition.eof", False)
        self._told: dict[tuple[str, int], int] = {}
        self._seen = -1  # of the log's changes, when there was nothing more
        self._at: dict[tuple[str, int], int] = {}
        self._fetched: deque[LoggedRecord] = deque()

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """Read from these offsets on."""
        self._at = {(one.topic, one.partition): one.offset for one in partitions}
        self._fetched.clear()
        self._told.clear()
        self._seen = -1

    def unassign(self) -> None:
        """Read nothing."""
        self._at = {}

    def poll(self, seconds: float) -> BrokerMessage | None:
        """Give what comes next of the one partition that is read, or its end; None where the broker is silent."""
        ((place, at),) = self._at.items()
        if not self._fetched:
            try:
                ask_broker(self._log)
            except KafkaException:
                if not find_running().wait_until(lambda: not self._log.away, seconds):
                    return None
            self._fetched.extend(self._log.find_partition(*place).read_records(at, find_running().rng.randint(1, 30)))
        if not self._fetched:
            return BrokerMessage(*place, None, KafkaError._PARTITION_EOF)
        record = self._fetched.popleft()
        self._at[place] = record.offset + 1
        return BrokerMessage(*place, record)

    def consume(self, most: int, seconds: float) -> list[BrokerMessage]:
        """Give up to so many records: of each partition in order, of which ones first, as it comes."""
        kernel = find_running()
        if kernel.strikes_now(DEATH):
            kernel.current.end_now("consuming")
        if seconds > 0:
            kernel.wait_until(self._has_more, seconds)
        found: list[BrokerMessage] = []
        places = [] if self._log.away else list(self._at)
        kernel.rng.shuffle(places)
        for place in places:
            wanted = min(most - len(found), kernel.rng.randint(1, 12))
            if wanted > 0:
                log = self._log.find_partition(*place)
                records = log.read_records(self._at[place], wanted)
                found += [BrokerMessage(*place, one) for one in records]
                self._at[place] = records[-1].offset + 1 if records else log.stable_end
                if self._tells_ends and not records and self._told.get(place) != self._at[place]:
                    self._told[place] = self._at[place]
                    found.append(BrokerMessage(*place, None, KafkaError._PARTITION_EOF))
        if kernel.strikes_now(0.003):
            found.append(BrokerMessage(ENTRIES, 0, None, KafkaError._ALL_BROKERS_DOWN))
        return found

    def _has_more(self) -> bool:
        if self._log.away or self._log.changes == self._seen:
            return False
        for (topic, partition), at in self._at.items():
            if self._log.topics[topic][partition].stable_end > at:
                return True
            if self._tells_ends and self._told.get((topic, partition)) != at:
                return True
        self._seen = self._log.changes
        return False

    def position(self, partitions: Sequence[TopicPartition]) -> list[TopicPartition]:
        """Say how far it has read; holes at the end are read too, and nobody is asked."""
        return [
            TopicPartition(one.topic, one.partition, self._at.get((one.topic, one.partition), -1001))
            for one in partitions
        ]

    def get_watermark_offsets(self, place: TopicPartition, _seconds: float, **_: Any) -> tuple[int, int]:
        """Ask where a partition begins and ends."""
        ask_broker(self._log)
        return 0, self._log.find_partition(place.topic, place.partition).stable_end

    def committed(self, partitions: Sequence[TopicPartition], timeout: float) -> list[TopicPartition]:  # noqa: ARG002 - librdkafka's
        """Ask what is committed."""
        ask_broker(self._log)
        said = self._log.committed
        return [
            TopicPartition(one.topic, one.partition, said.get((self._group, one.topic, one.partition), -1001))
            for one in partitions
        ]

    def commit(self, offsets: Sequence[TopicPartition], asynchronous: bool) -> None:
        """Commit."""
        assert asynchronous
        for one in () if self._log.away else offsets:
            self._log.commit_offset(self._group, one.topic, one.partition, one.offset)

    def list_topics(self, timeout: float) -> Any:  # noqa: ARG002 - librdkafka's
        """Ask which partitions there are."""
        ask_broker(self._log)
        partitions = dict.fromkeys(range(self._log.partitions))
        return SimpleNamespace(topics={name: SimpleNamespace(partitions=partitions) for name in (ENTRIES, REJECTED)})

    def close(self) -> None:
        """Leave."""
        self._at = {}


class MemoryAdmin:
    """In the place of ``confluent_kafka.admin.AdminClient``: topics are always those they were."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def describe_topics(self, asked: Any, request_timeout: float) -> dict[str, Any]:  # noqa: ARG002 - librdkafka's
        """Ask what the topics are."""
        found = SimpleNamespace(partitions=range(self._log.partitions))
        return {
            name: BrokerAnswer(self._log, SimpleNamespace(topic_id=f"id of {name}", **found.__dict__))
            for name in asked.topic_names
        }

    def list_topics(self, topic: str | None = None, timeout: float = 0.0) -> Any:  # noqa: ARG002 - librdkafka's
        """Ask which partitions a topic has, or all of them."""
        ask_broker(self._log)
        counts = {name: len(self._log.topics[name]) for name in ([topic] if topic else self._log.topics)}
        found = {name: SimpleNamespace(error=None, partitions=dict.fromkeys(range(n))) for name, n in counts.items()}
        return SimpleNamespace(topics=found)

    def list_offsets(self, asked: Any, request_timeout: float) -> dict[Any, Any]:  # noqa: ARG002 - librdkafka's
        """Ask where partitions begin, or end."""
        return {place: BrokerAnswer(self._log, self._find_offset(place, spec)) for place, spec in asked.items()}

    def _find_offset(self, place: TopicPartition, spec: OffsetSpec) -> Any:
        end = self._log.find_partition(place.topic, place.partition).end
        return SimpleNamespace(offset=end if spec == OffsetSpec.latest() else 0)


class BrokerAnswer:
    """In the place of a future."""

    def __init__(self, log: MemoryLog, found: Any) -> None:
        self._log = log
        self._found = found

    def result(self, _seconds: float = 0.0) -> Any:
        """Wait for it."""
        ask_broker(self._log)
        return self._found


class MemoryReader:
    """In the place of ``infra.published_reader.PublishedReader``."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def read_records(self, partition: int, first: int, end: int) -> Iterator[LoggedRecord]:
        """Read what was published from ``first`` to before ``end``."""
        find_running().pass_time(0.01)
        return (one for one in self._log.find_partition(PUBLISHED, partition).read_records(first) if one.offset < end)

    def close(self) -> None:
        """Let go of nothing."""
