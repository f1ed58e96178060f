"""Consuming no faster than so many records a second: what is built beside the live tables leaves room for them."""

import time
from typing import Final

from confluent_kafka import Message

from sinks.gathering import MessageSource

BURST_SECONDS: Final = 0.5


class PacedSource:
    """A source of messages, held to ``rate`` records a second."""

    def __init__(self, source: MessageSource, rate: int) -> None:
        self._source = source
        self._rate = rate
        self._left = 1.0
        self._counted_at = time.monotonic()

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        """Return up to so many messages, after that time at the latest; none while their time has not come."""
        self._count_time()
        if self._left < 1:
            time.sleep(min(timeout, (1 - self._left) / self._rate))
            self._count_time()
        if self._left < 1:
            return []
        found = self._source.consume(min(num_messages, int(self._left)), timeout)
        self._left -= len(found)
        return found

    def _count_time(self) -> None:
        now = time.monotonic()
        most = max(1.0, self._rate * BURST_SECONDS)
        self._left = min(most, self._left + (now - self._counted_at) * self._rate)
        self._counted_at = now
