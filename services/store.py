"""``python -m services.store --state DIR --port N``: the store's one process in embedded mode.

In order:
1. the store is opened and its tables are brought to this version;
2. the loader starts in a thread of its own, so do the judge of alerts and the keeper of feeds, and the read API
   answers on loopback;
3. on SIGTERM or SIGINT the loader finishes its write and stops, then the API, then the store is closed: exit 0;
4. if the loader ends by itself, the API stops and the process exits 1, and the supervisor starts it again; where it
   cannot even end (its memory has run out), the kernel ends it;
5. tables that were being built beside those that are shown (``services.rebuild``) are built on.
"""

import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from dashboard.api import build_api_of
from infra.interpreter import prepare_answering
from infra.settings import Settings
from queries.published import open_published
from queries.store_answers import StoreAnswers
from queries.watch import Watch
from services.loading import LoadingParts
from services.program import parse_arguments, run_program
from services.rebuild import Rebuild
from services.serving import hold_loopback, make_server, name_service
from sinks.loader_health import LoaderHealth
from sinks.migration import migrate_store
from sinks.store import Store, open_store

NAME = "service"
ENDING_SECONDS: Final = 15  # for what is being written and answered, once the loader has ended by itself


class StoreService:
    """Loader and read API over one open store, and whoever builds its tables anew."""

    def __init__(self, settings: Settings, store: Store, host: str, port: int) -> None:
        self._stop = threading.Event()
        self._failed = False
        published = open_published(settings, store)
        self._watch = Watch(settings, store, published)
        answers = StoreAnswers(settings, store, published, self._watch, self.read_loader_health)
        self._parts = LoadingParts(settings, store, answers, self._end_service)
        self._rebuild = Rebuild(settings, store, self._parts, self._end_service)
        self._server = make_server(build_api_of(settings, answers, self._rebuild), host, port, self._stop)

    def run(self) -> int:
        """Serve until a signal, or until the loader fails; the exit code."""
        prepare_answering()
        ending = threading.Thread(target=self._await_end, name="ending")
        self._parts.start()
        self._watch.start()
        ending.start()
        try:
            self._rebuild.start()
            self._server.run()
        finally:  # it may have ended by itself: its port was taken
            self._stop.set()
            self._watch.close()
            ending.join()
        return 1 if self._failed or not self._server.started else 0

    def read_loader_health(self) -> LoaderHealth:
        """Return what ``/v1/health`` says of the loader."""
        return self._parts.read_health()

    def _await_end(self) -> None:
        """Wait until it is to end; then end what writes, and then what answers."""
        self._stop.wait()
        self._rebuild.close()
        self._parts.stop()
        self._server.should_exit = True

    def _end_service(self) -> None:
        """End the service: the supervisor starts it again. The alarm needs neither memory nor a thread."""
        self._failed = True
        signal.alarm(ENDING_SECONDS)
        self._stop.set()


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
        signal.alarm(0)


if __name__ == "__main__":
    sys.exit(main())
