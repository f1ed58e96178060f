"""Many events on their way to the broker: each ends as acknowledged, as refused with its reason, or as unknown."""

from collections.abc import Callable, Sequence
from typing import Final

from ledger.errors import Misuse
from ledger.events import Event
from producers.delivery import DeliveryTracker, Receipt
from producers.drafts import Draft, make_draft
from producers.sender import Sender, StallTimeout
from producers.transport import Report

PROGRESS_SECONDS: Final = 0.2

OnRefused = Callable[[Event | Draft, str], None]
OnProgress = Callable[[int], None]
OnUnknown = Callable[[list[Draft]], None]


class BulkDelivery:
    """Many events on their way: what was taken of them, acknowledged, refused, and what nobody knows.

    Args:
        sender: takes drafts.
        on_refused: called with each event that is refused, and the reason; without it the first one raises.
        on_progress: called with the number acknowledged so far.
    """

    def __init__(self, sender: Sender, on_refused: OnRefused | None, on_progress: OnProgress | None) -> None:
        self._sender = sender
        self._on_refused = on_refused or _raise_refusal
        self._on_progress = on_progress or _keep_quiet
        self._underway = DeliveryTracker()
        self._accepted = 0
        self._waiting: dict[int, Draft] = {}  # of the part that is being taken, by identity

    @property
    def receipt(self) -> Receipt:
        """How many events were taken and not refused, and how many of them are acknowledged."""
        return Receipt(self._accepted, self._underway.acknowledged)

    def take_some(self, events: Sequence[Event | Draft]) -> None:
        """Take the next events, in order. Raises as ``Publisher.publish_many`` does."""
        drafts = [draft for event in events if (draft := self._make_draft(event))]
        self._waiting = {id(draft): draft for draft in drafts}
        outcomes = self._sender.take_drafts(drafts, self._report_on)
        self._waiting = {}
        self._accepted += outcomes.count(None)
        for draft, refused in zip(drafts, outcomes, strict=True):
            if refused:
                self._on_refused(draft, str(refused))
        self._look_at_reports()

    def await_reports(self, make_patience: Callable[[], StallTimeout]) -> None:
        """Return once all that was taken is reported. Raises as ``Publisher.publish_many`` does."""
        patience, before = make_patience(), self._underway.acknowledged
        while not self._underway.wait_reported(PROGRESS_SECONDS):
            self._look_at_reports()
            if self._underway.acknowledged > before:
                patience, before = make_patience(), self._underway.acknowledged
            patience()
        self._look_at_reports()

    def await_last(self, seconds: float) -> None:
        """Count what is reported within so long; an error has ended the work, and the reports tell how it stands."""
        self._underway.wait_reported(seconds)
        self._count_reports()

    def list_unknown(self) -> list[Draft]:
        """List the drafts neither acknowledged nor refused, in no order; also those of a part that was cut short."""
        return [*self._underway.list_unknown(), *self._waiting.values()]

    def _report_on(self, draft: Draft) -> Report:
        self._waiting.pop(id(draft), None)
        return self._underway.report_on(draft)

    def _make_draft(self, event: Event | Draft) -> Draft | None:
        try:
            return make_draft(event)
        except Misuse as refused:
            self._on_refused(event, str(refused))
            return None

    def _look_at_reports(self) -> None:
        self._count_reports()
        if self._underway.failure:
            raise self._underway.failure

    def _count_reports(self) -> None:
        for draft, reason in self._underway.take_refused():
            self._accepted -= 1
            self._on_refused(draft, reason)
        self._on_progress(self._underway.acknowledged)


def _raise_refusal(_event: Event | Draft, reason: str) -> None:
    raise Misuse(reason)


def _keep_quiet(_acknowledged: int) -> None:
    """Do nothing: nobody asked for progress."""
