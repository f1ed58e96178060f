"""What stands between a publisher's callers and Kafka: encoding, the outbox, the backlog, one thread that polls.

*Backlog*: the outbox holds events beyond the last one handed over. Later events queue behind them on disk, so that a
threat's events reach Kafka in the order in which they were taken, whatever happens in between.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any, Final

from ledger.errors import LedgerError, Misuse, Unavailable
from producers.delivery import explain_failure, is_rejected_for_good
from producers.drafts import Draft, Message, make_headers
from producers.outbox import Outbox, OutboxEvent, RejectedEvent
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
        self._outbox_path = outbox_path
        self._spools = spools
        self._wait_seconds = wait_seconds
        self._outbox: Outbox | None = None
        self._backlog = False
        self._rest: Sequence[OutboxEvent] = ()  # the first of the backlog, already read
        self._handed = 0  # number in the outbox of the last event handed over
        self._reports: dict[int, Report] = {}
        self._acknowledged: deque[int] = deque()
        self._refused: deque[tuple[int, str]] = deque()
        self._left_over: set[int] = set()  # refused events that no caller of this publisher waits for
        self._failure: LedgerError | None = None
        self._lock = Lock()
        self._closing = Flag()
        self._thread = Thread(target=self._serve_reports, name="publisher", daemon=True)

    def start(self) -> None:
        """Open the outbox where it is needed or left from before, and begin to serve."""
        if self._spools:
            self._open_outbox()
        elif self._outbox_path.exists():
            try:
                self._open_outbox()
            except Misuse:  # its holder sends what it holds; this publisher may not need it
                self._outbox = None
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
        with self._lock:
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
            self._open_outbox().continue_after(recorder, sequence)

    def count_pending(self) -> int:
        """Count the events not yet acknowledged: underway, and on disk behind them."""
        with self._lock:
            self._forget_settled()
            behind = self._outbox.count_after(self._handed) if self._outbox and self._backlog else 0
            return behind + self._transport.count_underway()

    def stop(self) -> int:
        """Stop serving and let go; return how many events were left unacknowledged."""
        self._closing.set()
        self._thread.join()
        try:
            left = self.count_pending()
            self._transport.drop_messages()
            self._forget_settled()
        finally:
            for report in list(self._reports.values()):
                report(self._transport.purged, None)
            if self._outbox:
                self._outbox.close()
        return left

    def list_rejected(self, *, left_over: bool) -> list[RejectedEvent]:
        """List what the outbox keeps as rejected; ``left_over``: of it what an earlier publisher left, rejected now."""
        with self._lock:
            self._forget_settled()
            kept = self._outbox.list_rejected() if self._outbox else []
            return [each for each in kept if not left_over or each.number in self._left_over]

    def _take_directly(self, draft: Draft, report_on: ReportOn) -> Misuse | None:
        try:
            message = self._make_message(draft, None)
        except Misuse as refused:
            return refused
        report, patience = report_on(draft), self._start_timeout()
        while not self._transport.offer_message(message, report):
            patience()
        return None

    def _take_through_outbox(self, drafts: Sequence[Draft], report_on: ReportOn) -> list[Misuse | None]:
        outbox = self._open_outbox()
        if not self._spools:
            self._await_drained()
        stored = outbox.store_drafts(drafts, self._make_message)
        for draft, each in zip(drafts, stored, strict=True):
            if isinstance(each, OutboxEvent):
                self._reports[each.number] = report_on(draft)
        if not self._backlog:
            self._hand_over([each for each in stored if isinstance(each, OutboxEvent)])
        if not self._spools:
            self._await_drained()
        return [each if isinstance(each, Misuse) else None for each in stored]

    def _make_message(self, draft: Draft, sequence: int | None) -> Message:
        fact = draft.fact if sequence is None else draft.number_fact(sequence)
        return Message(fact.threat_id.encode(), self._codec.encode_fact(fact), make_headers(fact))

    def _hand_over(self, waiting: Sequence[OutboxEvent]) -> bool:
        """Hand stored events to the client in their order; False when its queue is full: a backlog."""
        self._backlog = True  # until all are over: an interrupted call leaves the rest to the thread
        for index, (number, message) in enumerate(waiting):
            if not self._transport.offer_message(message, partial(self._note_report, number)):
                self._rest = waiting[index:]
                return False
            self._handed = number
        self._backlog, self._rest = False, ()
        return True

    def _drain_backlog(self) -> bool:
        """Hand over the backlog; False when the client's queue is full before its end."""
        while self._outbox and (waiting := self._rest or self._outbox.list_after(self._handed)):
            if not self._hand_over(waiting):
                return False
        self._backlog = False
        return True

    def _await_drained(self) -> None:
        patience = self._start_timeout()
        while self._backlog and not self._drain_backlog():
            patience()

    def _note_report(self, number: int, error: Any, message: Any) -> None:
        if error is None:
            self._acknowledged.append(number)
        elif is_rejected_for_good(error):
            self._refused.append((number, str(explain_failure(error))))
        report = self._reports.pop(number, None)
        if report:
            report(error, message)
        elif is_rejected_for_good(error):
            self._left_over.add(number)

    def _start_timeout(self) -> "StallTimeout":
        return StallTimeout(self._transport, self._wait_seconds)

    def _open_outbox(self) -> Outbox:
        if self._outbox is None:
            self._outbox = Outbox(self._outbox_path)
            self._backlog = self._outbox.count_after(0) > 0  # what a publisher before this one left
        return self._outbox

    def _serve_reports(self) -> None:
        while not self._closing.is_set():
            self._transport.poll(POLL_SECONDS)
            if self._lock.acquire(blocking=False):
                try:
                    if len(self._acknowledged) >= FORGET_EVENTS or not self._transport.count_underway():
                        self._forget_settled()
                    if self._backlog:
                        self._drain_backlog()
                except LedgerError as error:
                    self._failure = error
                finally:
                    self._lock.release()

    def _forget_settled(self) -> None:
        """Take what was acknowledged, or rejected for good, off the outbox."""
        if self._outbox and self._acknowledged:
            self._outbox.remove_events([self._acknowledged.popleft() for _ in range(len(self._acknowledged))])
        if self._outbox and self._refused:
            self._outbox.set_aside([self._refused.popleft() for _ in range(len(self._refused))])


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
