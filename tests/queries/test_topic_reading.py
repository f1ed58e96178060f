"""What is read of a topic for answers: once for many; a broker that does not answer is not asked by each of them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.errors import Unavailable
from queries.topic_reading import ANSWER_SECONDS, TopicReading


class CountedReading:
    """Reads, or finds nobody, after so many seconds; counts how often it was asked."""

    def __init__(self, seconds: float = 0.0, why: str = "") -> None:
        self.seconds, self.why, self.asked = seconds, why, 0

    def __call__(self) -> int:
        """Answer with how often it was asked."""
        self.asked += 1
        time.sleep(self.seconds)
        if self.why:
            raise Unavailable(self.why)
        return self.asked


def test_what_was_read_is_given_again_for_a_moment() -> None:
    """To as many as ask; then the topic is read again."""
    counted = CountedReading()
    reading = TopicReading("figures", counted)
    assert [reading.take_reading() for _ in range(50)] == [1] * 50
    time.sleep(1.1)
    assert reading.take_reading() == 2


def test_a_broker_that_does_not_answer_is_asked_once_for_all() -> None:
    """Each is told what could not be read, and why; two seconds later it is asked again, and answers."""
    counted = CountedReading(0.3, "the broker did not answer")
    reading = TopicReading("figures", counted)

    def ask_once(_: int) -> str:
        with pytest.raises(Unavailable) as told:
            reading.take_reading()
        return str(told.value)

    with ThreadPoolExecutor(20) as together:
        assert set(together.map(ask_once, range(20))) == {"figures cannot be read: the broker did not answer"}
    assert counted.asked == 1
    counted.why = ""
    time.sleep(2.1)
    assert reading.take_reading() == 2


def test_who_waits_for_somebody_else_waits_no_longer_than_a_reader_would() -> None:
    """However long the one who asks takes."""
    begun, end = threading.Event(), threading.Event()

    def read_slowly() -> int:
        begun.set()
        end.wait(30)
        return 1

    reading = TopicReading("figures", read_slowly)
    with ThreadPoolExecutor(1) as other:
        slow = other.submit(reading.take_reading)
        begun.wait(30)
        began = time.monotonic()
        with pytest.raises(Unavailable, match="figures cannot be read: the broker has not answered somebody else yet"):
            reading.take_reading()
        assert time.monotonic() - began >= ANSWER_SECONDS - 0.1
        end.set()
        assert slow.result() == 1
