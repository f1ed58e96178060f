"""What follows the topics into the tables that are shown: loader, keeper of feeds and judge of alerts, in threads."""

import threading
from collections.abc import Callable

import structlog

from infra.exhaustion import find_exhausted
from infra.settings import Settings
from infra.status import say_last_words
from ledger.errors import LedgerError
from queries.store_answers import StoreAnswers
from services.alert_judge import AlertJudge
from sinks.feed_keeper import FeedKeeper
from sinks.loader import Loader
from sinks.loader_health import LoaderHealth
from sinks.store import Store

_log = structlog.get_logger("services.loading")


class LoadingParts:
    """The three over one store, from ``start`` to ``stop``; both may be called again.

    Args:
        store: each start stays with the generation that it shows then.
        on_failure: called where the loader ends by itself.
    """

    def __init__(self, settings: Settings, store: Store, answers: StoreAnswers, on_failure: Callable[[], None]) -> None:
        self._settings = settings
        self._store = store
        self._answers = answers
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._loader = Loader(settings, store.pin_generation())

    def read_health(self) -> LoaderHealth:
        """Return how the loader does."""
        return self._loader.health

    def start(self) -> None:
        """Follow the topics from now on."""
        store, self._stop = self._store.pin_generation(), threading.Event()
        self._loader = Loader(self._settings, store)
        feeds, judge = FeedKeeper(self._settings, store), AlertJudge(self._settings, store, self._answers)
        runs = {"loader": self._run_loader, "feeds": feeds.run, "alerts": judge.run}
        self._threads = [threading.Thread(target=run, args=(self._stop,), name=name) for name, run in runs.items()]
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        """End all three; what they were writing is written. Nothing happens where they do not run."""
        self._stop.set()
        for one in self._threads:
            one.join()
        self._threads = []

    def _run_loader(self, stop: threading.Event) -> None:
        try:
            self._loader.run(stop)
        except LedgerError as error:
            _log.error("loader failed", reason=str(error))
            say_last_words(f"the loader failed: {error}")
        except Exception as error:
            _log.exception("loader failed")
            say_last_words(f"the loader failed: {find_exhausted() or type(error).__name__}")
        if not stop.is_set():
            self._on_failure()
