"""Consuming no faster than so many records a second."""

import time

from confluent_kafka import Message

from sinks.gathering import gather_messages
from sinks.pacing import PacedSource


class Heap:
    """A source that never runs out, and has as many ready as are asked for."""

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        """So many."""
        assert timeout >= 0
        return [object()] * num_messages


def test_so_many_records_a_second_are_taken_and_not_more() -> None:
    """At 1,000 a second, 0.6 seconds give no more than 600 and the one to begin with, and no fewer than half of it."""
    paced, taken, began = PacedSource(Heap(), 1_000), 0, time.monotonic()
    while time.monotonic() - began < 0.6:
        taken += len(gather_messages(paced, lambda: False, 0.0))
    assert 300 <= taken <= (time.monotonic() - began) * 1_000 + 1


def test_a_slow_rate_still_takes_one_after_another() -> None:
    """At 10 a second, three take about 0.2 seconds: the first is there at once."""
    paced, taken, began = PacedSource(Heap(), 10), 0, time.monotonic()
    while taken < 3:
        taken += len(paced.consume(5, 0.05))
    assert taken <= (time.monotonic() - began) * 10 + 1
