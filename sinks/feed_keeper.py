"""How publishers do, kept beside the loading: heartbeats as they come, events as they are stored.

It may fail at anything and harms nothing by it: no figure rests on it, what it missed is there to be read again, and
health says that it stands.
"""

import threading
import time
from typing import Final

import structlog

from infra.settings import Settings
from infra.status import end_trouble, report_trouble
from ledger.errors import LedgerError
from schemas.codec import Codec
from schemas.registry import resolve_ids
from sinks.feed_events import PAGE_EVENTS, FeedEventWriter
from sinks.heartbeats import HeartbeatReader
from sinks.store import Store

LISTEN_SECONDS: Final = 0.5
FOLLOW_SECONDS: Final = 2.0  # a feed is judged by minutes and days, and the engine has figures to answer meanwhile
RETRY_SECONDS: Final = 5.0
TROUBLE: Final = "feeds"
REMEDY: Final = "figures are not touched; see the log of this part, and that the broker has the topic soc.heartbeats"
_log = structlog.get_logger("sinks.feed_keeper")


class FeedKeeper:
    """Keeps ``heartbeats`` and ``feed_events`` of one store."""

    def __init__(self, settings: Settings, store: Store) -> None:
        codec = Codec(resolve_ids(settings))
        self._heartbeats = HeartbeatReader(settings, store, codec)
        self._events = FeedEventWriter(store, codec)
        self._due_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Keep them until ``stop`` is set, whatever happens."""
        while not stop.is_set():
            try:
                self.keep_up(LISTEN_SECONDS)
                end_trouble(TROUBLE)
            except Exception as error:
                self._heartbeats.close()
                self._tell_trouble(error)
                stop.wait(RETRY_SECONDS)
        self._heartbeats.close()

    def keep_up(self, seconds: float) -> int:
        """Read what was stored meanwhile, then listen for so long; how many events. Raises whatever befalls it.

        Only where a whole page was waiting it reads on at once, and at most half of the time: a loader that fills a
        store is not slowed by it more than that.
        """
        kept = self._follow_store(seconds) if time.monotonic() >= self._due_at else 0
        self._heartbeats.take_some(seconds)
        return kept

    def catch_up(self, seconds: float) -> int:
        """Read as ``keep_up`` does, however lately that was done; how many events. Raises as it does."""
        kept = self._follow_store(seconds)
        self._heartbeats.take_some(seconds)
        return kept

    def _follow_store(self, seconds: float) -> int:
        began, kept = time.monotonic(), 0
        while True:
            some = self._events.follow_store()
            kept += some
            if some < PAGE_EVENTS:
                self._due_at = time.monotonic() + FOLLOW_SECONDS
                return kept
            if time.monotonic() - began >= seconds:
                return kept

    def close(self) -> None:
        """Let go of the broker; the next call connects again."""
        self._heartbeats.close()

    @staticmethod
    def _tell_trouble(error: Exception) -> None:
        text = str(error) if isinstance(error, LedgerError) else type(error).__name__
        _log.warning("feeds are not kept", trouble=text, retry_seconds=RETRY_SECONDS)
        report_trouble(TROUBLE, f"heartbeats and sequences are not being read: {text}", remedy=REMEDY)
