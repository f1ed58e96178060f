"""Filling the next generation of the tables from the topics, beside the one that is shown, until it is stopped.

In order:
1. its tables are made, where they are not there;
2. its own loader reads the output topics, from where its own tables say that they have come; so do the keeper of feeds
   and the history of alerts;
3. once it has read all that there is, it follows.
A process that was killed at any of it goes on from the tables.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import structlog
from confluent_kafka import KafkaException

from infra.settings import Settings
from infra.topic_admin import build_admin_client
from infra.topic_identity import find_highs
from infra.topics import ENTRIES, HEARTBEATS, REJECTED
from ledger.errors import LedgerError, Unavailable
from queries.published import open_published
from queries.store_answers import StoreAnswers
from schemas.registry import resolve_ids
from sinks.alert_history import AlertHistory
from sinks.feed_events import PAGE_EVENTS
from sinks.feed_keeper import FeedKeeper
from sinks.loader import Loader
from sinks.migration import migrate_anew
from sinks.positions import find_stored
from sinks.progress import read_progress
from sinks.role import LoaderRole
from sinks.session import describe_outage
from sinks.store import Store

RETRY_SECONDS: Final = 1.0
LISTEN_SECONDS: Final = 0.2
HURRY_SECONDS: Final = 0.01  # while a whole page of events is waiting
COVER_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.02
LEFT_MOST: Final = 1_000  # what comes meanwhile, and markers of transactions, which are no records
PlaceT = TypeVar("PlaceT")
_log = structlog.get_logger("services.rebuild")


class TableBuild:
    """One generation being filled. ``answers`` answers from it once ``is_made``.

    Args:
        store: shows the generation that is to be filled; its database is there.
        role: as which its loader loads.
    """

    def __init__(self, settings: Settings, store: Store, role: LoaderRole) -> None:
        self._settings = settings
        self._role = role
        self._stop = threading.Event()
        self._loader = Loader(settings, store, role)
        self._feeds = FeedKeeper(settings, store)
        self._thread = threading.Thread(target=self._run, name="rebuild")
        self._loading = threading.Thread(target=self._load, name="rebuild-loader")
        self._published = open_published(settings, store)
        self._began: tuple[float, int] | None = None
        self._wanted: Mapping[int, int] | None = None
        self._kept_up = False
        self._trouble: str | None = None
        self._ended: str | None = None  # why its loader loads no more
        self.store = store
        self.answers = StoreAnswers(settings, store, self._published)
        self.is_made = False
        self.has_caught_up = False

    @property
    def rate(self) -> int:
        """Return how many records a second it takes at most; 0: as fast as it goes."""
        return self._role.rate or 0

    @property
    def ended(self) -> str | None:
        """Return why its loader loads no more; None while it does."""
        return self._ended

    @property
    def trouble(self) -> str | None:
        """Return what it waits for."""
        health = self._loader.health
        return self._ended or self._trouble or (health.trouble if health.degraded else None) or health.damage

    def start(self) -> None:
        """Fill it from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop filling it; what was being written is written."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._published.close()

    def measure_progress(self, find_wanted: Callable[[], Mapping[int, int]]) -> tuple[int, int, float | None]:
        """Measure the records read into it, how many there are, and how many a second it takes. Raises Unavailable.

        It has caught up once it shows the positions that were wanted when this was asked before, and hardly a record
        is left.
        """
        come = read_progress(self.store) if self.is_made else {}
        places = [(topic, one) for topic in (ENTRIES, REJECTED) for one in range(self._settings.partitions)]
        ends = find_highs(build_admin_client(self._settings), places)
        done, total = sum(min(come.get(place, 0), end) for place, end in ends.items()), sum(ends.values())
        if self.is_made and self._began is None:
            self._began = time.monotonic(), done
        if self.is_made and not self.has_caught_up:
            shown = self._kept_up and self._wanted is not None and _cover_places(find_stored(self.store), self._wanted)
            self.has_caught_up = shown and total - done <= LEFT_MOST
            self._wanted = find_wanted()
        seconds, first = (time.monotonic() - self._began[0], self._began[1]) if self._began else (0.0, 0)
        return done, total, (done - first) / seconds if seconds > 0 and done > first else None

    def await_cover(self, live: Store) -> None:
        """Wait until it shows every position that ``live`` shows, which nobody writes to meanwhile.

        Raises:
            Unavailable: it did not in ``COVER_SECONDS``.
        """
        wanted = find_stored(live)
        _await_reach(lambda: _cover_places(find_stored(self.store), wanted), "the positions that are shown")

    def finish_feeds(self, live: Store) -> None:
        """Read what ``live`` shows of feeds and alerts, once it is stopped. Raises as ``await_cover``."""
        heard = {place: at for place, at in read_progress(live).items() if place[0] == HEARTBEATS}
        alerts = AlertHistory(self._settings, self.store, resolve_ids(self._settings))
        try:
            _await_reach(lambda: not self._feeds.catch_up(HURRY_SECONDS), "the events of feeds")
            _await_reach(
                lambda: self._feeds.catch_up(LOOK_SECONDS) == 0 and _cover_places(read_progress(self.store), heard),
                "heartbeats",
            )
            _await_reach(lambda: alerts.take_some(LISTEN_SECONDS) == 0 and alerts.has_read_all(), "the alerts")
        finally:
            alerts.close()
            self._feeds.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._make_tables()
                self._follow_feeds()
            except (LedgerError, KafkaException) as error:
                self._note_trouble(describe_outage(error))
            except Exception as error:  # a defect of ours ends no service
                _log.exception("rebuild failed")
                self._note_trouble(type(error).__name__)
        if self._loading.ident is not None:
            self._loading.join()

    def _make_tables(self) -> None:
        """Make the tables, and start the loader, once."""
        if not self.is_made:
            migrate_anew(self.store)
            self.is_made = True
            self._loading.start()

    def _load(self) -> None:
        try:
            self._loader.run(self._stop)
        except Exception as error:
            _log.exception("rebuild failed")
            self._ended = str(error) if isinstance(error, LedgerError) else type(error).__name__

    def _follow_feeds(self) -> None:
        """Keep feeds and alerts until it is stopped."""
        alerts = AlertHistory(self._settings, self.store, resolve_ids(self._settings))
        try:
            kept = 0
            while not self._stop.is_set():
                kept = self._feeds.catch_up(HURRY_SECONDS if kept >= PAGE_EVENTS else LISTEN_SECONDS)
                self._kept_up = alerts.take_some(0.0) == 0 and kept < PAGE_EVENTS and alerts.has_read_all()
                self._trouble = None
        finally:
            alerts.close()
            self._feeds.close()

    def _note_trouble(self, what: str) -> None:
        _log.warning("rebuild waits", trouble=what)
        self._trouble = what
        self._stop.wait(RETRY_SECONDS)


def _cover_places(found: Mapping[PlaceT, int], wanted: Mapping[PlaceT, int]) -> bool:
    """Tell whether what was found reaches as far as what is wanted, in every place."""
    return all(found.get(place, 0) >= at for place, at in wanted.items())


def _await_reach(is_so: Callable[[], bool], what: str) -> None:
    """Wait until it is so. Raises Unavailable after ``COVER_SECONDS``."""
    deadline = time.monotonic() + COVER_SECONDS
    while not is_so():
        if time.monotonic() >= deadline:
            raise Unavailable(
                f"the next generation did not reach {what} in {COVER_SECONDS:.0f} s: nothing was switched; try again"
            )
        time.sleep(LOOK_SECONDS)
