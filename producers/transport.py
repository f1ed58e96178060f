"""The Kafka client of a publisher: every option said here, no event dropped by a time limit of the client's own.

A broker refuses whole batches. So what it refuses for good is sent once more, alone, while nothing else is: only a
record that is refused alone is reported as refused, and none for the company that it was in.
"""

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any, Final, Protocol

from confluent_kafka import KafkaError, KafkaException, Producer

from infra.client_errors import LastClientError
from infra.topics import PUBLISHED
from producers.delivery import explain_failure, is_refused_for_good
from producers.drafts import Message

_log: Final = logging.getLogger(__name__)
QUEUE_BYTES: Final = 256 * 1024 * 1024
Report = Callable[[Any, Any], None]
Options = dict[str, str | int | float | bool]


class KafkaSettings(Protocol):
    """What is read of ``infra.settings.Settings``."""

    def build_kafka_options(self) -> Options:
        """Build the connection options of every librdkafka client."""
        ...


def make_options(settings: KafkaSettings, queue_events: int) -> Options:
    """Make the client's options.

    ``message.timeout.ms=0`` is for ever: librdkafka keeps what it took, in order, until the broker acknowledges it or
    the publisher is closed. How long a caller waits is the publisher's business.
    """
    return {
        **settings.build_kafka_options(),
        "acks": "all",
        "enable.idempotence": True,
        "partitioner": "murmur2_random",  # what Java clients do: one threat, one partition, whoever publishes
        "message.timeout.ms": 0,
        "linger.ms": 5,
        "compression.type": "lz4",
        "queue.buffering.max.messages": queue_events,
        "queue.buffering.max.kbytes": QUEUE_BYTES // 1024,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
        "topic.metadata.refresh.interval.ms": 30_000,
        "log_level": 0,  # it would name every address at every attempt; _note_error says what is new
    }


class Transport:
    """One idempotent producer of ``soc.published``; thread-safe."""

    def __init__(self, settings: KafkaSettings, queue_events: int) -> None:
        self._complaint = LastClientError("no broker answered yet")
        self._producer = Producer({**make_options(settings, queue_events), "error_cb": self._note_error}, logger=_log)
        self._suspects: deque[tuple[Message, Report]] = deque()  # refused in a batch, to be sent alone
        self._alone = False  # one of them is under way
        self._taken = 0  # by the client; grows under the lock
        self._reported = 0  # by the client, from a poll; its own queue's length counts what it has to say, too
        self._lock = Lock()

    @property
    def trouble(self) -> str:
        """The client's last complaint, by its name, and the remedy where one is known."""
        return self._complaint.describe_error()

    def offer_message(self, message: Message, report: Report) -> bool:
        """Hand over one message; return False when the queue is full. ``report`` is called once, from a ``poll`` or
        from here.

        Raises:
            Misuse: the client may not, or cannot, write to the topic.
            Unavailable: the client has failed for good.
        """
        with self._lock:
            if self._suspects or self._alone:
                return False
            try:
                self._produce_message(message, partial(self._settle_report, message, report))
            except BufferError:
                return False
            except KafkaException as failed:
                if not is_refused_for_good(failed.args[0]):
                    raise explain_failure(failed.args[0]) from None
                report(failed.args[0], None)
            return True

    def poll(self, seconds: float) -> None:
        """Serve delivery reports for so long, or until some were served."""
        self._producer.poll(seconds)
        with self._lock:
            if self._suspects and self._taken == self._reported:
                self._send_alone(*self._suspects[0])
                self._suspects.popleft()

    def count_underway(self) -> int:
        """Count the messages handed over and not yet reported."""
        return self._taken - self._reported + len(self._suspects)

    @property
    def purged(self) -> Any:
        """What the client reports of a message that it was told to drop."""
        return KafkaError(KafkaError._PURGE_QUEUE)

    def drop_messages(self) -> None:
        """Give up what is underway: each is reported as purged."""
        self._producer.purge()
        self._producer.flush(1.0)
        while self._suspects:
            self._suspects.popleft()[1](self.purged, None)

    def _produce_message(self, message: Message, report: Report) -> None:
        def count_reported(error: Any, delivered: Any) -> None:
            report(error, delivered)
            self._reported += 1

        self._taken += 1
        try:
            self._producer.produce(
                PUBLISHED, value=message.value, key=message.key, headers=message.headers, on_delivery=count_reported
            )
        except (BufferError, KafkaException):
            self._taken -= 1
            raise

    def _settle_report(self, message: Message, report: Report, error: Any, delivered: Any) -> None:
        if is_refused_for_good(error):
            self._suspects.append((message, report))
        else:
            report(error, delivered)

    def _send_alone(self, message: Message, report: Report) -> None:
        def settle_alone(error: Any, delivered: Any) -> None:
            self._alone = False
            report(error, delivered)

        self._alone = True
        try:
            self._produce_message(message, settle_alone)
        except KafkaException as failed:
            settle_alone(failed.args[0], None)

    def _note_error(self, error: Any) -> None:
        if self._complaint.note_error(error):
            _log.warning("the Kafka client is in trouble: %s", error.name())
