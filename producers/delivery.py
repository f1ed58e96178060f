"""What comes back from the broker: positions, receipts, and the count of what is still under way."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Condition
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError

from ledger.errors import LedgerError, Misuse, Unavailable

_REMEDIES: Final = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "grant this client the right to write to the topic",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "grant this client IDEMPOTENT_WRITE on the cluster",
    KafkaError.MSG_SIZE_TOO_LARGE: "raise the topic's max.message.bytes, or send a smaller event",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "create the topics first (disruptions up, or infra.admin on your cluster)",
    KafkaError._UNKNOWN_TOPIC: "create the topics first (disruptions up, or infra.admin on your cluster)",
    KafkaError._UNKNOWN_PARTITION: "create the topics first (disruptions up, or infra.admin on your cluster)",
}


_LET_GO: Final = frozenset({KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT})


class Position(NamedTuple):
    """Where an acknowledged event lies, and when the broker appended it (its ledger time)."""

    partition: int
    offset: int
    appended_at: datetime


class Receipt(NamedTuple):
    """Of a bulk: how many events were taken, and how many of them the broker has acknowledged by now."""

    accepted: int
    acknowledged: int


def position_of(message: Any) -> Position:
    """The position in a delivery report."""
    _, appended_millis = message.timestamp()
    return Position(message.partition(), message.offset(), datetime.fromtimestamp(appended_millis / 1000, UTC))


def undelivered(error: Any) -> LedgerError:
    """The error of a delivery that failed for good; names the fault and the remedy, never the event."""
    if error.code() in _LET_GO:
        return Unavailable(
            "the publisher was closed before the event was acknowledged: publish it again, "
            "or, if it was spooled, make a publisher on the same outbox"
        )
    remedy = _REMEDIES.get(error.code())
    if remedy:
        return Misuse(f"the broker refused the event ({error.name()}): {remedy}")
    return Unavailable(f"the event was not acknowledged ({error.name()}): publish it again, a resend is harmless")


class Underway:
    """Messages handed to the client and not yet reported; thread-safe, notified by delivery reports.

    Counts what was ``sent``, ``acknowledged`` and ``failed``; the first failure is kept.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.acknowledged = 0
        self.failed = 0
        self.failure: LedgerError | None = None
        self._changed = Condition()

    def report(self, error: Any, _message: Any) -> None:
        """One delivery report, from the polling thread."""
        with self._changed:
            if error is None:
                self.acknowledged += 1
            else:
                self.failed += 1
                self.failure = self.failure or undelivered(error)
            if self.acknowledged + self.failed >= self.sent or self.failure:
                self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """True once everything sent is reported; False after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: self.acknowledged + self.failed >= self.sent, seconds)


def report_to(future: "Future[Position]") -> Callable[[Any, Any], None]:
    """A delivery report that resolves ``future``."""

    def report(error: Any, message: Any) -> None:
        if not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(position_of(message))
        else:
            future.set_exception(undelivered(error))

    return report
