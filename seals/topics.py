"""Reading topics for the log: outputs as they come, or checkpoints to their end. It assigns, and commits nothing."""

from collections.abc import Iterator, Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from infra.groups import SEALER_GROUP
from infra.settings import Settings
from infra.topics import CHECKPOINTS, ENTRIES, REJECTED
from ledger.errors import Unavailable
from seals.outputs import AppendedRecord

POLL_SECONDS: Final = 0.2
BATCH_RECORDS: Final = 2_000
PATIENCE_SECONDS: Final = 30.0
CHECKPOINT_PARTITION: Final = 0
TopicPlace = tuple[str, int]


class RecordsGone(Unavailable):
    """Records that are to be read are not there any more."""


class TopicTail:
    """Partitions of topics from given offsets on, and what comes to them.

    Args:
        starts: by topic and partition, the first offset to read.
        patience: for so many seconds the broker may say nothing.
        gathers: nothing of it is urgent: records come together, a tenth of a second late.
    """

    def __init__(
        self,
        settings: Settings,
        starts: Mapping[TopicPlace, int],
        patience: float = PATIENCE_SECONDS,
        *,
        gathers: bool = False,
    ) -> None:
        self._patience = patience
        self._consumer = Consumer(settings.build_kafka_options() | _OPTIONS | (_GATHERING if gathers else {}))
        self._at_end: set[TopicPlace] = set()
        self.next: dict[TopicPlace, int] = {}
        self.assign_places(starts)

    def assign_places(self, starts: Mapping[TopicPlace, int]) -> None:
        """Read these places from here on, and no others."""
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in starts.items()])
        self._at_end.clear()
        self.next = dict(starts)

    @property
    def is_at_end(self) -> bool:
        """Whether every partition was read to its end, when it was looked at last."""
        return self._at_end == self.next.keys()

    def read_batch(self, timeout: float = POLL_SECONDS) -> list[AppendedRecord]:
        """Read what has come, for so long at most. Raises Unavailable."""
        found = []
        for message in self._consumer.consume(BATCH_RECORDS, timeout):
            place = message.topic(), message.partition()
            if place not in self.next:
                continue
            if message.error() is not None:
                self._judge_error(place, message.error())
                continue
            self._at_end.discard(place)
            self.next[place] = message.offset() + 1
            found.append(make_output_record(message))
        return found

    def read_rest(self) -> Iterator[AppendedRecord]:
        """Read to the ends as they are when they are reached. Raises Unavailable."""
        silent = 0.0
        while not self.is_at_end:
            found = self.read_batch()
            yield from found
            silent = 0.0 if found else silent + POLL_SECONDS
            if silent > self._patience:
                raise Unavailable(f"the broker did not answer for {self._patience:.0f} s")

    def close(self) -> None:
        """Give the connection back."""
        self._consumer.close()

    def _judge_error(self, place: TopicPlace, error: KafkaError) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end.add(place)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            where = f"{place[0]} partition {place[1]}"
            raise RecordsGone(f"{where}: records from offset {self.next[place]} on are deleted")
        else:
            raise Unavailable(f"{place[0]}: {error.str()}")


def list_places(partitions: int) -> list[TopicPlace]:
    """List the partitions of the two topics of outputs."""
    return [(topic, partition) for topic in (ENTRIES, REJECTED) for partition in range(partitions)]


def read_checkpoint_records(
    settings: Settings, first: int = 0, patience: float = PATIENCE_SECONDS
) -> Iterator[AppendedRecord]:
    """Read the records of ``soc.checkpoints`` to its end. Raises Unavailable."""
    tail = TopicTail(settings, {(CHECKPOINTS, CHECKPOINT_PARTITION): first}, patience)
    try:
        yield from tail.read_rest()
    except KafkaException as error:
        raise Unavailable(f"the broker did not answer: {error.args[0].str()}") from error
    finally:
        tail.close()


def find_checkpoint_end(settings: Settings, patience: float = PATIENCE_SECONDS) -> int:
    """Find where ``soc.checkpoints`` ends. Raises Unavailable."""
    consumer = Consumer(settings.build_kafka_options() | _OPTIONS)
    try:
        _, end = consumer.get_watermark_offsets(TopicPartition(CHECKPOINTS, CHECKPOINT_PARTITION), timeout=patience)
    except KafkaException as error:
        raise Unavailable(f"the broker did not answer: {error.args[0].str()}") from error
    else:
        return int(end)
    finally:
        consumer.close()


def make_output_record(message: Message) -> AppendedRecord:
    """Make a record without its client."""
    headers = tuple((name, value) for name, value in message.headers() or ())
    place = message.topic(), message.partition(), message.offset()
    return AppendedRecord(*place, message.timestamp()[1], message.value(), headers)


_OPTIONS: Final = {
    "group.id": SEALER_GROUP,
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "fetch.wait.max.ms": 100,
    "queued.max.messages.kbytes": 65_536,
    "log_level": 2,
}
_GATHERING: Final = {"fetch.min.bytes": 1_000_000}  # or else it is answered at every output, hundreds of times a second
