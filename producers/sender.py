"""What stands between a publisher's callers and Kafka: encoding, the outbox and its backlog, one thread that polls."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import Final

from infra.tracing import list_trace_headers, trace_work
from ledger.errors import LedgerError, Misuse, Unavailable
from producers.backlog import OutboxBacklog
from producers.drafts import Draft, Message
from producers.outbox import OutboxEvent, RefusedEvent
from producers.outbox_reports import OutboxReports
from producers.transport import Report, Transport
from schemas.codec import Codec

POLL_SECONDS: Final = 0.05
FULL_QUEUE_PAUSE_SECONDS: Final = 0.005
FORGET_EVENTS: Final = 500  # taken off the outbox in one go, or when nothing is underway

ReportOn = Callable[[Draft], Report]


class Sender:
    """Takes drafts in order; thread-safe.

    Args:
        transport: the Kafka client.
        codec: encodes events.
        outbox_path: opened when first needed; at once when it is there from before, to send what it still holds.
        spools: take events onto disk, never wait for the broker.
        wait_seconds: how long a full queue is waited for; None: for ever.
    """

    def __init__(
        self, transport: Transport, codec: Codec, outbox_path: Path, *, spools: bool, wait_seconds: float | None
    ) -> None:
        self._transport = transport
        self._codec = codec
        self._spools = spools
        self._wait_seconds = wait_seconds
        self._reports = OutboxReports()
        self._backlog = OutboxBacklog(transport, outbox_path, self._reports)
        self._failure: LedgerError | None = None
        self.own_numbers: dict[str, int] = {}  # by recorder: the greatest number that its source gave itself
        self._lock = Lock()
        self._closing = Flag()
        self._thread = Thread(target=self._serve_reports, name="publisher", daemon=True)

    def start(self) -> None:
        """Open the outbox where it is needed or left from before, and begin to serve."""
        if self._spools:
            self._backlog.open_outbox()
        elif self._backlog.is_there():
            with suppress(Misuse):  # its holder sends what it holds; this publisher may not need it
                self._backlog.open_outbox()
        self._thread.start()

    def take_drafts(self, drafts: Sequence[Draft], report_on: ReportOn) -> list[Misuse | None]:
        """Encode, store where needed, hand over; return for each draft None, or why it cannot be encoded.

        Args:
            drafts: in their order.
            report_on: asked, for each draft that is taken, for what shall be called with its delivery report.

        Raises:
            Misuse: the publisher is closed, or the outbox is another's.
            Unavailable: the queue stayed full, or the client, the registry or the disk failed.
        """
        with self._lock, trace_work("publish", events=len(drafts)):
            if self._closing.is_set():
                raise Misuse("the publisher is closed: make a new one")
            if self._failure:
                raise self._failure
            if self._spools or not all(draft.numbered for draft in drafts):
                return self._take_through_outbox(drafts, report_on)
            return [self._take_directly(draft, report_on) for draft in drafts]

    def continue_after(self, recorder: str, sequence: int) -> None:
        """Number the recorder's next event ``sequence + 1``."""
        with self._lock:
            self._backlog.open_outbox().continue_after(recorder, sequence)

    def count_pending(self) -> int:
        """Count the events not yet acknowledged: underway, and on disk behind them."""
        with self._lock:
            self._backlog.settle_events()
            return self._backlog.count_behind() + self._transport.count_underway()

    def stop(self) -> int:
        """Stop serving and let go; return how many events were left unacknowledged."""
        self._closing.set()
        self._thread.join()
        try:
            left = self.count_pending()
            self._transport.drop_messages()
            self._backlog.settle_events()
        finally:
            self._reports.give_up(self._transport.purged)
            self._backlog.close()
        return left

    def list_refused(self, *, left_over: bool) -> list[RefusedEvent]:
        """List what the outbox keeps as refused; ``left_over``: of it what an earlier publisher left, refused now."""
        with self._lock:
            self._backlog.settle_events()
            kept = self._backlog.outbox.list_refused() if self._backlog.outbox else []
            return [each for each in kept if not left_over or self._reports.is_left_over(each.number)]

    def _take_directly(self, draft: Draft, report_on: ReportOn) -> Misuse | None:
        try:
            message = self._make_message(draft, None)
        except Misuse as refusal:
            return refusal
        report, pause = report_on(draft), self._start_timeout()
        while not self._transport.offer_message(message, report):
            pause()
        return None

    def _take_through_outbox(self, drafts: Sequence[Draft], report_on: ReportOn) -> list[Misuse | None]:
        outbox = self._backlog.open_outbox()
        if not self._spools:
            self._backlog.await_handed_over(self._start_timeout())
        stored = outbox.store_drafts(drafts, self._make_message)
        for draft, each in zip(drafts, stored, strict=True):
            if isinstance(each, OutboxEvent):
                self._reports.await_report(each.number, report_on(draft))
        if not self._backlog.is_behind:
            self._backlog.hand_over([each for each in stored if isinstance(each, OutboxEvent)])
        if not self._spools:
            self._backlog.await_handed_over(self._start_timeout())
        return [each if isinstance(each, Misuse) else None for each in stored]

    def _make_message(self, draft: Draft, sequence: int | None) -> Message:
        fact = draft.fact if sequence is None else draft.number_fact(sequence)
        if draft.numbered:
            self.own_numbers[draft.recorder] = max(fact.source_sequence, self.own_numbers.get(draft.recorder, 0))
        headers = [*draft.list_headers(fact), *list_trace_headers()]
        return Message(fact.threat_id.encode(), self._codec.encode_fact(fact), headers)

    def _start_timeout(self) -> "StallTimeout":
        return StallTimeout(self._transport, self._wait_seconds)

    def _serve_reports(self) -> None:
        while not self._closing.is_set():
            self._transport.poll(POLL_SECONDS)
            if self._lock.acquire(blocking=False):
                try:
                    if self._reports.count_acknowledged() >= FORGET_EVENTS or not self._transport.count_underway():
                        self._backlog.settle_events()
                    if self._backlog.is_behind:
                        self._backlog.hand_over_all()
                except LedgerError as error:
                    self._failure = error
                finally:
                    self._lock.release()


class StallTimeout:
    """Waits a little at each call, and raises once it has waited too long in all."""

    def __init__(self, transport: Transport, seconds: float | None) -> None:
        self._transport = transport
        self._seconds = seconds
        self._since = time.monotonic()

    def __call__(self) -> None:
        """Sleep a moment.

        Raises:
            Unavailable: the bound has passed.
        """
        if self._seconds is not None and time.monotonic() - self._since > self._seconds:
            raise Unavailable(
                f"nothing was acknowledged for {self._seconds:g} s ({self._transport.trouble}): is it reachable?"
            )
        time.sleep(FULL_QUEUE_PAUSE_SECONDS)
