"""The synthetic year on its way to Kafka, in a thread, through the same publisher that a force uses."""

import threading
from collections.abc import Sequence

from local.stack import LocalStack
from producers import Publisher
from synthetic import PlannedEvent

ACKNOWLEDGED_WITHIN_SECONDS = 60.0


class YearPublisher:
    """Publishes a year's events; ``acknowledged`` grows as the broker confirms them."""

    def __init__(self, whole: LocalStack, sent: Sequence[PlannedEvent]) -> None:
        self.total = len(sent)
        self.acknowledged = 0
        self._whole = whole
        self._sent = sent
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def check(self) -> bool:
        """Return whether all is acknowledged; raise what went wrong, here or with a part of the whole."""
        self._whole.check()
        if self._failure is not None:
            raise self._failure
        return self.acknowledged >= self.total

    def _run(self) -> None:
        try:
            with Publisher(self._whole.settings, wait_seconds=ACKNOWLEDGED_WITHIN_SECONDS) as publisher:
                publisher.publish_many((item.event for item in self._sent), on_progress=self._note_progress)
        except Exception as error:
            self._failure = error

    def _note_progress(self, acknowledged: int) -> None:
        self.acknowledged = acknowledged
