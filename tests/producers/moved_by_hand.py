"""A Kafka client whose queue and reports a test moves by hand."""

import time
from types import SimpleNamespace
from typing import Any

from confluent_kafka import KafkaError

from ledger.errors import LedgerError
from producers.drafts import Message


class Client:
    """A transport that takes ``room`` messages; ``deliver`` reports the oldest ones."""

    trouble = "_TRANSPORT"
    purged = KafkaError(KafkaError._PURGE_QUEUE)

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.queue: list[tuple[Message, Any]] = []
        self.sent: list[Message] = []
        self.broken: LedgerError | None = None

    def offer_message(self, message: Message, report: Any) -> bool:
        """Take it if there is room."""
        if self.broken:
            raise self.broken
        if len(self.queue) >= self.room:
            return False
        self.queue.append((message, report))
        return True

    def deliver_some(self, count: int = 1000, error: Any = None) -> None:
        """Report so many."""
        for _ in range(min(count, len(self.queue))):
            message, report = self.queue.pop(0)
            self.sent.append(message)
            position = SimpleNamespace(
                partition=lambda: 1, offset=lambda: len(self.sent) - 1, timestamp=lambda: (2, 1656667800250)
            )
            report(error, None if error else position)

    def poll(self, seconds: float) -> None:
        """Nothing by itself."""
        time.sleep(min(seconds, 0.005))

    def count_underway(self) -> int:
        """What is queued."""
        return len(self.queue)

    def drop_messages(self) -> None:
        """Report everything as purged."""
        self.deliver_some(error=self.purged)
