"""A force's publisher: a typed event in, its acknowledged position out.

The order of effects of one event:
1. It is encoded; what cannot be is refused here (Misuse), and nothing else is.
2. Where its sequence is the outbox's to give, or events are spooled, number and message are on disk before it is sent.
3. It is handed to the client: idempotent, acknowledged by all in-sync replicas, in order within its threat.
4. The broker's report resolves the future and clears the outbox. An event that the broker refuses for good is set aside
   there, with the reason; its number goes to its recorder's next event, and the others go on.
"""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from infra.settings import Settings
from infra.tracing import flush_tracing, open_tracing
from ledger.errors import LedgerError, Unavailable
from ledger.events import Event
from producers.bulk import BulkDelivery, OnProgress, OnRefused, OnUnknown
from producers.delivery import Position, Receipt, report_to
from producers.drafts import Draft, make_draft
from producers.heartbeats import HeartbeatSender, HeartbeatThread
from producers.last_numbers import read_last_numbers
from producers.outbox import RefusedEvent
from producers.sender import Sender, StallTimeout
from producers.transport import Transport
from schemas.codec import Codec
from schemas.registry import resolve_ids

OUTBOX: Final = "outbox.sqlite"
BULK_EVENTS: Final = 1000  # stored in one transaction, and handed over, at a time
FLUSH_PAUSE_SECONDS: Final = 0.02
GRACE_SECONDS: Final = 1.0  # for reports of what is underway when an error ends a bulk
CLOSE_SECONDS: Final = 5.0  # without an acknowledgement, when spooling or after an error


class Publisher:
    """Publishes events; a context manager that waits for what is underway when it ends.

    Args:
        settings: brokers, registry, and the state directory where the outbox lies unless said otherwise.
        when_unreachable: ``"wait"`` blocks the caller while the queue is full and never drops; ``"spool"`` takes events
            onto disk at once and sends them, in order, when the broker is back, in this process or the next.
        wait_seconds: how long ``"wait"`` waits without an acknowledgement before it raises; None: for ever.
        outbox: where sequences and spooled events are kept; one publisher at a time holds it.
        queue_events: bound of the events underway in memory.
        heartbeat_seconds: say so often, for each recorder, that it is alive and its last number; None: never.
        recorders: whose heartbeats are sent before they have published; those that publish are added.

    Callbacks added to a future run on the publisher's thread: they must not publish.
    """

    def __init__(  # noqa: PLR0913 - options, each by its name and with a default
        self,
        settings: Settings,
        *,
        when_unreachable: Literal["wait", "spool"] = "wait",
        wait_seconds: float | None = None,
        outbox: Path | None = None,
        queue_events: int = 50_000,
        heartbeat_seconds: float | None = None,
        recorders: Iterable[str] = (),
    ) -> None:
        self._spools = when_unreachable == "spool"
        self._wait_seconds = wait_seconds
        open_tracing(settings, "publisher")
        self._transport = Transport(settings, queue_events)
        codec = Codec(resolve_ids(settings))
        self._outbox = outbox or settings.state / OUTBOX
        self._heartbeats = None
        if heartbeat_seconds is not None:
            beats = HeartbeatSender(settings, codec)
            self._heartbeats = HeartbeatThread(beats, heartbeat_seconds, recorders, self._find_last_numbers)
        self._sender = Sender(self._transport, codec, self._outbox, spools=self._spools, wait_seconds=wait_seconds)
        self._sender.start()
        if self._heartbeats:
            self._heartbeats.start()
        self._closed = False

    def publish(self, event: Event | Draft) -> "Future[Position]":
        """Take one event; the future holds its position once the broker has acknowledged it.

        Raises:
            Misuse: the event cannot be encoded, or the publisher is closed.
            Unavailable: the queue stayed full, or the registry or the disk failed.
        """
        future: Future[Position] = Future()
        (refused,) = self._sender.take_drafts([make_draft(event)], lambda _draft: report_to(future))
        if refused:
            raise refused
        return future

    def publish_many(
        self,
        events: Iterable[Event | Draft],
        *,
        on_refused: OnRefused | None = None,
        on_progress: OnProgress | None = None,
        on_unknown: OnUnknown | None = None,
    ) -> Receipt:
        """Take all events, in order; return when all are acknowledged (or, when spooling, on disk).

        Args:
            events: read as they are taken, one bulk ahead at most.
            on_refused: called with an event that cannot be encoded, or that the broker refused for good, and the
                reason; without it the first one raises.
            on_progress: called now and then with the number acknowledged so far.
            on_unknown: called before an error is raised with the drafts of which nobody knows whether the broker has
                them; every other one taken so far is acknowledged or refused.

        Raises:
            Misuse: an event cannot be encoded, or the broker refused one, or all for want of a right.
            Unavailable: ``wait_seconds`` passed without an acknowledgement, or the disk failed.
        """
        bulk = BulkDelivery(self._sender, on_refused, on_progress)
        try:
            for some in _split_events(events):
                bulk.take_some(some)
            if not self._spools:
                bulk.await_reports(lambda: StallTimeout(self._transport, self._wait_seconds))
        except LedgerError:
            if on_unknown:
                bulk.await_last(GRACE_SECONDS)
                on_unknown(bulk.list_unknown())
            raise
        return bulk.receipt

    def list_refused(self, *, left_over: bool = False) -> list[RefusedEvent]:
        """List what the broker refused for good and the outbox keeps, the oldest first.

        Args:
            left_over: only what an earlier publisher left in the outbox and this one found refused.
        """
        return self._sender.list_refused(left_over=left_over)

    def pending(self) -> int:
        """Count the events not yet acknowledged: underway in memory, and on disk behind them."""
        return self._sender.count_pending()

    def flush(self, seconds: float | None = None) -> bool:
        """Wait until nothing is pending; False after ``seconds`` without an acknowledgement."""
        least, since = self.pending(), time.monotonic()
        while least:
            time.sleep(FLUSH_PAUSE_SECONDS)
            left = self.pending()
            if left < least:
                since = time.monotonic()
            elif seconds is not None and time.monotonic() - since > seconds:
                return False
            least = left
        return True

    def continue_after(self, recorder: str, sequence: int) -> None:
        """Number the recorder's next event ``sequence + 1``: for one that numbered its events elsewhere before."""
        self._sender.continue_after(recorder, sequence)

    def close(self, seconds: float | None = None) -> None:
        """Wait for what is underway, then let go; what is on disk stays there for the next publisher.

        Raises:
            Unavailable: not spooling, and ``seconds`` (else ``wait_seconds``) passed without an acknowledgement.
        """
        if self._closed:
            return
        self._closed = True
        done = False
        try:
            usual = CLOSE_SECONDS if self._spools else self._wait_seconds
            done = self.flush(usual if seconds is None else seconds)
        finally:
            if self._heartbeats:
                self._heartbeats.close()
            left = self._sender.stop()
            flush_tracing()
        if not done and not self._spools:
            raise Unavailable(f"{left} events were not acknowledged ({self._transport.trouble}): publish them again")

    def _find_last_numbers(self) -> dict[str, int]:
        """Find how far the sequences have come: those of the outbox, and those that sources number themselves."""
        return read_last_numbers(self._outbox) | dict(self._sender.own_numbers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
            return
        try:
            self.close(CLOSE_SECONDS)
        except Unavailable:  # the error that ended the block is the one to see
            return


def _split_events(events: Iterable[Event | Draft]) -> Iterator[list[Event | Draft]]:
    rest = iter(events)
    while bulk := list(islice(rest, BULK_EVENTS)):
        yield bulk
