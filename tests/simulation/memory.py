"""The topics of one partition in memory, and what a worker's coordinator of partitions asks of a broker, with faults.

A fault is what a broker, a disk or a group really does: an acknowledgement that takes its time, or never comes though
some of the outputs were written; an end that is not known for a while; a rebalance at any moment.
"""

import random
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from infra.topics import ENTRIES, PUBLISHED, REJECTED
from ledger.errors import Unavailable
from schemas.codec import Codec
from schemas.registry import pin_ids
from streams.losses import OutputWitness, ThreatPlacement
from streams.outputs import ProducedOutput
from streams.recovery import Recovery
from streams.strays import Strays

LONGEST_PAUSE_SECONDS = 0.004


class PublishedRecord(NamedTuple):
    """As aiokafka gives it."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_type: int = 1


class KeptMessage(NamedTuple):
    """As librdkafka gives it."""

    at: int
    kept_key: bytes | None
    kept_value: bytes

    def offset(self) -> int:
        """Where it lies in its topic."""
        return self.at

    def key(self) -> bytes | None:
        """Its key."""
        return self.kept_key

    def value(self) -> bytes:
        """Its value."""
        return self.kept_value


class MemoryTopics:
    """What was published, and the two output topics; appended to from several threads."""

    def __init__(self, published: list[PublishedRecord]) -> None:
        self.published = published
        self.outputs: dict[str, list[KeptMessage]] = {ENTRIES: [], REJECTED: []}
        self._lock = threading.Lock()

    def append(self, output: ProducedOutput) -> None:
        """Write one output at its topic's end."""
        topic, key, value, _ = output
        with self._lock:
            kept = self.outputs[topic]
            kept.append(KeptMessage(len(kept), key, value))

    def list_messages(self, topic: str) -> list[KeptMessage]:
        """List the records of a topic as they are now."""
        if topic == PUBLISHED:
            return [KeptMessage(one.offset, one.key, one.value) for one in self.published]
        with self._lock:
            return list(self.outputs[topic])


class Faults:
    """The weather of one simulation. Used from several threads: what it decides is seeded, when is not."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self.calm = False

    def strikes(self, chance: float) -> bool:
        """Tell whether something goes wrong now."""
        with self._lock:
            return not self.calm and self._rng.random() < chance

    def choose(self, most: int) -> int:
        """Choose a number from 0 to ``most``."""
        with self._lock:
            return self._rng.randint(0, most)

    def pause(self) -> None:
        """Let some time pass, seldom much."""
        with self._lock:
            seconds = 0.0 if self.calm else self._rng.random() ** 4 * LONGEST_PAUSE_SECONDS
        time.sleep(seconds)


class MemoryOutputs:
    """In the place of ``streams.outputs.OutputProducer``: nothing is written once its worker is ``dead``."""

    def __init__(self, topics: MemoryTopics, faults: Faults) -> None:
        self._topics = topics
        self._faults = faults
        self._queued: list[ProducedOutput] = []
        self._lock = threading.Lock()
        self.dead = False

    def send_outputs(self, partition: int, outputs: Iterable[ProducedOutput]) -> None:
        """Queue outputs."""
        assert partition == 0
        self._queued += outputs

    def await_acks(self, patience_seconds: float) -> None:
        """Write what is queued; now and then only some of it, and say that the outcome is not known."""
        assert patience_seconds > 0
        with self._lock:
            self._faults.pause()
            broken = self._faults.strikes(0.02)
            least = self._faults.choose(len(self._queued)) if broken else 0
            while len(self._queued) > least and not self.dead:
                self._topics.append(self._queued.pop(0))
            if broken or self.dead:
                raise Unavailable("outputs are not acknowledged")


class PublishedReader:
    """In the place of ``infra.published_reader.PublishedReader``."""

    def __init__(self, topics: MemoryTopics) -> None:
        self._topics = topics

    def read_records(self, partition: int, first: int, end: int) -> Iterator[PublishedRecord]:
        """Read what was published from ``first`` to before ``end``."""
        assert partition == 0
        return (one for one in self._topics.published if first <= one.offset < end)


class MemoryRecovery(Recovery):
    """``streams.recovery.Recovery`` on topics in memory."""

    def __init__(self, topics: MemoryTopics, faults: Faults) -> None:
        self._topics = topics
        self._faults = faults
        self._codec = Codec(pin_ids())
        self._witness, self._strays = OutputWitness(), Strays(0)
        self._published = 0
        self._reader = PublishedReader(topics)
        self._placement = ThreatPlacement(1)

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _read_watermarks(self, topic: str, partition: int) -> tuple[int, int]:
        assert partition == 0
        self._faults.pause()
        if self._faults.strikes(0.03):
            raise Unavailable(f"where {topic} ends is not known")
        return 0, max((one.at for one in self._topics.list_messages(topic)), default=-1) + 1

    def _read_messages(self, topic: str, partition: int, start: int, end: int) -> Iterator[Any]:
        assert partition == 0
        yield from (one for one in self._topics.list_messages(topic) if start <= one.at < end)
