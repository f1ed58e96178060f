"""``python -m services.store --state DIR --port N``: the store's one process in embedded mode.

In order:
1. the store is opened and its tables are brought to this version;
2. the loader starts in a thread of its own, so do the judge of alerts and the keeper of feeds, and the read API
   answers on loopback;
3. on SIGTERM or SIGINT the loader finishes its write and stops, then the API, then the store is closed: exit 0;
4. if the loader ends by itself, the API stops and the process exits 1, and the supervisor starts it again.
"""

import sys
import threading
from collections.abc import Sequence

import structlog

from dashboard.api import build_api_of
from infra.settings import Settings
from infra.status import say_last_words
from ledger.errors import LedgerError
from queries.published import open_published
from queries.store_answers import StoreAnswers
from queries.watch import Watch
from services.alert_judge import AlertJudge
from services.serving import hold_loopback, make_server, name_service, parse_arguments, run_program
from sinks.feed_keeper import FeedKeeper
from sinks.loader import Loader
from sinks.migration import migrate_store
from sinks.session import LoaderHealth
from sinks.store import Store, open_store

NAME = "service"
_log = structlog.get_logger("services.store")


class StoreService:
    """Loader and read API over one open store."""

    def __init__(self, settings: Settings, store: Store, host: str, port: int) -> None:
        self._stop = threading.Event()
        self._loader = Loader(settings, store)
        self._failed = False
        self._thread = threading.Thread(target=self._run_loader, name="loader")
        self._feeds = threading.Thread(target=FeedKeeper(settings, store).run, args=(self._stop,), name="feeds")
        published = open_published(settings, store)
        self._watch = Watch(settings, store, published)
        answers = StoreAnswers(settings, store, published, self._watch, self.read_loader_health)
        judge = AlertJudge(settings, store, answers)
        self._judging = threading.Thread(target=judge.run, args=(self._stop,), name="alerts")
        api = build_api_of(settings, answers)
        self._server = make_server(api, host, port, self._stop)

    def run(self) -> int:
        """Serve until a signal, or until the loader fails; the exit code."""
        self._thread.start()
        self._feeds.start()
        self._watch.start()
        self._judging.start()
        try:
            self._server.run()
        finally:  # it may have ended by itself: its port was taken
            self._stop.set()
            self._watch.close()
            self._judging.join()
            self._thread.join()
            self._feeds.join()
        return 1 if self._failed or not self._server.started else 0

    def read_loader_health(self) -> LoaderHealth:
        """Return what ``/v1/health`` says of the loader."""
        return self._loader.health

    def _run_loader(self) -> None:
        try:
            self._loader.run(self._stop)
        except LedgerError as error:
            _log.error("loader failed", reason=str(error))
            say_last_words(f"the loader failed: {error}")
            self._failed = True
        except Exception as error:
            _log.exception("loader failed")
            say_last_words(f"the loader failed: {type(error).__name__}")
            self._failed = True
        else:
            self._failed = not self._stop.is_set()
        finally:
            self._server.should_exit = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve; the exit code."""
    asked = parse_arguments(arguments, "services.store", "The store, its loader and the read API.")
    return run_program(NAME, asked.state, lambda settings: serve_store(settings, asked.host, asked.port))


def serve_store(settings: Settings, host: str, port: int) -> int:
    """Open, migrate, serve, close."""
    hold_loopback(host)
    store = open_store(settings)
    try:
        migrate_store(store)
        with name_service(settings, NAME, host, port):
            return StoreService(settings, store, host, port).run()
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
