"""Delivery reports of events that lie in the outbox: who waits for which, and what can be taken off the disk."""

from collections import deque
from typing import Any

from producers.delivery import explain_failure, is_refused_for_good
from producers.outbox import Outbox
from producers.transport import Report


class OutboxReports:
    """Keeps, by an event's number in the outbox, the caller's report and what became of the event.

    ``note_report`` is called by the client's thread and takes no lock; all else belongs to whoever holds the sender's.
    """

    def __init__(self) -> None:
        self._reports: dict[int, Report] = {}
        self._acknowledged: deque[int] = deque()
        self._refused: deque[tuple[int, str]] = deque()
        self._left_over: set[int] = set()

    def await_report(self, number: int, report: Report) -> None:
        """Have ``report`` called with the delivery report of the event of this number."""
        self._reports[number] = report

    def note_report(self, number: int, error: Any, message: Any) -> None:
        """Take the client's delivery report of one event, and hand it to the caller that waits for it."""
        if error is None:
            self._acknowledged.append(number)
        elif is_refused_for_good(error):
            self._refused.append((number, str(explain_failure(error))))
        report = self._reports.pop(number, None)
        if report:
            report(error, message)
        elif is_refused_for_good(error):
            self._left_over.add(number)

    def count_acknowledged(self) -> int:
        """Count the acknowledged events that still lie in the outbox."""
        return len(self._acknowledged)

    def is_left_over(self, number: int) -> bool:
        """Return whether the event was refused and no caller of this publisher waits for it."""
        return number in self._left_over

    def settle_events(self, outbox: Outbox) -> None:
        """Take what was acknowledged, or refused for good, off the outbox."""
        if self._acknowledged:
            outbox.remove_events([self._acknowledged.popleft() for _ in range(len(self._acknowledged))])
        if self._refused:
            outbox.set_aside([self._refused.popleft() for _ in range(len(self._refused))])

    def give_up(self, error: Any) -> None:
        """Tell every caller that still waits that its event was left unacknowledged."""
        for report in list(self._reports.values()):
            report(error, None)
