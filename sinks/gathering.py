"""What is written together: all that has come when the store is free, and what comes while it is not.

A record that comes while nothing is being written goes to the store at once; nothing waits for company. While a write
is under way, what comes is gathered, so the slower the store the larger the next block. The beginnings of two writes
lie apart, the further the more records the first of them has: that bounds how many parts the engine is given to merge,
however quick the disk, and where much comes a write is paid for by more of it.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

from confluent_kafka import Message

RECORDS_MOST: Final = 40_000  # of 20,000, each costs an eighth more of the processor, and memory is as high
APART_SECONDS: Final = 0.05  # between the beginnings of two writes, at least
APART_MOST_SECONDS: Final = 0.15
APART_RECORD_SECONDS: Final = 0.003  # for each record of the first of them: the most from fifty records on
IDLE_SECONDS: Final = 0.15
LOOK_SECONDS: Final = 0.005  # while gathering: is the write over?


class MessageSource(Protocol):
    """What messages are consumed from."""

    def consume(self, num_messages: int, timeout: float) -> list[Message]:
        """Return up to so many messages, after that time at the latest."""


def find_write_pause(records: int) -> float:
    """Return how many seconds after a write of so many records began the next one may begin."""
    return max(APART_SECONDS, min(APART_MOST_SECONDS, records * APART_RECORD_SECONDS))


def gather_messages(source: MessageSource, is_writing: Callable[[], bool], not_before: float) -> list[Message]:
    """Return what has come, once the store is free and ``not_before`` is past; nothing where nothing comes."""
    messages = source.consume(1, IDLE_SECONDS)
    while messages and len(messages) < RECORDS_MOST:
        early = not_before - time.monotonic()
        if early <= 0 and not is_writing():
            return messages + source.consume(RECORDS_MOST - len(messages), 0.0)
        messages += source.consume(RECORDS_MOST - len(messages), LOOK_SECONDS)
    return messages
