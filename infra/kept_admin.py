"""A client for questions to the broker: kept from one to the next, and made anew after one that was not answered.

librdkafka may not find its way back. Once, when a machine stood still for twenty seconds, every question of one client
timed out for half an hour after it, ``list_topics`` too, while clients made meanwhile were answered in ten
milliseconds. So whoever asks for as long as a process lives rests on no client that has failed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from confluent_kafka import KafkaException

from ledger.errors import Unavailable

AnswerT = TypeVar("AnswerT")


class KeptAdmin:
    """One client at a time, made when first asked. Safe to use from several threads.

    Args:
        build: makes a client.
    """

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._client: Any = None

    def ask_broker(self, question: Callable[[Any], AnswerT]) -> AnswerT:
        """Ask with the client that is there. Raises as the question does."""
        client = self._client
        if client is None:
            client = self._client = self._build()
        try:
            return question(client)
        except (KafkaException, Unavailable):
            self._client = None
            raise

    def leave_broker(self) -> None:
        """Leave the broker; the next question makes a client again."""
        self._client = None
