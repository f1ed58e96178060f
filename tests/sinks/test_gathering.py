"""What is written together: nothing waits for company while the store is free."""

import time

import pytest
from confluent_kafka import Message

from sinks import gathering
from sinks.gathering import find_write_pause, gather_messages


class Delivery:
    """Hands over messages as a consumer does: each call gives the next list, later ones nothing."""

    def __init__(self, *lists: list[Message]) -> None:
        self._lists = list(lists)
        self.asked: list[tuple[int, float]] = []

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        """Return the next list."""
        self.asked.append((num_messages, timeout))
        return self._lists.pop(0) if self._lists else []


def make_messages(number: int) -> list[Message]:
    """Make so many of one partition."""
    return [Message(topic="soc.entries", partition=0, offset=offset) for offset in range(number)]


def test_a_message_goes_at_once_while_the_store_is_free() -> None:
    """It takes along what has come already, and waits for nothing more."""
    delivery = Delivery(make_messages(1), make_messages(3))
    assert len(gather_messages(delivery, lambda: False, 0.0)) == 4
    assert [timeout for _, timeout in delivery.asked] == [gathering.IDLE_SECONDS, 0.0]


def test_what_comes_while_a_write_is_under_way_is_gathered() -> None:
    """Two looks find the store at work; what they bring, and what lies there at the end, goes together."""
    working = iter([True, True, False])
    delivery = Delivery(make_messages(1), make_messages(2), make_messages(4), make_messages(8))
    assert len(gather_messages(delivery, lambda: next(working), 0.0)) == 15


def test_a_full_batch_does_not_wait_for_the_store() -> None:
    """Sorting it costs time of its own, which the write under way leaves."""
    delivery = Delivery(make_messages(1), make_messages(gathering.RECORDS_MOST - 1))
    assert len(gather_messages(delivery, lambda: True, 0.0)) == gathering.RECORDS_MOST
    assert len(delivery.asked) == 2


def test_two_writes_do_not_begin_right_after_each_other() -> None:
    """The store is free, but not before its time."""
    begins = time.monotonic() + 0.03
    assert len(gather_messages(Delivery(make_messages(1), [], make_messages(1)), lambda: False, begins)) == 2
    assert time.monotonic() >= begins


@pytest.mark.parametrize(("records", "seconds"), [(0, 0.05), (1, 0.05), (20, 0.06), (50, 0.15), (40_000, 0.15)])
def test_writes_lie_the_further_apart_the_more_comes(records: int, seconds: float) -> None:
    """3 ms for each record of the last one, 50 at least and 150 at most."""
    assert find_write_pause(records) == pytest.approx(seconds)


def test_nothing_comes() -> None:
    """An empty answer, for whoever has other things to do meanwhile."""
    assert gather_messages(Delivery(), lambda: True, 0.0) == []
