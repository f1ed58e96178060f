"""What comes back from the broker: positions, receipts, and the count of what is still under way."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from threading import Condition
from typing import Any, Final, NamedTuple

from confluent_kafka import KafkaError

from ledger.errors import LedgerError, Misuse, Unavailable
from ledger.instants import make_instant
from producers.drafts import Draft

_REMEDIES: Final = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "grant this client the right to write to the topic",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "grant this client IDEMPOTENT_WRITE on the cluster",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "create the topics first (disruptions up, or infra.topic_admin on your cluster)",
    KafkaError._UNKNOWN_TOPIC: "create the topics first (disruptions up, or infra.topic_admin on your cluster)",
    KafkaError._UNKNOWN_PARTITION: "create the topics first (disruptions up, or infra.topic_admin on your cluster)",
}


# The record's own fault: it will be refused however often it is sent, and by itself as in company.
_REFUSED_FOR_GOOD: Final = {
    KafkaError.MSG_SIZE_TOO_LARGE: "raise the topic's max.message.bytes, or send a smaller event",
    KafkaError.INVALID_MSG_SIZE: "raise the topic's max.message.bytes, or send a smaller event",
    KafkaError.RECORD_LIST_TOO_LARGE: "raise the topic's segment.bytes, or send a smaller event",
    KafkaError.INVALID_MSG: "see the broker's log for what it holds against the record",
    KafkaError.INVALID_RECORD: "see the broker's log for what it holds against the record",
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


def read_position(message: Any) -> Position:
    """Read the position in a delivery report."""
    _, appended_millis = message.timestamp()
    return Position(message.partition(), message.offset(), make_instant(appended_millis))


def is_refused_for_good(error: Any) -> bool:
    """Tell whether the broker, or the client before it, will never take this record, whatever is set right."""
    return error is not None and error.code() in _REFUSED_FOR_GOOD


def explain_failure(error: Any) -> LedgerError:
    """Make the error of a delivery that failed; names the fault and the remedy, never the event."""
    if error.code() in _LET_GO:
        return Unavailable(
            "the publisher was closed before the event was acknowledged: publish it again, "
            "or, if it was spooled, make a publisher on the same outbox"
        )
    remedy = _REMEDIES.get(error.code()) or _REFUSED_FOR_GOOD.get(error.code())
    if remedy:
        return Misuse(f"the broker refused the event ({error.name()}): {remedy}")
    return Unavailable(f"the event was not acknowledged ({error.name()}): publish it again, a resend is harmless")


class DeliveryTracker:
    """Drafts handed to the client and not yet reported; thread-safe, notified by delivery reports.

    Counts what was ``acknowledged``; ``failure`` is the first one that is no single record's fault.
    """

    def __init__(self) -> None:
        self.acknowledged = 0
        self.failure: LedgerError | None = None
        self._unreported: dict[int, Draft] = {}
        self._failed: list[Draft] = []
        self._refused: list[tuple[Draft, str]] = []
        self._taken = 0
        self._changed = Condition()

    def report_on(self, draft: Draft) -> Callable[[Any, Any], None]:
        """Count the draft as underway; return what the polling thread calls with its delivery report."""
        with self._changed:
            self._taken += 1
            self._unreported[self._taken] = draft
            return partial(self._count_report, self._taken)

    def take_refused(self) -> list[tuple[Draft, str]]:
        """Take over what was refused for good since the last call, each with the reason."""
        with self._changed:
            taken, self._refused = self._refused, []
        return taken

    def list_unknown(self) -> list[Draft]:
        """List the drafts of which nobody knows whether the broker has them."""
        with self._changed:
            return [*self._failed, *self._unreported.values()]

    def wait_reported(self, seconds: float) -> bool:
        """Return True once everything underway is reported; False after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._unreported, seconds)

    def _count_report(self, number: int, error: Any, _message: Any) -> None:
        with self._changed:
            draft = self._unreported.pop(number)
            if error is None:
                self.acknowledged += 1
            elif is_refused_for_good(error):
                self._refused.append((draft, str(explain_failure(error))))
            else:
                self._failed.append(draft)
                self.failure = self.failure or explain_failure(error)
            if not self._unreported:
                self._changed.notify_all()


def report_to(future: "Future[Position]") -> Callable[[Any, Any], None]:
    """Make a delivery report that resolves ``future``."""

    def resolve_future(error: Any, message: Any) -> None:
        if not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(read_position(message))
        else:
            future.set_exception(explain_failure(error))

    return resolve_future
