"""Heartbeats: a recorder's publisher is alive, and how far the recorder's sequence has come.

A client of their own sends them, so that nothing that befalls one touches an event, and one that could not be sent in
time is dropped: the next says more.
"""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final

from confluent_kafka import KafkaException, Producer

from infra.topics import HEARTBEATS
from ledger.errors import LedgerError, Misuse, Unavailable
from ledger.heartbeats import INTERVAL_SECONDS_MAX, Heartbeat
from ledger.instants import count_millis
from ledger.organisations import find_organisation
from producers.delivery import Position, explain_failure, report_to
from producers.transport import KafkaSettings
from schemas.codec import Codec

SEND_SECONDS: Final = 10.0
LastNumbers = Callable[[], Mapping[str, int]]
_log: Final = logging.getLogger(__name__)


class HeartbeatSender:
    """Sends single heartbeats; used by one thread at a time."""

    def __init__(self, settings: KafkaSettings, codec: Codec) -> None:
        self._codec = codec
        self._producer = Producer(
            {
                **settings.build_kafka_options(),
                "acks": "all",
                "partitioner": "murmur2_random",
                "message.timeout.ms": int(SEND_SECONDS * 1000),
                "log_level": 0,
            },
            logger=_log,
        )

    def send_heartbeat(self, organisation: str, last_sequence: int | None, interval: int | None) -> Position:
        """Send one and wait for the broker to have it.

        Raises:
            Misuse: this client may not, or cannot, write to the topic.
            Unavailable: the broker or the registry does not answer in time.
        """
        sent_at = count_millis(datetime.now(UTC))
        value = self._codec.encode_heartbeat(Heartbeat(organisation, last_sequence, sent_at, interval))
        future: Future[Position] = Future()
        try:
            self._producer.produce(HEARTBEATS, value, organisation.encode(), on_delivery=report_to(future))
        except KafkaException as failed:
            raise explain_failure(failed.args[0]) from None
        self._producer.flush(SEND_SECONDS + 1)
        if not future.done():  # the client gives it up, and says so, a little later than it should
            raise Unavailable("the heartbeat was not acknowledged in time: the next says more")
        return future.result()


class HeartbeatThread:
    """Sends heartbeats of recorders every so often, until it is closed; then a last one, which promises nothing.

    Args:
        sender: of each heartbeat.
        every_seconds: what is promised, too.
        recorders: by their codes; those that ``last_numbers`` has are added.
        last_numbers: tells how far each recorder's sequence has come.
    """

    def __init__(
        self, sender: HeartbeatSender, every_seconds: float, recorders: Iterable[str], last_numbers: LastNumbers
    ) -> None:
        self._sender = sender
        self._every_seconds = every_seconds
        self._interval = math.ceil(hold_interval(every_seconds))
        self._recorders = [hold_recorder(one) for one in recorders]
        self._last_numbers = last_numbers
        self._closing = Event()
        self._thread = Thread(target=self._run, name="heartbeats", daemon=True)

    def start(self) -> None:
        """Begin: the first is sent at once."""
        self._thread.start()

    def close(self) -> None:
        """Send the last of each recorder, and end."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._send_all(self._interval)
            self._closing.wait(self._every_seconds)
        self._send_all(None)

    def _send_all(self, interval: int | None) -> None:
        """Send one of each recorder; what befalls them is told, and harms no event."""
        known = self._find_numbers()
        for recorder in dict.fromkeys((*self._recorders, *known)):
            try:
                self._sender.send_heartbeat(recorder, known.get(recorder), interval)
            except LedgerError as error:
                _log.warning("a heartbeat was not sent: %s", error)

    def _find_numbers(self) -> Mapping[str, int]:
        """Find how far the sequences have come; where that cannot be read, being alive is said without it."""
        try:
            return self._last_numbers()
        except LedgerError as error:
            _log.warning("heartbeats do not say their last numbers: %s", error)
            return {}


def hold_interval(seconds: float) -> float:
    """Hold seconds between heartbeats to what may be promised. Raises Misuse."""
    if not 0 < seconds <= INTERVAL_SECONDS_MAX:
        raise Misuse(f"heartbeats are sent every 1 to {INTERVAL_SECONDS_MAX:,} seconds; say how many")
    return seconds


def hold_recorder(code: str) -> str:
    """Hold a recorder to the list of organisations. Raises Misuse."""
    if find_organisation(code) is None:
        raise Misuse("a heartbeat's organisation is none of the list (ledger/organisations.py)")
    return code
