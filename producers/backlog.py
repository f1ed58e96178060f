"""The outbox as the sender goes through it: what was handed over to the client, and what lies behind that.

*Backlog*: the outbox holds events beyond the last one handed over. Later events queue behind them on disk, so that a
threat's events reach Kafka in the order in which they were taken, whatever happens in between.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from producers.outbox import Outbox, OutboxEvent
from producers.outbox_reports import OutboxReports
from producers.transport import Transport


class OutboxBacklog:
    """Hands the events of one outbox to the client in their order.

    Args:
        transport: the Kafka client.
        path: of the outbox, which is opened when first needed.
        reports: told of every delivery.
    """

    def __init__(self, transport: Transport, path: Path, reports: OutboxReports) -> None:
        self._transport = transport
        self._path = path
        self._reports = reports
        self.outbox: Outbox | None = None
        self.is_behind = False
        self._rest: Sequence[OutboxEvent] = ()  # the first of the backlog, already read
        self._handed = 0  # number in the outbox of the last event handed over

    def is_there(self) -> bool:
        """Return whether an outbox is there from before."""
        return self._path.exists()

    def open_outbox(self) -> Outbox:
        """Open the outbox where it is not open yet. Raises Misuse when another publisher holds it."""
        if self.outbox is None:
            self.outbox = Outbox(self._path)
            self.is_behind = self.outbox.count_after(0) > 0  # what a publisher before this one left
        return self.outbox

    def hand_over(self, waiting: Sequence[OutboxEvent]) -> bool:
        """Hand stored events to the client in their order; return False when its queue is full: a backlog."""
        self.is_behind = True  # until all are over: an interrupted call leaves the rest to the thread
        for index, (number, message) in enumerate(waiting):
            if not self._transport.offer_message(message, partial(self._reports.note_report, number)):
                self._rest = waiting[index:]
                return False
            self._handed = number
        self.is_behind, self._rest = False, ()
        return True

    def hand_over_all(self) -> bool:
        """Hand over the backlog; return False when the client's queue is full before its end."""
        while self.outbox and (waiting := self._rest or self.outbox.list_after(self._handed)):
            if not self.hand_over(waiting):
                return False
        self.is_behind = False
        return True

    def await_handed_over(self, pause: Callable[[], None]) -> None:
        """Hand over the backlog to its end, with a ``pause``, which may raise, whenever the client's queue is full."""
        while self.is_behind and not self.hand_over_all():
            pause()

    def count_behind(self) -> int:
        """Count the events on disk that are not handed over yet."""
        return self.outbox.count_after(self._handed) if self.outbox and self.is_behind else 0

    def settle_events(self) -> None:
        """Take what was acknowledged, or refused for good, off the outbox."""
        if self.outbox:
            self._reports.settle_events(self.outbox)

    def close(self) -> None:
        """Close the outbox; what it holds is sent by the next publisher that opens it."""
        if self.outbox:
            self.outbox.close()
